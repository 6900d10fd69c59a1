"""Faults that the emulator injects, and the script that decides which request gets one.

A fault replaces the response (an `Answer`, from `throttle` and other functions), closes
the connection before a response (`Disconnect`), or changes the body of a successful
response (`BodyFault`)::

    emulator.fail_next(throttle(retry_after=250), RESET)
    emulator.faults.add(SlowDrip(size=1, pause=0.01), times=None)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum, auto
from typing import Final, Protocol, TypeAlias

from attrs import define, frozen

from sagemaker_rt.emulator.event_stream import exception_frame
from sagemaker_rt.emulator.openai_path import CHAT_COMPLETIONS
from sagemaker_rt.emulator.responses import Answer, error_answer
from sagemaker_rt.emulator.stream_faults import StreamFault
from sagemaker_rt.operations import HTTP2_OPERATIONS, OPERATIONS

__all__ = [
    "HANG_UP",
    "RESET",
    "BodyFault",
    "CorruptChecksum",
    "CutBody",
    "CutStream",
    "Disconnect",
    "Ending",
    "FailStream",
    "Fault",
    "FaultScript",
    "SlowDrip",
    "html_error",
    "internal_dependency",
    "internal_failure",
    "null_message",
    "redirect",
    "service_unavailable",
    "throttle",
]


class Ending(Enum):
    """How the response ends after its last byte."""

    FINISH = auto()
    """Normal end of the response."""
    HANG_UP = auto()
    """Close the connection: the client reads an end of file."""
    RESET = auto()
    """Reset the connection: the client gets a connection reset error."""


@frozen
class Disconnect:
    """Close the connection after the request was received, without a response."""

    ending: Ending


RESET: Final = Disconnect(Ending.RESET)
"""Reset the connection instead of sending a response."""
HANG_UP: Final = Disconnect(Ending.HANG_UP)
"""Close the connection instead of sending a response."""


class BodyFault(Protocol):
    """A fault that changes the body of a successful response."""

    @property
    def ending(self) -> Ending:
        """How the response ends."""
        ...

    @property
    def is_for_streams(self) -> bool:
        """Whether the fault applies to event streams only."""
        ...

    def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield the bytes to send instead of *frames*.

        Args:
            frames: Messages of an event stream, or a single item with the whole body.
        """
        ...


@frozen(kw_only=True)
class CutStream:
    """Close the connection within a message, or between two with ``extra=0``."""

    frames: int = 1
    """Number of complete messages."""
    extra: int = 7
    """Number of bytes of the next message."""
    ending: Ending = Ending.HANG_UP
    is_for_streams: bool = True

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield complete messages, and the start of the next."""
        complete = 0
        async with aclosing(frames):
            async for frame in frames:
                if complete == self.frames:
                    yield frame[: self.extra]
                    return
                complete += 1
                yield frame


@frozen(kw_only=True)
class CutBody:
    """Close the connection within the body, before its declared length."""

    after: int = 0
    """Number of bytes of the body to send."""
    ending: Ending = Ending.HANG_UP
    is_for_streams: bool = False

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield the first bytes of the body."""
        left = self.after
        async with aclosing(frames):
            async for frame in frames:
                yield frame[:left]
                left -= len(frame)
                if left <= 0:
                    return


@frozen(kw_only=True)
class CorruptChecksum:
    """Send a message with a wrong checksum."""

    frame: int = 0
    """Index of the message, from 0."""
    in_prelude: bool = False
    """Whether the checksum of the prelude is wrong, or that of the message."""
    ending: Ending = Ending.FINISH
    is_for_streams: bool = True

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield all messages, one of them with a bit of a checksum flipped."""
        index = 0
        async with aclosing(frames):
            async for frame in frames:
                yield self._corrupt(frame) if index == self.frame else frame
                index += 1

    def _corrupt(self, frame: bytes) -> bytes:
        """Return *frame* with a bit of a checksum flipped."""
        corrupt = bytearray(frame)
        # bytes 8 to 11 are the checksum of the prelude, the last 4 that of the message:
        # Smithy event stream specification
        corrupt[11 if self.in_prelude else -1] ^= 1
        return bytes(corrupt)


@frozen(kw_only=True)
class FailStream:
    """End a stream with an exception event."""

    after: int = 1
    """Number of messages before the exception."""
    exception: str = "InternalStreamFailure"
    """Name of the exception."""
    message: str = "The stream processing failed."
    error_code: str = "StreamBroken"
    """``ErrorCode`` of a ModelStreamError; other exceptions have none."""
    ending: Ending = Ending.FINISH
    is_for_streams: bool = True

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield the first messages, and the exception."""
        left = self.after
        async with aclosing(frames):
            while left and (frame := await anext(frames, None)) is not None:
                left -= 1
                yield frame
        members = {"Message": self.message}
        if self.exception == "ModelStreamError":
            members["ErrorCode"] = self.error_code
        yield exception_frame(self.exception, members)


@frozen(kw_only=True)
class SlowDrip:
    """Send the body a few bytes at a time."""

    size: int = 1
    """Number of bytes in each write."""
    pause: float = 0.01
    """Seconds before each write."""
    ending: Ending = Ending.FINISH
    is_for_streams: bool = False

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield the body in small pieces, with pauses."""
        async with aclosing(frames):
            async for frame in frames:
                for start in range(0, len(frame), self.size):
                    await asyncio.sleep(self.pause)
                    yield frame[start : start + self.size]


Fault: TypeAlias = Answer | Disconnect | BodyFault | StreamFault
"""A fault of one request."""


def throttle(
    *, retry_after: int | None = None, code: str = "ThrottlingException"
) -> Answer:
    """Return a throttling error with status 429.

    Args:
        retry_after: Milliseconds, sent as ``x-amz-retry-after``.
        code: The error code.
    """
    headers = {} if retry_after is None else {"x-amz-retry-after": str(retry_after)}
    return error_answer(code, 429, "Rate exceeded", headers=headers)


def null_message() -> Answer:
    """Return the error of an endpoint at its concurrency limit: 400 without code."""
    headers = {"Content-Type": "application/json"}
    return Answer(400, b'{"message": null}', headers=headers)


def internal_dependency() -> Answer:
    """Return an InternalDependencyException (530)."""
    message = "Your request caused an exception with an internal dependency."
    return error_answer("InternalDependencyException", 530, message)


def internal_failure() -> Answer:
    """Return an InternalFailure (500)."""
    return error_answer("InternalFailure", 500, "An internal failure occurred.")


def service_unavailable() -> Answer:
    """Return a ServiceUnavailable error (503)."""
    message = "The service is unavailable. Try your call again."
    return error_answer("ServiceUnavailable", 503, message)


def redirect(location: str, *, status: int = 307) -> Answer:
    """Return a redirect to *location*, which a client must not follow by default."""
    return Answer(status, headers={"Location": location})


def html_error(status: int = 502) -> Answer:
    """Return an error of a proxy or load balancer, with an HTML body."""
    body = b"<html><body><h1>Bad Gateway</h1></body></html>"
    return Answer(status, body, headers={"Content-Type": "text/html"})


_STREAMING: Final = {
    operation.name for operation in OPERATIONS.values() if operation.is_stream
}
_RUNTIME: Final = {*OPERATIONS, *HTTP2_OPERATIONS, CHAT_COMPLETIONS}


@define
class _Entry:
    """A fault, and the requests that it applies to."""

    fault: Fault
    times: int | None
    operation: str | None
    endpoint_name: str | None

    def applies_to(self, operation: str, endpoint_name: str | None) -> bool:
        """Return whether the fault applies to a request."""
        # a fault of S3 is always explicit: it is about the store, not the runtime
        if self.operation is None and operation not in _RUNTIME:
            return False
        is_other = self.endpoint_name not in {None, endpoint_name}
        if is_other or self.operation not in {None, operation}:
            return False
        if operation in HTTP2_OPERATIONS:  # whose bodies have other faults
            return isinstance(self.fault, (Answer, Disconnect, StreamFault))
        if isinstance(self.fault, StreamFault):
            return False
        needs_stream = getattr(self.fault, "is_for_streams", False)
        if not needs_stream or operation in _STREAMING:
            return True
        # the streams of the OpenAI path have no frames to corrupt
        return operation == CHAT_COMPLETIONS and isinstance(self.fault, CutStream)


class FaultScript:
    """A queue of faults; each request gets the first one that applies to it."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(
        self,
        fault: Fault,
        *,
        times: int | None = 1,
        operation: str | None = None,
        endpoint_name: str | None = None,
    ) -> None:
        """Append *fault*.

        Args:
            times: Number of requests that get the fault; None means all.
            operation: Name of the operation that gets the fault, such as
                ``InvokeEndpoint``, ``ChatCompletions`` of the OpenAI path, or
                ``GetObject`` of S3. None means any operation of SageMaker Runtime.
            endpoint_name: Name of the endpoint whose requests get the fault; None means
                any.
        """
        self._entries.append(_Entry(fault, times, operation, endpoint_name))

    def take(self, operation: str, endpoint_name: str | None = None) -> Fault | None:
        """Return the fault of a request, or None; removes it after its last use."""
        for entry in self._entries:
            if not entry.applies_to(operation, endpoint_name):
                continue
            if entry.times is not None:
                entry.times -= 1
                if not entry.times:
                    self._entries.remove(entry)
            return entry.fault
        return None

    def clear(self) -> None:
        """Remove all faults."""
        self._entries.clear()
