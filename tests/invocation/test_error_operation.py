from __future__ import annotations

import pytest

from sagemaker_rt.errors import ModelError, SageMakerRuntimeError
from sagemaker_rt.invocation.error_operation import ErrorOperation


def test_an_error_gets_the_operation() -> None:
    with (
        pytest.raises(SageMakerRuntimeError) as caught,
        ErrorOperation("InvokeEndpoint"),
    ):
        raise ModelError

    assert "InvokeEndpoint" == caught.value.operation


def test_an_error_of_a_nested_call_keeps_its_operation() -> None:
    error = ModelError()
    error.operation = "InvokeEndpointAsync"

    with pytest.raises(ModelError), ErrorOperation("InvokeEndpoint"):
        raise error

    assert "InvokeEndpointAsync" == error.operation


def test_other_exceptions_pass_unchanged() -> None:
    with pytest.raises(KeyError) as caught, ErrorOperation("InvokeEndpoint"):
        raise KeyError(1)

    assert not hasattr(caught.value, "operation")


def test_a_call_that_succeeds_is_not_touched() -> None:
    with ErrorOperation("InvokeEndpoint"):
        result = 1

    assert 1 == result
