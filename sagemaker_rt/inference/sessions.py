"""Stateful sessions: requests that the same instance of an endpoint handles."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal, Self, TypedDict, TypeVar, Unpack

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import (
    ParamValidationError,
    ServiceError,
    SessionEndedError,
    SessionError,
    SessionNotClosedError,
)
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.inference.task_end import end_of
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    Operation,
)
from sagemaker_rt.options import Option, with_options
from sagemaker_rt.sansio.checked_clock import checked_clock
from sagemaker_rt.sansio.clock_skew import offset_at
from sagemaker_rt.sansio.stateful_sessions import (
    reports_end_of_session,
)
from sagemaker_rt.shapes import (
    BodyLike,
    InvokeEndpointOutput,
    SessionInfo,
)
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.stream_call import StreamCall

__all__ = [
    "Session",
    "SessionInvokeMembers",
    "SessionRouting",
    "SessionStreamMembers",
    "with_facts",
]

E = TypeVar("E", bound=SessionError)

# a smaller offset is that of the resolution of the header Date
_SMALLEST_OFFSET: Final = 2.0
_TEXTS: Final = {
    "closed": "was closed",
    "expired": "has expired",
    "unknown": "does not exist any more",
}


class SessionRouting(TypedDict, total=False):
    """Members of all requests of a session, including those that open and close it."""

    inference_component_name: str | None
    target_variant: str | None
    target_container_hostname: str | None


class SessionStreamMembers(SessionRouting, total=False):
    """Members of a streaming request in a session."""

    body: BodyLike
    json: object
    content_type: str | None
    accept: str | None
    custom_attributes: str | None
    inference_id: str | None
    prefix_aware_id: str | None


class SessionInvokeMembers(SessionStreamMembers, total=False):
    """Members of a request in a session."""

    target_model: str | None
    enable_explanations: str | None


class Session:
    """An open stateful session: all its requests go to the same instance.

    `Client.session` opens it. Any number of requests may run concurrently. The end of
    an ``async with`` block closes the session, and so does `aclose`. The endpoint keeps
    a session that is not closed until it expires.
    """

    def __init__(  # noqa: PLR0913 - only `open_session` makes it
        self,
        client: RuntimeClient,
        info: SessionInfo,
        opening: InvokeEndpointOutput,
        *,
        members: dict[str, Any],
        closing: dict[str, Any] | None,
        opts: tuple[Option, ...],
        close_timeout: float,
    ) -> None:
        self._client = client
        self._info = info
        self.opening: Final = opening
        """The response to the request that opened the session."""
        self._members = members
        self._closing_members = closing
        self._opts = opts
        self._close_opts: tuple[Option, ...] = (
            *opts,
            with_options(total_timeout=close_timeout),
        )
        self._now = checked_clock(client.options.clock)
        self._deadline = _deadline(info, opening, client)
        self._end: Literal["closed", "expired", "unknown"] | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def id(self) -> str:
        """The ID of the session."""
        return self._info.id

    @property
    def expires_at(self) -> datetime | None:
        """The time when the session expires; None if the model did not report it."""
        return self._info.expires_at

    @property
    def endpoint_name(self) -> str:
        """The endpoint of the session."""
        return str(self._members["endpoint_name"])

    @property
    def is_open(self) -> bool:
        """Whether a request would be sent: the session is not known to have ended.

        Raises:
            ComponentError: The clock of the client raised an exception.
        """
        if (
            self._end is None
            and self._deadline is not None
            and self._now() >= self._deadline
        ):
            self._end = "expired"
        return self._end is None

    async def invoke(
        self, *opts: Option, **members: Unpack[SessionInvokeMembers]
    ) -> InvokeEndpointOutput:
        """Invoke the model in this session.

        If the model closes the session with this request, further requests raise
        `SessionEndedError`.

        Args:
            opts: Options for this call, applied after those of the session.
            members: The members of `InvokeEndpointInput`, without endpoint and session;
                or ``json`` in place of ``body``.

        Raises:
            SessionEndedError: The session was closed or has expired.
            SageMakerRuntimeError: As by `Client.invoke_endpoint`.
        """
        shape = self._input(INVOKE_ENDPOINT, opts, dict(members))
        self._require_open()
        with self._endings():
            output = await self._client.invoke_endpoint(shape, *self._opts, *opts)
        if output.closed_session_id == self.id:
            self._end = "closed"
        return output

    def stream(
        self, *opts: Option, **members: Unpack[SessionStreamMembers]
    ) -> StreamCall:
        """Invoke the model in this session, and return its response as a stream.

        Use it as ``async with session.stream(…) as stream``, or await it and close the
        `ResponseStream`. Either raises the errors.

        Args:
            opts: Options for this call, applied after those of the session.
            members: The members of `InvokeEndpointWithResponseStreamInput`, without
                endpoint and session; or ``json`` in place of ``body``.

        Raises:
            SessionEndedError: The session was closed or has expired.
            SageMakerRuntimeError: As by `Client.invoke_endpoint_with_response_stream`.
        """
        return StreamCall(self._stream(opts, dict(members)))

    async def aclose(self) -> None:
        """Close the session; idempotent.

        A request with ``closing_body`` is sent, unless the session has ended. It takes
        at most ``close_timeout``. A caller that is cancelled still waits for the end of
        this request. Requests in flight are not cancelled.

        Raises:
            SessionNotClosedError: The response does not confirm that the session ended.
            SageMakerRuntimeError: As by `Client.invoke_endpoint`.
        """
        if self._closing is None:
            if not self.is_open:
                return
            self._end = "closed"
            if self._closing_members is None:
                return
            closing = self._close(self._closing_members)
            self._closing = asyncio.create_task(closing)
        elif self._closing.done():
            return
        await _result_of(self._closing)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self.aclose()
        except Exception as error:
            if exc is None:
                raise
            _add_note(exc, error)  # the error of the block is more important

    def __repr__(self) -> str:
        state = f"ended: {self._end}" if self._end else "open"
        return f"<Session {self.id} of {self.endpoint_name}, {state}>"

    def _input(
        self, operation: Operation, args: tuple[Any, ...], members: dict[str, Any]
    ) -> Any:
        """Return the input shape of a request in this session."""
        fixed = {"endpoint_name": self.endpoint_name, "session_id": self.id}
        if repeated := fixed.keys() & members.keys():
            problem = f"the session sets {', '.join(sorted(repeated))}"
            raise ParamValidationError(problem, [problem])
        shape, _ = arguments(operation, args, {**self._members, **members, **fixed})
        return shape

    async def _stream(
        self, opts: tuple[Option, ...], members: dict[str, Any]
    ) -> ResponseStream:
        shape = self._input(INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, opts, members)
        self._require_open()
        with self._endings():
            return await self._client.invoke_endpoint_with_response_stream(
                shape, *self._opts, *opts
            )

    async def _close(self, members: dict[str, Any]) -> None:
        shape = self._input(INVOKE_ENDPOINT, (), members)
        try:
            with self._endings():
                output = await self._client.invoke_endpoint(shape, *self._close_opts)
        except SessionEndedError:  # the endpoint does not know it any more
            return
        if output.closed_session_id != self.id:
            error = SessionNotClosedError(
                f"the response to the closing request of session {self.id} reports "
                f"{output.closed_session_id or 'nothing'} as closed; "
                "check closing_body"
            )
            error.session_id = self.id
            raise with_facts(error, output.metadata, INVOKE_ENDPOINT.name)

    def _require_open(self) -> None:
        if not self.is_open:
            raise self._ended_error()

    @contextmanager
    def _endings(self) -> Generator[None]:
        """Convert a response which means that the session has ended."""
        try:
            yield
        except ServiceError as error:
            if not reports_end_of_session(error, self.id):
                raise
            self._end = self._end or "unknown"
            ended = with_facts(self._ended_error(), error.metadata, error.operation)
            ended.may_have_executed = error.may_have_executed
            raise ended from error

    def _ended_error(self) -> SessionEndedError:
        reason = self._end or "unknown"
        error = SessionEndedError(f"session {self.id} {_TEXTS[reason]}; open a new one")
        error.session_id, error.reason = self.id, reason
        return error


def _deadline(
    info: SessionInfo, opening: InvokeEndpointOutput, client: RuntimeClient
) -> float | None:
    """Return the time of the client's clock at which the session expires, or None."""
    if info.expires_at is None:
        return None
    # the expiry is a time of the service, whose clock the response shows
    offset = offset_at(opening.metadata.raw_response, opening.metadata)
    if offset is None:
        offset = client.options.retry.clock_offset
    elif abs(offset) < _SMALLEST_OFFSET:
        offset = 0.0
    return info.expires_at.timestamp() - offset


def with_facts(error: E, metadata: Metadata, operation: str | None) -> E:
    """Set the facts of a call that has a response on *error*, and return it."""
    error.operation, error.metadata = operation, metadata
    error.response = metadata.raw_response
    error.request_id, error.http_status = metadata.request_id, metadata.http_status
    error.attempts = len(metadata.attempts)
    error.request_sent = error.may_have_executed = True
    return error


async def _result_of(closing: asyncio.Task[None]) -> None:
    """Wait for the end of *closing*, even if cancelled, and raise its exception."""
    try:
        await end_of(closing)
    except asyncio.CancelledError as cancelled:
        error = None if closing.cancelled() else closing.exception()
        if error is not None:
            _add_note(cancelled, error)
        raise
    closing.result()


def _add_note(raised: BaseException, error: BaseException) -> None:
    name = type(error).__name__
    raised.add_note(f"the session was not closed: {name}: {error}")
