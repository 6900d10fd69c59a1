"""The operations of the service models: paths, inputs, outputs and errors.

SageMaker Runtime has a second service model, SageMaker Runtime HTTP2, for streams in
both directions.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from sagemaker_rt import errors, shapes
from sagemaker_rt.frozen_value import ShownValue
from sagemaker_rt.sansio.suggestions import did_you_mean

__all__ = [
    "API_VERSION",
    "HTTP2_API_VERSION",
    "HTTP2_OPERATIONS",
    "INVOKE_ENDPOINT",
    "INVOKE_ENDPOINT_ASYNC",
    "INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM",
    "INVOKE_ENDPOINT_WITH_RESPONSE_STREAM",
    "MODELLED_ERRORS",
    "OPERATIONS",
    "SERVICE_ID",
    "SIGNING_NAME",
    "Operation",
    "find_operation",
]

SERVICE_ID: Final = "SageMaker Runtime"
"""The ID of the service in its model."""
API_VERSION: Final = "2017-05-13"
"""The version of the service model."""
HTTP2_API_VERSION: Final = "2025-10-01"
"""The version of the model of SageMaker Runtime HTTP2."""
SIGNING_NAME: Final = "sagemaker"
"""The service name in signatures, unless the endpoint or an option sets another."""


@frozen(kw_only=True, eq=False, repr=False)
class Operation(ShownValue):
    """One operation of the service model."""

    name: str
    """The name in the model, such as ``InvokeEndpoint``."""
    path: str
    """The path of the URL, with ``{Label}`` in the place of a member."""
    input: type
    """The input shape."""
    output: type
    """The output shape."""
    errors: tuple[type[errors.ServiceError], ...]
    """The errors in the model; the service may respond with others."""
    one_of: tuple[str, ...] = ()
    """Members of which exactly one is required."""
    is_stream: bool = False
    """Whether the response is an event stream."""
    is_bidirectional: bool = False
    """Whether the request is an event stream too, over HTTP/2."""


_COMMON: Final = (
    errors.InternalFailure,
    errors.ServiceUnavailable,
    errors.ValidationError,
)

INVOKE_ENDPOINT: Final = Operation(
    name="InvokeEndpoint",
    path="/endpoints/{EndpointName}/invocations",
    input=shapes.InvokeEndpointInput,
    output=shapes.InvokeEndpointOutput,
    errors=(
        *_COMMON,
        errors.ModelError,
        errors.InternalDependencyException,
        errors.ModelNotReadyException,
    ),
)

INVOKE_ENDPOINT_ASYNC: Final = Operation(
    name="InvokeEndpointAsync",
    path="/endpoints/{EndpointName}/async-invocations",
    input=shapes.InvokeEndpointAsyncInput,
    output=shapes.InvokeEndpointAsyncOutput,
    errors=_COMMON,
    one_of=("body", "input_location"),
)

INVOKE_ENDPOINT_WITH_RESPONSE_STREAM: Final = Operation(
    name="InvokeEndpointWithResponseStream",
    path="/endpoints/{EndpointName}/invocations-response-stream",
    input=shapes.InvokeEndpointWithResponseStreamInput,
    output=shapes.InvokeEndpointWithResponseStreamOutput,
    errors=(
        *_COMMON,
        errors.ModelError,
        errors.ModelStreamError,
        errors.InternalStreamFailure,
    ),
    is_stream=True,
)

OPERATIONS: Final = {
    operation.name: operation
    for operation in (
        INVOKE_ENDPOINT,
        INVOKE_ENDPOINT_ASYNC,
        INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    )
}

INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM: Final = Operation(
    name="InvokeEndpointWithBidirectionalStream",
    path="/endpoints/{EndpointName}/invocations-bidirectional-stream",
    input=shapes.InvokeEndpointWithBidirectionalStreamInput,
    output=shapes.InvokeEndpointWithBidirectionalStreamOutput,
    errors=(
        errors.InputValidationError,
        errors.InternalServerError,
        errors.InternalStreamFailure,
        errors.ModelError,
        errors.ModelStreamError,
        errors.ServiceUnavailableError,
    ),
    is_stream=True,
    is_bidirectional=True,
)

HTTP2_OPERATIONS: Final = {
    operation.name: operation
    for operation in (INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM,)
}
"""The operations of SageMaker Runtime HTTP2, the second service model."""

MODELLED_ERRORS: Final = {
    error.code.lower(): error
    for operation in (*OPERATIONS.values(), *HTTP2_OPERATIONS.values())
    for error in operation.errors
}
"""The error classes by their codes in lower case."""


def find_operation(name: str) -> Operation:
    """Return the operation *name*, such as ``InvokeEndpoint`` or ``invoke_endpoint``.

    Raises:
        OptionsError: The operation does not exist.
    """
    words = name.split("_") if name.islower() else []
    known = OPERATIONS | HTTP2_OPERATIONS
    found = known.get("".join(map(str.capitalize, words)) or name)
    if found is None:
        all_names = f"use one of {[*known]}"
        hint = did_you_mean(name, known, otherwise=all_names)
        message = f"unknown operation {name!r}{hint}"
        raise errors.OptionsError(message)
    return found
