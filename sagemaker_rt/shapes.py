"""The inputs, outputs and events of the operations in the service model.

The model is version 2017-05-13, as of botocore 1.44.8. The annotation of a member has
its type, and its binding: the header, path label or body that contains it, and the
limits of the model. The option ``validate`` selects the limits that are checked before
a request is sent.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, BinaryIO, Final, Protocol, TypeAlias, TypeVar

from attrs import field, frozen

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import OutputDecodingError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.sansio.http_bindings import (
    Constraints,
    Header,
    JSONMember,
    Label,
    Pattern,
    Payload,
)

__all__ = [
    "NEW_SESSION",
    "BodyLike",
    "InvokeEndpointAsyncInput",
    "InvokeEndpointAsyncOutput",
    "InvokeEndpointInput",
    "InvokeEndpointOutput",
    "InvokeEndpointWithBidirectionalStreamInput",
    "InvokeEndpointWithBidirectionalStreamOutput",
    "InvokeEndpointWithResponseStreamInput",
    "InvokeEndpointWithResponseStreamOutput",
    "OperationOutput",
    "PayloadPart",
    "RequestPayloadPart",
    "ResponsePayloadPart",
    "SessionInfo",
    "UnknownEvent",
]


class _Buffer(Protocol):
    """An object with a buffer, as type checkers see it: ``array.array``, for example.

    ``collections.abc.Buffer`` is the same, but only from Python 3.12 on.
    """

    def __buffer__(self, flags: int, /) -> memoryview: ...


class _Array(Protocol):
    """A NumPy array; its stubs declare no ``__buffer__`` before Python 3.12."""

    @property
    def __array_interface__(self) -> dict[str, Any]: ...


BodyLike: TypeAlias = bytes | bytearray | memoryview | str | BinaryIO | _Buffer | _Array
"""Types of a request body: text, a buffer, or a seekable binary file.

* Text is sent as UTF-8.
* A buffer is ``bytes`` or any object whose buffer is C-contiguous: ``bytearray``,
  ``memoryview``, ``array.array``, a ctypes or NumPy array. Its bytes are copied once at
  the start of the call, except those of ``bytes``, which cannot change.
* A file is sent from its current position to its end. The caller closes it.
"""

NEW_SESSION: Final = "NEW_SESSION"
"""The value of `session_id` that opens a stateful session."""

# \p{Print} of the model is [ -~]; its anchors are left out because of fullmatch
_NAME: Final = Pattern(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_PRINTABLE: Final = Pattern(r"\S[ -~]*")
_BODY: Final = Constraints(max=6_291_456)
_ASYNC_BODY: Final = Constraints(max=128_000)
_HEADER: Final = Constraints(max=1024, pattern=Pattern(r"[\x00-\x7f]*"))
_NAME_63: Final = Constraints(max=63, pattern=_NAME)
_ID_64: Final = Constraints(min=1, max=64, pattern=_PRINTABLE)
_TARGET_MODEL: Final = Constraints(min=1, max=1024, pattern=_PRINTABLE)
_EXPLANATIONS: Final = Constraints(min=1, max=64, pattern=Pattern(r"[^\n]*"))
_COMPONENT: Final = Constraints(
    max=63, pattern=Pattern(r"[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?")
)
_SESSION: Final = Constraints(max=256, pattern=_NAME)
_SESSION_OR_NEW: Final = Constraints(
    max=256, pattern=Pattern(rf"NEW_SESSION|{_NAME.text}")
)
_LOCATION: Final = Constraints(
    min=1, max=1024, pattern=Pattern(r"(https|s3)://([^/]+)/?(.*)")
)
_OUTPUT_PATH: Final = Constraints(
    min=1, max=512, pattern=Pattern(r"(?!s3:|https:)[a-zA-Z0-9!_.*'()/-]+")
)
_INVOCATION_PATH: Final = Constraints(
    max=100,
    pattern=Pattern(r"[A-Za-z0-9\-._]+(?:/[A-Za-z0-9\-._]+)*"),
    is_enforced=True,
)
_QUERY_PAIR: Final = r"[a-zA-Z0-9][A-Za-z0-9_-]*=(?:[A-Za-z0-9._~\-]|%[0-9A-Fa-f]{2})+"
_QUERY_STRING: Final = Constraints(
    max=2048,
    pattern=Pattern(rf"{_QUERY_PAIR}(?:&{_QUERY_PAIR})*"),
    is_enforced=True,
)
T = TypeVar("T")

_FILENAME: Final = Constraints(
    min=1, max=32, pattern=Pattern(r"(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9\-_.]*")
)


def _size(value: object) -> str:
    """Return the representation of content: its size alone."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"<{len(value)} characters>"
    try:
        return f"<{memoryview(value).nbytes} bytes>"  # type: ignore[arg-type] # else TypeError
    except TypeError:
        return f"<{type(value).__name__}>"


def _facts(metadata: Metadata) -> str:
    """Return a short representation of *metadata*, without secrets."""
    status, request_id = metadata.http_status, metadata.request_id
    attempts = len(metadata.attempts)
    return f"<HTTP {status}, request id {request_id}, attempts: {attempts}>"


class _MemberDocs(dict[str, str | None]):
    """``__slots__`` of a shape, whose values `help` shows as docstrings of members.

    They are the strings below the members, read from this file at the first use.
    """

    def __init__(self, shape: type) -> None:
        super().__init__(dict.fromkeys(vars(shape)["__slots__"]))
        self._shape = shape

    def __getitem__(self, member: str) -> str | None:
        return _strings_below_members(self._shape).get(member)


@cache
def _strings_below_members(shape: type) -> dict[str, str]:
    try:
        (tree,) = ast.parse(inspect.getsource(shape)).body
    except (OSError, TypeError):  # installed without the source
        return {}
    return {
        member.target.id: inspect.cleandoc(str(below.value.value))
        for member, below in pairwise(vars(tree)["body"])
        if isinstance(member, ast.AnnAssign)
        and isinstance(member.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
    }


def _with_help(shape: type[T]) -> type[T]:
    """Make `help` of *shape* show plain types, and the docstrings of its members."""
    types = vars(shape)["__init__"].__annotations__
    for member, annotation in types.items():
        if member != "return":
            # without the binding: "Annotated[str, Label(…)]" becomes "str"
            types[member] = annotation.removeprefix("Annotated[").partition(", ")[0]
    type.__setattr__(shape, "__slots__", _MemberDocs(shape))
    return shape


@_with_help
@frozen(kw_only=True, eq=False, repr=False)
class InvokeEndpointInput(FrozenValue):
    """The input of `Client.invoke_endpoint`.

    `endpoint_name` and `body` are required.
    """

    endpoint_name: Annotated[str, Label("EndpointName", _NAME_63)]
    """The endpoint to invoke: at most 63 letters, digits and hyphens."""
    body: Annotated[BodyLike, Payload(_BODY)] = field(repr=_size)
    """The input for the model: bytes, text or a binary file, see `BodyLike`. The model
    has a limit of 6,291,456 bytes, but the service accepts more: up to 25 MB."""
    content_type: Annotated[str | None, Header("Content-Type", _HEADER)] = None
    """The MIME type of `body`, in the header ``Content-Type``; not sent if None."""
    accept: Annotated[str | None, Header("Accept", _HEADER)] = None
    """The MIME type that the response should have, in ``Accept``."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes", _HEADER)
    ] = field(default=None, repr=_size)
    """Text that is passed to the container unchanged: at most 1024 ASCII characters, in
    the header ``X-Amzn-SageMaker-Custom-Attributes``. Reprs and logs omit it."""
    target_model: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Model", _TARGET_MODEL)
    ] = None
    """The model to invoke on a multi-model endpoint, at most 1024 characters, in the
    header ``X-Amzn-SageMaker-Target-Model``."""
    target_variant: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Variant", _NAME_63)
    ] = None
    """The production variant to invoke; None lets the service choose one by weight. At
    most 63 characters, in the header ``X-Amzn-SageMaker-Target-Variant``."""
    target_container_hostname: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Container-Hostname", _NAME_63)
    ] = None
    """The container to invoke by its host name, on a multi-container endpoint. At most
    63 characters, in the header ``X-Amzn-SageMaker-Target-Container-Hostname``."""
    inference_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Id", _ID_64)
    ] = None
    """An ID that is stored with captured data: 1 to 64 printable characters, in the
    header ``X-Amzn-SageMaker-Inference-Id``."""
    enable_explanations: Annotated[
        str | None, Header("X-Amzn-SageMaker-Enable-Explanations", _EXPLANATIONS)
    ] = None
    """A JMESPath expression that selects the records to explain, instead of the one in
    the endpoint configuration: 1 to 64 characters, in the header
    ``X-Amzn-SageMaker-Enable-Explanations``."""
    inference_component_name: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Component", _COMPONENT)
    ] = None
    """The inference component to invoke: at most 63 characters, in the header
    ``X-Amzn-SageMaker-Inference-Component``."""
    session_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Session-Id", _SESSION_OR_NEW)
    ] = None
    """The stateful session to use, or `NEW_SESSION` to open one: at most 256 letters,
    digits and hyphens, in the header ``X-Amzn-SageMaker-Session-Id``."""
    prefix_aware_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Prefix-Aware-Id", _ID_64)
    ] = None
    """A hint for endpoints with the routing strategy ``PREFIX_AWARE``: requests with
    the same ID and the same prefix go to the same instance. 1 to 64 printable
    characters, in the header ``X-Amzn-SageMaker-Prefix-Aware-Id``."""


@_with_help
@frozen(kw_only=True, eq=False, repr=False)
class InvokeEndpointAsyncInput(FrozenValue):
    """The input of `Client.invoke_endpoint_async`.

    `endpoint_name` is required, and exactly one of `body` and `input_location`.
    """

    endpoint_name: Annotated[str, Label("EndpointName", _NAME_63)]
    """The endpoint to invoke: at most 63 letters, digits and hyphens."""
    body: Annotated[BodyLike | None, Payload(_ASYNC_BODY, is_limited=True)] = field(
        default=None, repr=_size
    )
    """The input for the model, at most 128,000 bytes."""
    input_location: Annotated[
        str | None, Header("X-Amzn-SageMaker-InputLocation", _LOCATION)
    ] = None
    """The S3 URI of the input, instead of `body`: at most 1024 characters, in the
    header ``X-Amzn-SageMaker-InputLocation``."""
    content_type: Annotated[
        str | None, Header("X-Amzn-SageMaker-Content-Type", _HEADER)
    ] = None
    """The MIME type of the input, in the header ``X-Amzn-SageMaker-Content-Type``."""
    accept: Annotated[str | None, Header("X-Amzn-SageMaker-Accept", _HEADER)] = None
    """The MIME type that the response should have, in the header
    ``X-Amzn-SageMaker-Accept``."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes", _HEADER)
    ] = field(default=None, repr=_size)
    """Text that is passed to the container unchanged: at most 1024 ASCII characters, in
    the header ``X-Amzn-SageMaker-Custom-Attributes``. Reprs and logs omit it."""
    inference_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Id", _ID_64)
    ] = None
    """An ID for the request: 1 to 64 printable characters, in the header
    ``X-Amzn-SageMaker-Inference-Id``. The service generates a missing one."""
    s3_output_path_extension: Annotated[
        str | None, Header("X-Amzn-SageMaker-S3OutputPathExtension", _OUTPUT_PATH)
    ] = None
    """A path below the S3 output path of the endpoint, for this response: at most 512
    characters, in the header ``X-Amzn-SageMaker-S3OutputPathExtension``."""
    filename: Annotated[str | None, Header("X-Amzn-SageMaker-Filename", _FILENAME)] = (
        None
    )
    """The name of the response file in S3: 1 to 32 characters, in the header
    ``X-Amzn-SageMaker-Filename``. The default is derived from the inference ID."""
    request_ttl_seconds: Annotated[
        int | None,
        Header("X-Amzn-SageMaker-RequestTTLSeconds", Constraints(min=60, max=21_600)),
    ] = None
    """The longest time in the queue, in seconds: 60 to 21,600, which is the default. In
    the header ``X-Amzn-SageMaker-RequestTTLSeconds``."""
    invocation_timeout_seconds: Annotated[
        int | None,
        Header(
            "X-Amzn-SageMaker-InvocationTimeoutSeconds", Constraints(min=1, max=3600)
        ),
    ] = None
    """The longest run of the model, in seconds: 1 to 3600, by default 900. In the
    header ``X-Amzn-SageMaker-InvocationTimeoutSeconds``."""


@_with_help
@frozen(kw_only=True, eq=False, repr=False)
class InvokeEndpointWithResponseStreamInput(FrozenValue):
    """The input of `Client.invoke_endpoint_with_response_stream`.

    `endpoint_name` and `body` are required.
    """

    endpoint_name: Annotated[str, Label("EndpointName", _NAME_63)]
    """The endpoint to invoke: at most 63 letters, digits and hyphens."""
    body: Annotated[BodyLike, Payload(_BODY)] = field(repr=_size)
    """The input for the model: bytes, text or a binary file, see `BodyLike`. The model
    has a limit of 6,291,456 bytes, but the service accepts more: up to 25 MB."""
    content_type: Annotated[str | None, Header("Content-Type", _HEADER)] = None
    """The MIME type of `body`, in the header ``Content-Type``; not sent if None."""
    accept: Annotated[str | None, Header("X-Amzn-SageMaker-Accept", _HEADER)] = None
    """The MIME type that the response should have, in the header
    ``X-Amzn-SageMaker-Accept``."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes", _HEADER)
    ] = field(default=None, repr=_size)
    """Text that is passed to the container unchanged: at most 1024 ASCII characters, in
    the header ``X-Amzn-SageMaker-Custom-Attributes``. Reprs and logs omit it."""
    target_variant: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Variant", _NAME_63)
    ] = None
    """The production variant to invoke; None lets the service choose one by weight. At
    most 63 characters, in the header ``X-Amzn-SageMaker-Target-Variant``."""
    target_container_hostname: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Container-Hostname", _NAME_63)
    ] = None
    """The container to invoke by its host name, on a multi-container endpoint. At most
    63 characters, in the header ``X-Amzn-SageMaker-Target-Container-Hostname``."""
    inference_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Id", _ID_64)
    ] = None
    """An ID that is stored with captured data: 1 to 64 printable characters, in the
    header ``X-Amzn-SageMaker-Inference-Id``."""
    inference_component_name: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Component", _COMPONENT)
    ] = None
    """The inference component to invoke: at most 63 characters, in the header
    ``X-Amzn-SageMaker-Inference-Component``."""
    session_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Session-Id", _SESSION)
    ] = None
    """The stateful session to use; this operation cannot open one. At most 256 letters,
    digits and hyphens, in the header ``X-Amzn-SageMaker-Session-Id``."""
    prefix_aware_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Prefix-Aware-Id", _ID_64)
    ] = None
    """A hint for endpoints with the routing strategy ``PREFIX_AWARE``: requests with
    the same ID and the same prefix go to the same instance. 1 to 64 printable
    characters, in the header ``X-Amzn-SageMaker-Prefix-Aware-Id``."""


@_with_help
@frozen(kw_only=True, eq=False, repr=False)
class InvokeEndpointWithBidirectionalStreamInput(FrozenValue):
    """The input of `Client.invoke_endpoint_with_bidirectional_stream`.

    `endpoint_name` is required. What is sent to the model is not in it.
    """

    endpoint_name: Annotated[str, Label("EndpointName", _NAME_63)]
    """The endpoint to invoke: at most 63 letters, digits and hyphens."""
    target_variant: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Variant", _NAME_63)
    ] = None
    """The production variant to invoke; None lets the service choose one by weight. At
    most 63 characters, in the header ``X-Amzn-SageMaker-Target-Variant``."""
    model_invocation_path: Annotated[
        str | None, Header("X-Amzn-SageMaker-Model-Invocation-Path", _INVOCATION_PATH)
    ] = None
    """The path of the container's WebSocket, without a slash at its start: at most 100
    characters, in the header ``X-Amzn-SageMaker-Model-Invocation-Path``. The default is
    ``invocations-bidirectional-stream``."""
    model_query_string: Annotated[
        str | None, Header("X-Amzn-SageMaker-Model-Query-String", _QUERY_STRING)
    ] = None
    """The query of the container's WebSocket, percent-encoded: ``key=value&…``, at most
    2048 characters, in the header ``X-Amzn-SageMaker-Model-Query-String``."""


@frozen(kw_only=True, eq=False, repr=False)
class SessionInfo(FrozenValue):
    """A stateful session that the model opened."""

    id: str
    """The ID to pass as `session_id`."""
    expires_at: datetime | None
    """The expiry; None if it is missing or not in the documented format."""


class OperationOutput(Protocol):
    """The attributes that the outputs of all operations have."""

    @property
    def metadata(self) -> Metadata:
        """Request ID, status, attempts, endpoint, times, and facts of middlewares."""
        ...

    @property
    def http_status(self) -> int | None:
        """The HTTP status of the response; None without one."""
        ...


class _WithMetadata:
    """The properties that all outputs have."""

    __slots__ = ()

    metadata: Metadata

    @property
    def http_status(self) -> int | None:
        """The HTTP status of the response; None without one."""
        return self.metadata.http_status

    @property
    def request_id(self) -> str | None:
        """The ID that the service assigned to the request; None without one."""
        return self.metadata.request_id


@_with_help
@frozen(kw_only=True, eq=False, repr=False)
class InvokeEndpointOutput(_WithMetadata, FrozenValue):
    """The output of `Client.invoke_endpoint`."""

    body: Annotated[bytes, Payload()] = field(repr=_size)
    """The response of the model, unchanged; empty if there is none."""
    content_type: Annotated[str | None, Header("Content-Type")] = None
    """The MIME type of `body`, from the header ``Content-Type``."""
    invoked_production_variant: Annotated[
        str | None, Header("x-Amzn-Invoked-Production-Variant")
    ] = None
    """The production variant that was invoked, from the header
    ``x-Amzn-Invoked-Production-Variant``."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes")
    ] = field(default=None, repr=_size)
    """Text from the container, from the header ``X-Amzn-SageMaker-Custom-Attributes``.
    Reprs and logs omit it."""
    new_session_id: Annotated[str | None, Header("X-Amzn-SageMaker-New-Session-Id")] = (
        None
    )
    """The session that was opened, as ``"<id>; Expires=<time>"``, from the header
    ``X-Amzn-SageMaker-New-Session-Id``; see `new_session`."""
    closed_session_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Closed-Session-Id")
    ] = None
    """The ID of the session that was closed, from the header
    ``X-Amzn-SageMaker-Closed-Session-Id``."""
    metadata: Metadata = field(factory=Metadata, eq=False, repr=_facts)
    """Request ID, status, attempts, endpoint, times, and facts of middlewares."""

    @property
    def text(self) -> str:
        """The body as text, in the charset of `content_type`; UTF-8 by default.

        Each use decodes the body.

        Raises:
            InvalidTextError: The body is not valid text; the error has this output.
        """
        from sagemaker_rt.sansio.body_decoding import decode_body_as_text  # noqa: PLC0415 - not all callers decode

        try:
            return decode_body_as_text(self.body, self.content_type)
        except OutputDecodingError as error:
            error.set_output(self)
            raise

    def json(self) -> Any:
        """Return the JSON value in the body. The content type is not checked.

        orjson decodes it if it is installed. NaN and Infinity, which containers in
        Python write, are floats. Each call decodes the body.

        Raises:
            InvalidJSONError: The body is not JSON; the error has this output.
            InvalidTextError: The body is not valid text; the error has this output.
        """
        from sagemaker_rt.sansio.body_decoding import decode_body_as_json  # noqa: PLC0415 - not all callers decode

        try:
            return decode_body_as_json(self.body, self.content_type)
        except OutputDecodingError as error:
            error.set_output(self)
            raise

    @property
    def new_session(self) -> SessionInfo | None:
        """The session that was opened, parsed from `new_session_id`; else None."""
        if self.new_session_id is None:
            return None
        id, _, attribute = self.new_session_id.partition(";")
        return SessionInfo(id=id.strip(), expires_at=_expiry(attribute.strip()))


@_with_help
@frozen(kw_only=True, eq=False, repr=False)
class InvokeEndpointAsyncOutput(_WithMetadata, FrozenValue):
    """The output of `Client.invoke_endpoint_async`."""

    inference_id: Annotated[str | None, JSONMember("InferenceId")] = None
    """The ID of the request: that of the input, or one that the service generated."""
    output_location: Annotated[
        str | None, Header("X-Amzn-SageMaker-OutputLocation")
    ] = None
    """The S3 URI of the response, when the model has run; from the header
    ``X-Amzn-SageMaker-OutputLocation``."""
    failure_location: Annotated[
        str | None, Header("X-Amzn-SageMaker-FailureLocation")
    ] = None
    """The S3 URI of the error, if the model fails; from the header
    ``X-Amzn-SageMaker-FailureLocation``."""
    metadata: Metadata = field(factory=Metadata, eq=False, repr=_facts)
    """Request ID, status, attempts, endpoint, times, and facts of middlewares."""


@_with_help
@frozen(kw_only=True, eq=False, repr=False)
class InvokeEndpointWithResponseStreamOutput(_WithMetadata, FrozenValue):
    """The output of `Client.invoke_endpoint_with_response_stream`, without its parts.

    A `ResponseStream` has these members too.
    """

    content_type: Annotated[str | None, Header("X-Amzn-SageMaker-Content-Type")] = None
    """The MIME type of the joined parts, from the header
    ``X-Amzn-SageMaker-Content-Type``."""
    invoked_production_variant: Annotated[
        str | None, Header("x-Amzn-Invoked-Production-Variant")
    ] = None
    """The production variant that was invoked, from the header
    ``x-Amzn-Invoked-Production-Variant``."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes")
    ] = field(default=None, repr=_size)
    """Text from the container, from the header ``X-Amzn-SageMaker-Custom-Attributes``.
    Reprs and logs omit it."""
    metadata: Metadata = field(factory=Metadata, eq=False, repr=_facts)
    """Request ID, status, attempts, endpoint, times, and facts of middlewares."""


@_with_help
@frozen(kw_only=True, eq=False, repr=False)
class InvokeEndpointWithBidirectionalStreamOutput(_WithMetadata, FrozenValue):
    """The output of `Client.invoke_endpoint_with_bidirectional_stream`, without events.

    `BidirectionalStream.initial_response` returns it.
    """

    invoked_production_variant: Annotated[
        str | None, Header("X-Amzn-Invoked-Production-Variant")
    ] = None
    """The production variant that was invoked, from the header
    ``X-Amzn-Invoked-Production-Variant``."""
    metadata: Metadata = field(factory=Metadata, eq=False, repr=_facts)
    """Request ID, status, attempts, endpoint, times, and facts of middlewares."""


@frozen(eq=False, repr=False, init=False)
class PayloadPart(FrozenValue):
    """A part of a streamed response.

    A part ends where the container flushed its output, so a character or a JSON
    document may be split between two parts.
    """

    bytes: builtins.bytes = field(repr=_size)
    """The content of the part."""

    def __init__(self, bytes: builtins.bytes) -> None:
        _set_bytes(self, bytes)  # that of attrs takes twice as long for each part


_set_bytes: Final = PayloadPart.__dict__["bytes"].__set__


@frozen(eq=False, repr=False)
class RequestPayloadPart(FrozenValue):
    """An event that is sent to the model: one frame of the container's WebSocket."""

    bytes: builtins.bytes | None = field(default=None, repr=_size)
    """The content of the event."""
    data_type: str | None = field(default=None, kw_only=True)
    """``UTF8`` for a text frame, or ``BINARY``, which is the default."""
    completion_state: str | None = field(default=None, kw_only=True)
    """``PARTIAL`` if more events of the same message follow, or ``COMPLETE``, which is
    the default."""
    p: str | None = field(default=None, repr=_size, kw_only=True)
    """Padding, which the container does not receive."""


@frozen(eq=False, repr=False)
class ResponsePayloadPart(FrozenValue):
    """An event of the model: one frame of the container's WebSocket."""

    bytes: builtins.bytes = field(repr=_size)
    """The content of the event."""
    data_type: str = field(default="BINARY", kw_only=True)
    """``UTF8`` for a text frame, or ``BINARY``."""
    completion_state: str = field(default="COMPLETE", kw_only=True)
    """``PARTIAL`` if more events of the same message follow, or ``COMPLETE``."""
    p: str | None = field(default=None, repr=_size, kw_only=True)
    """Padding of the service; None without any."""


@frozen(eq=False, repr=False)
class UnknownEvent(FrozenValue):
    """An event of a type that this version of the library does not know."""

    tag: str
    """The type of the event, from its header ``:event-type``."""
    headers: Mapping[str, object]
    """All headers of the event."""
    raw: bytes = field(repr=_size)
    """The payload of the event."""


def _expiry(attribute: str) -> datetime | None:
    """Return the time in ``Expires=2025-10-22T12:34:56Z``, or None."""
    name, _, value = attribute.partition("=")
    if name != "Expires":
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
