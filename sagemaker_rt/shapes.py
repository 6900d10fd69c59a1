"""The inputs, outputs and events of the three operations, as the service models them.

Service model 2017-05-13, as of botocore 1.44.5. Each member says with its type what it
is, and with its binding where it travels and what the model demands of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, BinaryIO, Final, Protocol, TypeAlias

from attrs import field, frozen

from sagemaker_rt.context import Metadata
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
    "InvokeEndpointWithResponseStreamInput",
    "InvokeEndpointWithResponseStreamOutput",
    "OperationOutput",
    "PayloadPart",
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
"""The `session_id` that asks InvokeEndpoint to open a session."""

# \p{Print} of the model is [ -~], and its \A…\z is what fullmatch does anyway.
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
_FILENAME: Final = Constraints(
    min=1, max=32, pattern=Pattern(r"(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9\-_.]*")
)


@frozen(kw_only=True)
class InvokeEndpointInput:
    """What to invoke, and what to send it."""

    endpoint_name: Annotated[str, Label("EndpointName", _NAME_63)]
    body: Annotated[BodyLike, Payload(_BODY)] = field(repr=False)
    content_type: Annotated[str | None, Header("Content-Type", _HEADER)] = None
    """MIME type of *body*."""
    accept: Annotated[str | None, Header("Accept", _HEADER)] = None
    """MIME type that the answer should have."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes", _HEADER)
    ] = field(default=None, repr=False)
    """Passed on to the container as it is; sensitive, so no repr or log shows it."""
    target_model: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Model", _TARGET_MODEL)
    ] = None
    """Which model of a multi-model endpoint."""
    target_variant: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Variant", _NAME_63)
    ] = None
    """Which production variant; overrides the traffic split."""
    target_container_hostname: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Container-Hostname", _NAME_63)
    ] = None
    """Which container of a multi-container endpoint."""
    inference_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Id", _ID_64)
    ] = None
    """An id of yours that captured data will carry."""
    enable_explanations: Annotated[
        str | None, Header("X-Amzn-SageMaker-Enable-Explanations", _EXPLANATIONS)
    ] = None
    """A JMESPath expression that decides which records are explained."""
    inference_component_name: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Component", _COMPONENT)
    ] = None
    """Which inference component of the endpoint."""
    session_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Session-Id", _SESSION_OR_NEW)
    ] = None
    """A stateful session to join, or `NEW_SESSION`."""
    prefix_aware_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Prefix-Aware-Id", _ID_64)
    ] = None
    """A routing hint: equal ids go where their prefix is cached already."""


@frozen(kw_only=True)
class InvokeEndpointAsyncInput:
    """What to queue: exactly one of *body* and *input_location*."""

    endpoint_name: Annotated[str, Label("EndpointName", _NAME_63)]
    body: Annotated[BodyLike | None, Payload(_ASYNC_BODY, is_limited=True)] = field(
        default=None, repr=False
    )
    """The input itself, of 128,000 bytes at most."""
    input_location: Annotated[
        str | None, Header("X-Amzn-SageMaker-InputLocation", _LOCATION)
    ] = None
    """The S3 URI of the input."""
    content_type: Annotated[
        str | None, Header("X-Amzn-SageMaker-Content-Type", _HEADER)
    ] = None
    """MIME type of the input."""
    accept: Annotated[str | None, Header("X-Amzn-SageMaker-Accept", _HEADER)] = None
    """MIME type that the answer should have."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes", _HEADER)
    ] = field(default=None, repr=False)
    """Passed on to the container as it is; sensitive, so no repr or log shows it."""
    inference_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Id", _ID_64)
    ] = None
    """An id of yours; the service makes one up if there is none."""
    s3_output_path_extension: Annotated[
        str | None, Header("X-Amzn-SageMaker-S3OutputPathExtension", _OUTPUT_PATH)
    ] = None
    """A path below the endpoint's output path, for this answer."""
    filename: Annotated[str | None, Header("X-Amzn-SageMaker-Filename", _FILENAME)] = (
        None
    )
    """The name of the answer's file."""
    request_ttl_seconds: Annotated[
        int | None,
        Header("X-Amzn-SageMaker-RequestTTLSeconds", Constraints(min=60, max=21_600)),
    ] = None
    """How long the request may wait in the queue, in seconds."""
    invocation_timeout_seconds: Annotated[
        int | None,
        Header(
            "X-Amzn-SageMaker-InvocationTimeoutSeconds", Constraints(min=1, max=3600)
        ),
    ] = None
    """How long the model may take, in seconds."""


@frozen(kw_only=True)
class InvokeEndpointWithResponseStreamInput:
    """What to invoke, and what to send it, for an answer that comes in parts."""

    endpoint_name: Annotated[str, Label("EndpointName", _NAME_63)]
    body: Annotated[BodyLike, Payload(_BODY)] = field(repr=False)
    content_type: Annotated[str | None, Header("Content-Type", _HEADER)] = None
    """MIME type of *body*."""
    accept: Annotated[str | None, Header("X-Amzn-SageMaker-Accept", _HEADER)] = None
    """MIME type that the answer should have."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes", _HEADER)
    ] = field(default=None, repr=False)
    """Passed on to the container as it is; sensitive, so no repr or log shows it."""
    target_variant: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Variant", _NAME_63)
    ] = None
    """Which production variant; overrides the traffic split."""
    target_container_hostname: Annotated[
        str | None, Header("X-Amzn-SageMaker-Target-Container-Hostname", _NAME_63)
    ] = None
    """Which container of a multi-container endpoint."""
    inference_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Id", _ID_64)
    ] = None
    """An id of yours that captured data will carry."""
    inference_component_name: Annotated[
        str | None, Header("X-Amzn-SageMaker-Inference-Component", _COMPONENT)
    ] = None
    """Which inference component of the endpoint."""
    session_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Session-Id", _SESSION)
    ] = None
    """A stateful session to join; this operation cannot open one."""
    prefix_aware_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Prefix-Aware-Id", _ID_64)
    ] = None
    """A routing hint: equal ids go where their prefix is cached already."""


@frozen(kw_only=True)
class SessionInfo:
    """A stateful session that was opened."""

    id: str
    expires_at: datetime | None
    """When it ends; None if the service said it in a form of its own."""


class OperationOutput(Protocol):
    """What every output has beside its members."""

    @property
    def metadata(self) -> Metadata:
        """Request id, status, attempts, endpoint, times, and what middleware added."""
        ...

    @property
    def http_status(self) -> int | None:
        """The response's status."""
        ...


class _WithMetadata:
    """What the outputs share; it keeps no state."""

    __slots__ = ()

    metadata: Metadata

    @property
    def http_status(self) -> int | None:
        """The response's status."""
        return self.metadata.http_status

    @property
    def request_id(self) -> str | None:
        """The id that the service gave the request."""
        return self.metadata.request_id


@frozen(kw_only=True)
class InvokeEndpointOutput(_WithMetadata):
    """The model's answer."""

    body: Annotated[bytes, Payload()] = field(repr=False)
    """As the model sent it; empty, never None, if it sent nothing."""
    content_type: Annotated[str | None, Header("Content-Type")] = None
    """MIME type of *body*."""
    invoked_production_variant: Annotated[
        str | None, Header("x-Amzn-Invoked-Production-Variant")
    ] = None
    """Which variant answered."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes")
    ] = field(default=None, repr=False)
    """What the container added; sensitive, so no repr or log shows it."""
    new_session_id: Annotated[str | None, Header("X-Amzn-SageMaker-New-Session-Id")] = (
        None
    )
    """``"<id>; Expires=<time>"`` of a session that was opened, as it came."""
    closed_session_id: Annotated[
        str | None, Header("X-Amzn-SageMaker-Closed-Session-Id")
    ] = None
    """The session that this call closed."""
    metadata: Metadata = field(factory=Metadata, eq=False, repr=False)

    @property
    def new_session(self) -> SessionInfo | None:
        """*new_session_id*, taken apart; None if no session was opened."""
        if self.new_session_id is None:
            return None
        id, _, attribute = self.new_session_id.partition(";")
        return SessionInfo(id=id.strip(), expires_at=_expiry(attribute.strip()))


@frozen(kw_only=True)
class InvokeEndpointAsyncOutput(_WithMetadata):
    """Where the answer will be."""

    inference_id: Annotated[str | None, JSONMember("InferenceId")] = None
    """The id of the queued request: yours, or one that the service made up."""
    output_location: Annotated[
        str | None, Header("X-Amzn-SageMaker-OutputLocation")
    ] = None
    """The S3 URI where the answer will be."""
    failure_location: Annotated[
        str | None, Header("X-Amzn-SageMaker-FailureLocation")
    ] = None
    """The S3 URI where the error will be if the model fails."""
    metadata: Metadata = field(factory=Metadata, eq=False, repr=False)


@frozen(kw_only=True)
class InvokeEndpointWithResponseStreamOutput(_WithMetadata):
    """What is known of a streamed answer before its first part."""

    content_type: Annotated[str | None, Header("X-Amzn-SageMaker-Content-Type")] = None
    """MIME type of the parts, put together."""
    invoked_production_variant: Annotated[
        str | None, Header("x-Amzn-Invoked-Production-Variant")
    ] = None
    """Which variant answers."""
    custom_attributes: Annotated[
        str | None, Header("X-Amzn-SageMaker-Custom-Attributes")
    ] = field(default=None, repr=False)
    """What the container added; sensitive, so no repr or log shows it."""
    metadata: Metadata = field(factory=Metadata, eq=False, repr=False)


@frozen
class PayloadPart:
    """A part of a streamed answer.

    Parts end where the model's container flushed: a character or a JSON document may
    be cut in two.
    """

    bytes: bytes = field(repr=False)


@frozen
class UnknownEvent:
    """An event that is newer than this library."""

    tag: str
    """Its type, from ``:event-type``."""
    headers: Mapping[str, object]
    raw: bytes = field(repr=False)
    """Its payload."""


def _expiry(attribute: str) -> datetime | None:
    """Read ``Expires=2025-10-22T12:34:56Z``."""
    name, _, value = attribute.partition("=")
    if name != "Expires":
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
