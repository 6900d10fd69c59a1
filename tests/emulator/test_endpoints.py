from __future__ import annotations

import json

import pytest

from sagemaker_rt.emulator.endpoints import (
    ColdStart,
    DeployedEndpoint,
    DeployedEndpoints,
)
from sagemaker_rt.emulator.models import echo, json_model
from sagemaker_rt.emulator.responses import RequestRejected
from sagemaker_rt.errors import OptionsError


def error_message(rejected: pytest.ExceptionInfo[RequestRejected]) -> object:
    return json.loads(rejected.value.answer.body)["Message"]


def deployed(cold_start: ColdStart) -> DeployedEndpoint:
    return DeployedEndpoint(endpoint_name="m", model=echo, cold_start=cold_start)


def is_ready(endpoint: DeployedEndpoint, target: str | None, now: float) -> bool:
    try:
        endpoint.require_loaded(target, now)
    except RequestRejected as rejected:
        return rejected.answer.status != 429
    return True


def test_an_unknown_endpoint_is_rejected() -> None:
    deployments = DeployedEndpoints(lambda: "123456789012", {})

    with pytest.raises(RequestRejected) as rejected:
        deployments.find("m")

    assert "Endpoint m of account 123456789012 not found." == error_message(rejected)


def test_an_endpoint_replaces_one_with_the_same_name() -> None:
    deployments = DeployedEndpoints(lambda: "1", {"m": echo})

    deployments.add(DeployedEndpoint(endpoint_name="m", model=json_model))

    assert json_model is deployments.find("m").find_model(None)


def test_an_endpoint_needs_a_model() -> None:
    with pytest.raises(OptionsError, match="'m'"):
        DeployedEndpoints(lambda: "1", {}).add(
            DeployedEndpoint(endpoint_name="m", model=None)
        )


def test_an_endpoint_needs_a_variant() -> None:
    endpoint = DeployedEndpoint(endpoint_name="m", model=echo, variants=())

    with pytest.raises(OptionsError, match="'m'"):
        DeployedEndpoints(lambda: "1", {}).add(endpoint)


def test_an_inference_component_has_its_model() -> None:
    endpoint = DeployedEndpoint(
        endpoint_name="m", model=echo, inference_components={"c": json_model}
    )

    assert json_model is endpoint.find_model("c")
    assert echo is endpoint.find_model(None)


def test_an_unknown_component_is_rejected() -> None:
    with pytest.raises(RequestRejected) as rejected:
        deployed(ColdStart()).find_model("c")

    assert "Inference Component c not found." == error_message(rejected)


def test_an_endpoint_without_model_needs_a_component() -> None:
    endpoint = DeployedEndpoint(
        endpoint_name="m", model=None, inference_components={"c": echo}
    )

    with pytest.raises(RequestRejected, match="400"):
        endpoint.find_model(None)


def test_the_first_variant_is_the_default() -> None:
    endpoint = DeployedEndpoint(
        endpoint_name="m", model=echo, variants=("blue", "green")
    )

    assert "blue" == endpoint.find_variant(None)
    assert "green" == endpoint.find_variant("green")


def test_an_unknown_variant_is_rejected() -> None:
    with pytest.raises(RequestRejected) as rejected:
        deployed(ColdStart()).find_variant("red")

    assert "Variant red of endpoint m not found." == error_message(rejected)


def test_a_model_without_cold_start_is_ready() -> None:
    assert is_ready(deployed(ColdStart()), None, 0)


def test_each_target_model_rejects_its_first_requests() -> None:
    endpoint = deployed(ColdStart(requests=2))

    answers = [is_ready(endpoint, target, 0) for target in ("a", "a", "b", "a", "b")]

    assert [False, False, False, True, False] == answers


def test_a_target_model_is_not_ready_for_some_seconds() -> None:
    endpoint = deployed(ColdStart(duration=5))

    answers = [is_ready(endpoint, "a", now) for now in (100, 104.9, 105)]

    assert [False, False, True] == answers


def test_a_cold_start_ends_when_both_limits_are_reached() -> None:
    endpoint = deployed(ColdStart(requests=1, duration=5))

    answers = [is_ready(endpoint, "a", now) for now in (100, 104, 105)]

    assert [False, False, True] == answers
