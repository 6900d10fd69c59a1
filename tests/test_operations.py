from __future__ import annotations

import pytest

from sagemaker_rt import errors
from sagemaker_rt.operations import (
    HTTP2_OPERATIONS,
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    MODELLED_ERRORS,
    OPERATIONS,
    Operation,
    find_operation,
)


def test_the_operations_by_name() -> None:
    assert {
        "InvokeEndpoint": INVOKE_ENDPOINT,
        "InvokeEndpointAsync": INVOKE_ENDPOINT_ASYNC,
        "InvokeEndpointWithResponseStream": INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    } == OPERATIONS


def test_streams_in_both_directions_are_in_a_second_model() -> None:
    operation = INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM

    assert {"InvokeEndpointWithBidirectionalStream": operation} == HTTP2_OPERATIONS
    assert operation.is_stream
    assert operation is find_operation(operation.name)
    assert errors.InputValidationError is MODELLED_ERRORS["inputvalidationerror"]


ALL = OPERATIONS | HTTP2_OPERATIONS


@pytest.mark.parametrize("operation", ALL.values(), ids=ALL)
def test_the_shapes_have_the_name_of_the_operation(operation: Operation) -> None:
    assert f"{operation.name}Input" == operation.input.__name__
    assert f"{operation.name}Output" == operation.output.__name__


def test_one_operation_requires_one_of_two_members() -> None:
    one_of = {name: operation.one_of for name, operation in OPERATIONS.items()}

    assert {
        "InvokeEndpoint": (),
        "InvokeEndpointAsync": ("body", "input_location"),
        "InvokeEndpointWithResponseStream": (),
    } == one_of


def test_one_operation_is_a_stream() -> None:
    streams = [
        operation.name for operation in OPERATIONS.values() if operation.is_stream
    ]

    assert ["InvokeEndpointWithResponseStream"] == streams


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_all_operations_have_the_common_errors(operation: Operation) -> None:
    common = {
        errors.InternalFailure,
        errors.ServiceUnavailable,
        errors.ValidationError,
    }

    assert common <= set(operation.errors)


def test_the_errors_by_their_codes_in_lower_case() -> None:
    assert errors.ModelError is MODELLED_ERRORS["modelerror"]
    assert {error for op in ALL.values() for error in op.errors} == set(
        MODELLED_ERRORS.values()
    )


@pytest.mark.parametrize("name", ["InvokeEndpointAsync", "invoke_endpoint_async"])
def test_an_operation_is_found_by_both_spellings(name: str) -> None:
    assert INVOKE_ENDPOINT_ASYNC is find_operation(name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("invokeEndpoint", "'InvokeEndpoint'"),
        ("InvokeEndpointAsinc", "'InvokeEndpointAsync'"),
        ("Predict", "'InvokeEndpointWithResponseStream'"),
    ],
)
def test_an_unknown_operation_is_refused_with_a_suggestion(
    name: str, hint: str
) -> None:
    with pytest.raises(errors.OptionsError, match=f"{name!r}.*{hint}"):
        find_operation(name)
