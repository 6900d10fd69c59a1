"""A value in, a value out: encodes the input of a model and decodes its response."""

from __future__ import annotations

from typing import Any, Final, Unpack

from sagemaker_rt.errors import (
    OutputDecodingError,
    ParamValidationError,
    SageMakerRuntimeError,
    SerializationError,
)
from sagemaker_rt.inference.codecs.codec import Codec
from sagemaker_rt.inference.codecs.registry import CODECS
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.invocation.call_facts import describe_exception
from sagemaker_rt.invocation.members import OptionalMembers
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import Option
from sagemaker_rt.shapes import InvokeEndpointOutput

__all__ = ["decode_output", "encode_value", "predict"]

_NO_CONTENT: Final = 204
_PART: Final = "codec"  # in errors of custom codecs
_ANY: Final = "*/*"  # the same as no header


async def predict(
    client: RuntimeClient,
    endpoint_name: str,
    value: object,
    *opts: Option,
    codec: Codec | str | None = None,
    **members: Unpack[OptionalMembers],
) -> Any:
    """Invoke a model with *value* by *client*, as `Client.predict`."""
    try:
        chosen = CODECS.of_value(value) if codec is None else CODECS.find(codec)
        params = _input(chosen, value, {**members, "endpoint_name": endpoint_name})
    except Exception as error:
        describe_exception(error, INVOKE_ENDPOINT.name)
        raise
    finally:
        # a traceback of the call may show local variables
        del value, members
    output = await client.invoke_endpoint(params, *opts)
    return decode_output(output, chosen)


def decode_output(output: InvokeEndpointOutput, codec: Codec) -> Any:
    """Return the value in *output*; None if its status is 204.

    Args:
        codec: The codec of the request, which decodes its own content types and generic
            ones. A response of another type is decoded by the codec of that type.

    Raises:
        OutputDecodingError: The body is invalid; the error has the output.
    """
    if output.http_status == _NO_CONTENT:
        return None
    content_type = output.content_type
    chosen = CODECS.of_response(content_type, codec)
    try:
        return chosen.decode(output.body, content_type)
    except OutputDecodingError as error:
        error.set_output(output)
        raise
    except SageMakerRuntimeError:
        raise
    except Exception as error:
        failure = OutputDecodingError.from_component(_PART, chosen, error)
        failure.set_output(output)
        raise failure from error


def _input(codec: Codec, value: object, members: dict[str, Any]) -> Any:
    """Return the input of the operation."""
    try:
        if wrong := {"body", "json"} & members.keys():
            problem = f"pass the value by its position, not as {' or '.join(wrong)}"
            raise ParamValidationError(problem, [problem])
        body = encode_value(codec, value)
        if members.get("content_type") is None:
            members["content_type"] = codec.content_type
        if members.get("accept") is None and codec.accept != _ANY:
            members["accept"] = codec.accept
        params, _ = arguments(INVOKE_ENDPOINT, (), {**members, "body": body})
    finally:
        del value
        members.clear()
    return params


def encode_value(codec: Codec, value: object) -> bytes:
    """Return the body that *codec* makes of *value*.

    Raises:
        SerializationError: It cannot encode *value*.
    """
    try:
        body: object = codec.encode(value)
    except SageMakerRuntimeError as error:
        # the frames of the codec have the value in their local variables
        raise error.with_traceback(None) from error.__cause__
    except Exception as error:
        raise SerializationError.from_component(_PART, codec, error) from error
    finally:
        del value
    if isinstance(body, bytes):
        return body
    problem = f"returned {type(body).__name__} from encode; it must return bytes"
    raise SerializationError.from_result(_PART, codec, problem)
