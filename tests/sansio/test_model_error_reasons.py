from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio import model_error_reasons
from sagemaker_rt.sansio.container_error_rules import ModelErrorReason
from sagemaker_rt.sansio.model_error_reasons import (
    classify_container_error,
    model_error_reason,
    register_error_classifier,
)
from tests.sansio.test_container_error_rules import CASES


@pytest.fixture
def no_others() -> Iterator[None]:
    """Remove the classifiers that a test registers."""
    registered = model_error_reasons._classifiers
    before = list(registered)
    model_error_reasons._warned_about.clear()
    yield
    registered[:] = before


def fish_is_overloaded(status: int | None, body: str) -> ModelErrorReason | None:
    return "overloaded" if status == 418 and "fish" in body else None


@pytest.mark.parametrize("expected", CASES, ids=str)
def test_the_rules_find_the_reason(expected: ModelErrorReason | None) -> None:
    found = {classify_container_error(*case) for case in CASES[expected]}

    assert {expected} == found


@pytest.mark.parametrize("expected", CASES, ids=str)
def test_without_classifiers_the_rules_decide(
    expected: ModelErrorReason | None,
) -> None:
    found = {model_error_reason(*case) for case in CASES[expected]}

    assert {expected} == found


@pytest.mark.usefixtures("no_others")
def test_a_registered_classifier_decides_first() -> None:
    register_error_classifier(fish_is_overloaded)

    assert "overloaded" == model_error_reason(418, "no fish")
    assert "out-of-memory" == model_error_reason(500, "CUDA out of memory")
    assert model_error_reason(418, "a teapot") is None


@pytest.mark.usefixtures("no_others")
def test_the_newest_classifier_decides() -> None:
    register_error_classifier(fish_is_overloaded)
    register_error_classifier(lambda status, body: "worker-died")

    assert "worker-died" == model_error_reason(418, "no fish")


def broken(status: int | None, body: str) -> ModelErrorReason | None:
    raise KeyError(body)


@pytest.mark.parametrize(
    ("classifier", "problem"),
    [
        (broken, "raised KeyError"),
        (lambda status, body: body, "returned str"),
        (lambda status, body: ["overloaded"], "returned list"),
        (lambda status, body: True, "returned bool"),
    ],
)
@pytest.mark.usefixtures("no_others")
def test_a_classifier_that_fails_is_skipped_with_one_warning(
    classifier: Any, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The warning is without the body, which may contain what nobody may see."""
    register_error_classifier(fish_is_overloaded)
    register_error_classifier(classifier)

    reasons = [model_error_reason(418, "hush, fish") for _ in range(2)]

    assert ["overloaded"] * 2 == reasons
    (record,) = caplog.records
    assert problem in record.getMessage()
    assert "hush" not in caplog.text


async def later(status: int | None, body: str) -> None:
    """Be a coroutine function."""


@pytest.mark.parametrize("classifier", [later, "overloaded", None])
def test_a_classifier_is_a_plain_function(classifier: Any) -> None:
    with pytest.raises(OptionsError, match="plain function"):
        register_error_classifier(classifier)
