"""Outputs of operations for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, overload

from sagemaker_rt.context import HTTP_STATUS, REQUEST_ID
from sagemaker_rt.converters import from_dict
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    Operation,
)
from sagemaker_rt.sansio.http_bindings import members as members_of
from sagemaker_rt.sansio.suggestions import did_you_mean
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncOutput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamOutput,
)
from sagemaker_rt.testing import response_encoding
from sagemaker_rt.testing.stub_request import find_operation

__all__ = ["make_output", "stub_data"]

_DEFAULTS: Final[Mapping[str, Mapping[str, object]]] = {
    INVOKE_ENDPOINT.name: {
        "body": b"stubbed",
        "content_type": "application/octet-stream",
        "invoked_production_variant": "AllTraffic",
        "custom_attributes": "stubbed",
    },
    INVOKE_ENDPOINT_ASYNC.name: {
        "inference_id": "stubbed-inference-id",
        "output_location": "s3://stubbed-bucket/output/stubbed-inference-id.out",
        "failure_location": "s3://stubbed-bucket/failure/stubbed-inference-id.out",
    },
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM.name: {
        "content_type": "application/octet-stream",
        "invoked_production_variant": "AllTraffic",
        "custom_attributes": "stubbed",
    },
}
_REQUIRED: Final[Mapping[str, Mapping[str, object]]] = {
    INVOKE_ENDPOINT.name: {"body": b""}
}


@overload
def stub_data(
    operation: Literal["InvokeEndpoint", "invoke_endpoint"], **members: object
) -> InvokeEndpointOutput: ...
@overload
def stub_data(
    operation: Literal["InvokeEndpointAsync", "invoke_endpoint_async"],
    **members: object,
) -> InvokeEndpointAsyncOutput: ...
@overload
def stub_data(
    operation: Literal[
        "InvokeEndpointWithResponseStream", "invoke_endpoint_with_response_stream"
    ],
    **members: object,
) -> InvokeEndpointWithResponseStreamOutput: ...
def stub_data(operation: str, **members: object) -> response_encoding.Output:
    """Return an output of *operation* with *members*, and default values for others.

    The members ``new_session_id`` and ``closed_session_id`` have no default value,
    since most calls do not use sessions.

    Args:
        operation: Name of the operation, or of the method of the client.
        members: Values by their Python names. The body may be str.

    Raises:
        OptionsError: The operation does not exist.
        ParamValidationError: A member is unknown, or has an invalid value.
    """
    known = find_operation(operation)
    output = make_output(known, {**_DEFAULTS[known.name], **members})
    output.metadata[HTTP_STATUS] = response_encoding.encode_output(output).status
    output.metadata[REQUEST_ID] = response_encoding.REQUEST_ID
    return output


def make_output(
    operation: Operation, members: Mapping[str, object]
) -> response_encoding.Output:
    """Return an output of *operation* with *members*; others are unset or empty.

    Raises:
        ParamValidationError: A member is unknown, or has an invalid value.
    """
    name = operation.output.__name__
    known = [member.attribute for member in members_of(operation.output)]
    problems: list[str] = []
    for member in sorted(map(str, members.keys() - {*known})):
        hint = did_you_mean(member, known, otherwise=f"the members are {known}")
        problems.append(f"unknown member {member!r}{hint}")
    if problems:
        message = f"{name}: {'; '.join(problems)}"
        raise ParamValidationError(message, problems)
    required = _REQUIRED.get(operation.name, {})
    values = {**required, **members}
    output: response_encoding.Output = from_dict(operation.output, values)
    return output
