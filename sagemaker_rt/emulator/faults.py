"""Faults that the emulator can be told to show, and the script that says when.

A fault takes the place of an answer (`Answer`, made by `throttle` and its kin), ends
the connection before one (`Disconnect`), or spoils the body of a good one::

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
from sagemaker_rt.emulator.responses import Answer, error_answer
from sagemaker_rt.operations import OPERATIONS

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
    """What becomes of the connection after the last byte."""

    FINISH = auto()
    """The response ends as it should."""
    HANG_UP = auto()
    """FIN: the client sees the end of the input."""
    RESET = auto()
    """RST: the client sees a connection reset."""


@frozen
class Disconnect:
    """End the connection when the request has come, before any head of a response."""

    ending: Ending


RESET: Final = Disconnect(Ending.RESET)
"""Reset the connection instead of answering."""
HANG_UP: Final = Disconnect(Ending.HANG_UP)
"""Close the connection instead of answering."""


class BodyFault(Protocol):
    """A fault in the body of an answer that is good otherwise."""

    @property
    def ending(self) -> Ending:
        """What becomes of the connection afterwards."""
        ...

    @property
    def is_for_streams(self) -> bool:
        """Whether only an event stream can have it; other requests leave it be."""
        ...

    def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield what is sent in the place of *frames*: messages, or one whole body."""
        ...


@frozen(kw_only=True)
class CutStream:
    """End the connection inside a frame, or with ``extra=0`` between two."""

    frames: int = 1
    """How many frames come whole."""
    extra: int = 7
    """How many bytes of the next one come."""
    ending: Ending = Ending.HANG_UP
    is_for_streams: bool = True

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield whole frames, and the start of one."""
        whole = 0
        async with aclosing(frames):
            async for frame in frames:
                if whole == self.frames:
                    yield frame[: self.extra]
                    return
                whole += 1
                yield frame


@frozen(kw_only=True)
class CutBody:
    """End the connection inside the body, whose head promised more."""

    after: int = 0
    """How many bytes of the body come."""
    ending: Ending = Ending.HANG_UP
    is_for_streams: bool = False

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield the first bytes."""
        left = self.after
        async with aclosing(frames):
            async for frame in frames:
                yield frame[:left]
                left -= len(frame)
                if left <= 0:
                    return


@frozen(kw_only=True)
class CorruptChecksum:
    """Send one frame with a checksum that is wrong."""

    frame: int = 0
    """Which, from 0."""
    in_prelude: bool = False
    """Whether it is the prelude's checksum, or the one at the frame's end."""
    ending: Ending = Ending.FINISH
    is_for_streams: bool = True

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield all frames, one with a bit turned."""
        index = 0
        async with aclosing(frames):
            async for frame in frames:
                yield self._corrupt(frame) if index == self.frame else frame
                index += 1

    def _corrupt(self, frame: bytes) -> bytes:
        """Return *frame* with a bit of a checksum turned."""
        spoilt = bytearray(frame)
        # the prelude's checksum is its third number; Smithy event stream, wire format
        spoilt[11 if self.in_prelude else -1] ^= 1
        return bytes(spoilt)


@frozen(kw_only=True)
class FailStream:
    """End a stream with an exception event."""

    after: int = 1
    """How many frames come before it."""
    exception: str = "InternalStreamFailure"
    message: str = "The stream processing failed."
    ending: Ending = Ending.FINISH
    is_for_streams: bool = True

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield the first frames, and the exception."""
        left = self.after
        async with aclosing(frames):
            while left and (frame := await anext(frames, None)) is not None:
                left -= 1
                yield frame
        yield exception_frame(self.exception, {"Message": self.message})


@frozen(kw_only=True)
class SlowDrip:
    """Send the body a few bytes at a time."""

    size: int = 1
    """How many bytes."""
    pause: float = 0.01
    """Seconds before each of them."""
    ending: Ending = Ending.FINISH
    is_for_streams: bool = False

    async def spoil(self, frames: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Yield all frames in small pieces."""
        async with aclosing(frames):
            async for frame in frames:
                for start in range(0, len(frame), self.size):
                    await asyncio.sleep(self.pause)
                    yield frame[start : start + self.size]


Fault: TypeAlias = Answer | Disconnect | BodyFault
"""What goes wrong with one request."""


def throttle(
    *, retry_after: int | None = None, code: str = "ThrottlingException"
) -> Answer:
    """Return a refusal for too many requests.

    Args:
        retry_after: Milliseconds, for ``x-amz-retry-after``.
    """
    headers = {} if retry_after is None else {"x-amz-retry-after": str(retry_after)}
    return error_answer(code, 429, "Rate exceeded", headers=headers)


def null_message() -> Answer:
    """Return the answer of an endpoint at its limit of concurrency, without a name."""
    headers = {"Content-Type": "application/json"}
    return Answer(400, b'{"message": null}', headers=headers)


def internal_dependency() -> Answer:
    """Return a failure of something that the service depends on."""
    message = "Your request caused an exception with an internal dependency."
    return error_answer("InternalDependencyException", 530, message)


def internal_failure() -> Answer:
    """Return a failure of the service."""
    return error_answer("InternalFailure", 500, "An internal failure occurred.")


def service_unavailable() -> Answer:
    """Return the answer of a service that cannot take requests now."""
    message = "The service is unavailable. Try your call again."
    return error_answer("ServiceUnavailable", 503, message)


def redirect(location: str, *, status: int = 307) -> Answer:
    """Return the advice to ask at *location*, which nobody should follow."""
    return Answer(status, headers={"Location": location})


def html_error(status: int = 502) -> Answer:
    """Return an error as some proxy on the way words it."""
    body = b"<html><body><h1>Bad Gateway</h1></body></html>"
    return Answer(status, body, headers={"Content-Type": "text/html"})


_STREAMS: Final = {
    operation.name for operation in OPERATIONS.values() if operation.is_stream
}


@define
class _Entry:
    """A fault, and which requests it is for."""

    fault: Fault
    times: int | None
    operation: str | None
    endpoint_name: str | None

    def is_for(self, operation: str, endpoint_name: str | None) -> bool:
        """Tell whether a request gets the fault."""
        if self.operation is None and operation not in OPERATIONS:
            return False
        if self.operation not in {None, operation}:
            return False
        if self.endpoint_name not in {None, endpoint_name}:
            return False
        needs_stream = getattr(self.fault, "is_for_streams", False)
        return not needs_stream or operation in _STREAMS


class FaultScript:
    """Faults in the order in which requests get them."""

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
        """Add *fault* at the end.

        Args:
            times: How many requests get it; None is every one from then on.
            operation: The only operation that gets it, such as ``InvokeEndpoint`` or of
                the object store ``GetObject``; None is any but the store's.
            endpoint_name: The only endpoint whose requests get it.
        """
        self._entries.append(_Entry(fault, times, operation, endpoint_name))

    def take(self, operation: str, endpoint_name: str | None = None) -> Fault | None:
        """Return the fault that a request gets, and count it."""
        for entry in self._entries:
            if not entry.is_for(operation, endpoint_name):
                continue
            if entry.times is not None:
                entry.times -= 1
                if not entry.times:
                    self._entries.remove(entry)
            return entry.fault
        return None

    def clear(self) -> None:
        """Forget all of it."""
        self._entries.clear()
