from __future__ import annotations

import json

import pytest

from sagemaker_rt.emulator.endpoints import ColdStart, Deployment, Deployments
from sagemaker_rt.emulator.models import echo, json_model
from sagemaker_rt.emulator.responses import Refusal
from sagemaker_rt.errors import OptionsError


def message_of(refused: pytest.ExceptionInfo[Refusal]) -> object:
    return json.loads(refused.value.answer.body)["message"]


def deployed(cold_start: ColdStart) -> Deployment:
    return Deployment(endpoint_name="m", model=echo, cold_start=cold_start)


def is_ready(deployment: Deployment, target: str | None, now: float) -> bool:
    try:
        deployment.load(target, now)
    except Refusal as refused:
        return refused.answer.status != 429
    return True


def test_an_unknown_endpoint_is_refused_by_name_and_account() -> None:
    deployments = Deployments(lambda: "123456789012", {})

    with pytest.raises(Refusal) as refused:
        deployments.find("m")

    assert "Endpoint m of account 123456789012 not found." == message_of(refused)


def test_a_deployment_takes_the_place_of_one_with_its_name() -> None:
    deployments = Deployments(lambda: "1", {"m": echo})

    deployments.add(Deployment(endpoint_name="m", model=json_model))

    assert json_model is deployments.find("m").model_of(None)


def test_an_endpoint_without_any_model_is_not_deployed() -> None:
    with pytest.raises(OptionsError, match="'m' has no model"):
        Deployments(lambda: "1", {}).add(Deployment(endpoint_name="m", model=None))


def test_an_endpoint_without_any_variant_is_not_deployed() -> None:
    deployment = Deployment(endpoint_name="m", model=echo, variants=())

    with pytest.raises(OptionsError, match="'m' has no variant"):
        Deployments(lambda: "1", {}).add(deployment)


def test_a_component_answers_for_itself() -> None:
    deployment = Deployment(
        endpoint_name="m", model=echo, inference_components={"c": json_model}
    )

    assert json_model is deployment.model_of("c")
    assert echo is deployment.model_of(None)


def test_an_unknown_component_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        deployed(ColdStart()).model_of("c")

    assert "Inference Component c not found." == message_of(refused)


def test_a_component_must_be_named_where_there_is_nothing_else() -> None:
    deployment = Deployment(
        endpoint_name="m", model=None, inference_components={"c": echo}
    )

    with pytest.raises(Refusal, match="400"):
        deployment.model_of(None)


def test_the_first_variant_takes_requests_that_name_none() -> None:
    deployment = Deployment(endpoint_name="m", model=echo, variants=("blue", "green"))

    assert "blue" == deployment.variant(None)
    assert "green" == deployment.variant("green")


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        deployed(ColdStart()).variant("red")

    assert "Variant red of endpoint m not found." == message_of(refused)


def test_a_warm_model_is_ready_at_once() -> None:
    assert is_ready(deployed(ColdStart()), None, 0)


def test_each_target_model_refuses_the_first_requests_for_it() -> None:
    deployment = deployed(ColdStart(requests=2))

    answers = [is_ready(deployment, target, 0) for target in ("a", "a", "b", "a", "b")]

    assert [False, False, False, True, False] == answers


def test_a_target_model_is_not_ready_until_its_time_has_passed() -> None:
    deployment = deployed(ColdStart(duration=5))

    answers = [is_ready(deployment, "a", now) for now in (100, 104.9, 105)]

    assert [False, False, True] == answers


def test_of_two_limits_both_must_have_passed() -> None:
    deployment = deployed(ColdStart(requests=1, duration=5))

    answers = [is_ready(deployment, "a", now) for now in (100, 104, 105)]

    assert [False, False, True] == answers
