"""The three operations: where each goes, what it takes, and what it may answer."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from sagemaker_rt import errors, shapes
from sagemaker_rt.sansio.suggestions import did_you_mean

__all__ = [
    "API_VERSION",
    "INVOKE_ENDPOINT",
    "INVOKE_ENDPOINT_ASYNC",
    "INVOKE_ENDPOINT_WITH_RESPONSE_STREAM",
    "MODELLED_ERRORS",
    "OPERATIONS",
    "SERVICE_ID",
    "SIGNING_NAME",
    "Operation",
    "find_operation",
]

SERVICE_ID: Final = "SageMaker Runtime"
"""What the service calls itself."""
API_VERSION: Final = "2017-05-13"
"""The version of the service's model."""
SIGNING_NAME: Final = "sagemaker"
"""The service that signatures name, unless an endpoint or an option says otherwise."""


@frozen(kw_only=True)
class Operation:
    """One operation of the service's model."""

    name: str
    """As the model has it: ``InvokeEndpoint``."""
    path: str
    """With ``{Label}`` where a member goes."""
    input: type
    output: type
    errors: tuple[type[errors.ServiceError], ...]
    """What the model says it may answer; any operation may answer anything else."""
    one_of: tuple[str, ...] = ()
    """Members of which exactly one must be given."""
    is_stream: bool = False
    """Whether the answer is an event stream."""


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

MODELLED_ERRORS: Final = {
    error.code.lower(): error
    for operation in OPERATIONS.values()
    for error in operation.errors
}
"""The errors that have a class, by their codes in lower case."""


def find_operation(name: str) -> Operation:
    """Return the operation *name*: ``InvokeEndpoint`` or ``invoke_endpoint``.

    Raises:
        OptionsError: There is no such operation.
    """
    words = name.split("_") if name.islower() else []
    found = OPERATIONS.get("".join(map(str.capitalize, words)) or name)
    if found is None:
        there_are = f"there are {[*OPERATIONS]}"
        hint = did_you_mean(name, OPERATIONS, otherwise=there_are)
        message = f"there is no operation {name!r}{hint}"
        raise errors.OptionsError(message)
    return found
