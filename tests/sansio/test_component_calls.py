from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.errors import ComponentError, ParamValidationError
from sagemaker_rt.sansio.component_calls import call_component


def raising(error: BaseException) -> object:
    raise error


def test_the_result_of_the_function_is_returned() -> None:
    assert 7 == call_component("clock", max, 3, 7)


def test_an_exception_is_the_cause_of_a_typed_error() -> None:
    cause = ValueError("a secret")

    with pytest.raises(ComponentError) as caught:
        call_component("custom_backoff", raising, cause)

    assert "custom_backoff raising raised ValueError" == str(caught.value)
    assert "custom_backoff" == caught.value.component
    assert cause is caught.value.__cause__


@pytest.mark.parametrize(
    "error", [ParamValidationError("wrong"), asyncio.CancelledError()]
)
def test_our_errors_and_cancellations_are_raised_as_they_are(
    error: BaseException,
) -> None:
    with pytest.raises(type(error)) as caught:
        call_component("clock", raising, error)

    assert error is caught.value
