from __future__ import annotations

import pytest

from sagemaker_rt import errors
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    MODELLED_ERRORS,
    OPERATIONS,
    Operation,
)


def test_the_operations_are_found_by_name() -> None:
    assert {
        "InvokeEndpoint": INVOKE_ENDPOINT,
        "InvokeEndpointAsync": INVOKE_ENDPOINT_ASYNC,
        "InvokeEndpointWithResponseStream": INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    } == OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_is_named_after_its_shapes(operation: Operation) -> None:
    assert f"{operation.name}Input" == operation.input.__name__
    assert f"{operation.name}Output" == operation.output.__name__


def test_one_operation_wants_one_of_two_members() -> None:
    one_of = {name: operation.one_of for name, operation in OPERATIONS.items()}

    assert {
        "InvokeEndpoint": (),
        "InvokeEndpointAsync": ("body", "input_location"),
        "InvokeEndpointWithResponseStream": (),
    } == one_of


def test_one_operation_streams() -> None:
    streams = [
        operation.name for operation in OPERATIONS.values() if operation.is_stream
    ]

    assert ["InvokeEndpointWithResponseStream"] == streams


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_may_fail_in_the_common_ways(operation: Operation) -> None:
    common = {
        errors.InternalFailure,
        errors.ServiceUnavailable,
        errors.ValidationError,
    }

    assert common <= set(operation.errors)


def test_an_error_with_a_class_is_found_by_its_code_in_lower_case() -> None:
    assert errors.ModelError is MODELLED_ERRORS["modelerror"]
    assert {error for op in OPERATIONS.values() for error in op.errors} == set(
        MODELLED_ERRORS.values()
    )
