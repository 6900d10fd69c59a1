"""Reads the bodies of responses, under time limits."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from contextlib import suppress
from io import BytesIO
from math import inf
from typing import Final, Protocol, Self

from sagemaker_rt.errors import (
    ClientStateError,
    ResponseTooLargeError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.transport import error_mapping
from sagemaker_rt.transport.error_mapping import ErrorTables
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.time_limits import TimeLimit, Watchdog

__all__ = ["BufferedBody", "Content", "StreamedBody"]


class Content(Protocol):
    """The content of a response body, while an HTTP client receives it."""

    @property
    def size(self) -> int | None:
        """The value of ``Content-Length``, if the response has it."""
        ...

    @property
    def is_held(self) -> bool:
        """Whether the response still has its connection."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether the body was received to its end."""
        ...

    @property
    def error(self) -> BaseException | None:
        """The exception that ended the body, if any."""
        ...

    def take(self) -> bytes:
        """Return all bytes that are received and were not read; it does not wait."""
        ...

    async def receive(self) -> bytes:
        """Return the next bytes, or ``b""`` at the end; raise `error`."""
        ...

    def abort(self) -> None:
        """Close the connection at once, if the response still has it."""
        ...

    def abandon(self) -> None:
        """Close the connection as `abort` does; its event loop is closed."""
        ...


class BufferedBody(AsyncIterator[bytes]):
    """A body that was received together with the headers; a `http.ResponseBody`."""

    __slots__ = ("_body", "_host")

    is_cancel_safe: Final = True  # a cancelled read loses nothing

    def __init__(self, body: bytes, *, host: str) -> None:
        self._body = body
        self._host = host

    def read_nowait(self) -> bytes | None:
        """Return the body."""
        return self._body

    async def read(self, limit: int) -> bytes:
        """Return the body.

        Raises:
            ResponseTooLargeError: It is larger than *limit* bytes.
        """
        if len(self._body) > limit:
            raise _too_large(limit, host=self._host)
        return self._body

    def iter_chunks(self) -> Self:
        """Yield the body."""
        return self

    async def __anext__(self) -> bytes:
        chunk, self._body = self._body, b""
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def release(self) -> None:
        """Do nothing: the connection is in the pool again."""


class StreamedBody(AsyncIterator[bytes]):
    """A body while its *content* is received; a `http.ResponseBody`.

    It is for one reader at a time. The caller must read it to its end or release it.
    If it is garbage-collected before that, a ResourceWarning is shown, and the
    connection is closed.
    """

    __slots__ = (
        "_content",
        "_deadline",
        "_end_time",
        "_errors",
        "_host",
        "_is_released",
        "_read_timeout",
        "_stream_timeout",
        "_watchdog",
    )

    is_cancel_safe: Final = True  # a cancelled read loses nothing

    def __init__(
        self,
        content: Content,
        request: Request,
        watchdog: Watchdog,
        *,
        host: str,
        errors: ErrorTables,
    ) -> None:
        self._content = content
        self._errors = errors
        self._deadline = request.deadline
        self._host = host
        self._is_released = False
        self._read_timeout = request.timeouts.read
        self._stream_timeout = request.timeouts.body
        self._end_time = inf
        if self._stream_timeout is not None:
            self._end_time = watchdog.loop.time() + self._stream_timeout
        self._watchdog = watchdog

    def read_nowait(self) -> bytes | None:
        """Return the whole body if it has been received already, else None."""
        content = self._content
        return content.take() if content.is_complete else None

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            ResponseTooLargeError: It is larger than *limit* bytes.
            TruncatedBodyError: The connection was lost before its end.
            RequestTimeoutError: Nothing was received for ``read_timeout``, or the body
                took longer than ``stream_timeout``.
        """
        size = self._content.size or 0
        body = BytesIO()  # returns its content without a copy
        if size <= limit:
            size = 0
            try:
                while size <= limit and (chunk := await self._next_chunk()):
                    size += body.write(chunk)
            except asyncio.CancelledError:
                self.release()
                raise
        if size > limit:
            self.release()
            raise _too_large(limit, host=self._host)
        return body.getvalue()

    def iter_chunks(self) -> Self:
        """Yield the body as it is received; raises as `read` does.

        A read that is cancelled loses nothing: the next one continues.
        """
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._next_chunk()
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def release(self) -> None:
        """Close the connection, unless the body was received to its end."""
        self._is_released = True
        _abort(self._watchdog.loop, self._content)

    def __del__(self) -> None:
        content = self._content
        if self._is_released or not content.is_held or content.is_complete:
            return
        message = f"response body from {self._host} was dropped before its end"
        warnings.warn(message, ResourceWarning, stacklevel=1, source=self)
        _abort(self._watchdog.loop, content)

    async def _next_chunk(self) -> bytes:
        """Return what is received already, or next; ``b""`` at the end."""
        content = self._content
        if self._is_released:
            message = "the response body was released and can no longer be read"
            raise ClientStateError(message)
        if self._is_late() and not content.is_complete:
            self.release()
            raise self._late_error()
        chunk, error = content.take(), content.error
        if chunk or content.is_complete:
            return chunk
        if error is None:
            return await self._receive()
        self.release()
        if self._watchdog.is_closed:
            raise error_mapping.closed_error(Stage.BODY, host=self._host)
        raise self._errors.map_exception(error, Stage.BODY, host=self._host) or error

    async def _receive(self) -> bytes:
        if self._watchdog.loop is not asyncio.get_running_loop():
            self.release()
            message = (
                "the response belongs to another event loop; read it in the one in "
                "which the call was made"
            )
            raise ClientStateError(message)
        if self._watchdog.is_closed:
            self.release()
            raise error_mapping.closed_error(Stage.BODY, host=self._host)
        left = self._end_time - self._watchdog.loop.time()
        gap = self._read_timeout
        limit = left if gap is None or left < gap else gap
        time_limit = TimeLimit(
            self._watchdog, limit if limit < inf else None, self._deadline
        )
        try:
            chunk = await self._content.receive()
        except BaseException as error:
            mapped = self._mapped(error, time_limit)
            if mapped is None:
                if not isinstance(error, asyncio.CancelledError):
                    self.release()
                raise
            self.release()
        else:
            time_limit.stop()
            return chunk
        raise mapped  # here, so that the other exception is not its context

    def _mapped(
        self, error: BaseException, time_limit: TimeLimit
    ) -> SageMakerRuntimeError | None:
        if not time_limit.stop():
            if self._is_released and not isinstance(error, asyncio.CancelledError):
                message = "the response was closed while another task read it"
                return ClientStateError(message)
            return self._errors.map_exception(error, Stage.BODY, host=self._host)
        if self._watchdog.is_closed:
            return error_mapping.closed_error(Stage.BODY, host=self._host)
        if self._is_late():
            return self._late_error()
        seconds = time_limit.exceeded_seconds
        return error_mapping.timeout_error(Stage.BODY, seconds, host=self._host)

    def _is_late(self) -> bool:
        return self._watchdog.loop.time() >= self._end_time

    def _late_error(self) -> SageMakerRuntimeError:
        return error_mapping.timeout_error(
            Stage.BODY, self._stream_timeout, host=self._host, option="stream_timeout"
        )


def _too_large(limit: int, *, host: str) -> ResponseTooLargeError:
    return ResponseTooLargeError(f"response body from {host} exceeds {limit} bytes")


def _abort(loop: asyncio.AbstractEventLoop, content: Content) -> None:
    """Close the connection of *content*, which belongs to *loop*, from any thread.

    *loop* need not be the running event loop, and may be closed.
    """
    if loop is asyncio._get_running_loop():  # noqa: SLF001 - the public one raises
        content.abort()
        return
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(content.abort)
        return
    content.abandon()  # nothing else uses it
