"""One sending of a request on a connection of the pool."""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.http import Headers, Request, Response
from sagemaker_rt.sansio.request_head import RequestHeads
from sagemaker_rt.sansio.response_deserialization import request_id
from sagemaker_rt.sansio.response_framing import framing_problem
from sagemaker_rt.transport.attempt import Attempt
from sagemaker_rt.transport.body_chunks import MAX_SINGLE_WRITE
from sagemaker_rt.transport.bound_pool import BoundPool
from sagemaker_rt.transport.error_mapping import unreadable_body_error
from sagemaker_rt.transport.native.connection import Connection
from sagemaker_rt.transport.native.download import Download
from sagemaker_rt.transport.native.native_errors import NATIVE_ERRORS
from sagemaker_rt.transport.native.pool import Pool
from sagemaker_rt.transport.native.route import Route
from sagemaker_rt.transport.native.upload import Upload
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.response_body import BufferedBody, StreamedBody

__all__ = ["Sending", "SendingOptions"]

_WITHOUT_BODY: Final = frozenset({204, 304})
# Python 3.11 takes 0.2 µs to look up a member of an enumeration.
_POOL: Final = Stage.POOL
_READY: Final = Stage.READY
_HEAD: Final = Stage.HEAD


class SendingOptions(NamedTuple):
    """Options of a client that apply to each request."""

    heads: RequestHeads
    expect_continue_from: float
    """The size in bytes from which a body is sent after ``100 Continue``."""
    continue_timeout: float


class Sending:
    """One sending of *request* along *route*, by the current task."""

    __slots__ = (
        "_attempt",
        "_bound",
        "_connection",
        "_download",
        "_head",
        "_is_uploading",
        "_options",
        "_route",
        "_upload",
    )

    def __init__(
        self,
        request: Request,
        bound: BoundPool[Pool],
        route: Route,
        host: str,
        options: SendingOptions,
    ) -> None:
        self._bound: Final = bound
        self._route: Final = route
        self._options: Final = options
        self._connection: Connection | None = None
        self._download: Download | None = None
        self._head = b""
        self._is_uploading = True
        self._upload: Upload | None = None
        # most calls need no other limit than that for the response headers
        limit = request.timeouts.read
        self._attempt: Final = Attempt(request, bound.watchdog, host, _POOL, limit)

    async def response(self) -> Response:
        """Send the request; return when the response headers are received."""
        attempt, pool = self._attempt, self._bound.pool
        request = attempt.request
        connection = pool.take_idle(self._route)
        if connection is None:
            attempt.enter(_POOL, request.timeouts.pool)
            connection = await pool.acquire(self._route, attempt)
            attempt.time_limit.restart(request.timeouts.read)
        self._connection = connection
        attempt.stage = _READY
        is_large = len(request.body) > MAX_SINGLE_WRITE
        self._download = download = connection.start(is_large=is_large)
        if (
            not is_large
            and isinstance(request.body, bytes)
            and request.on_chunk_sent is None
            and "expect" not in request.headers.lower
        ):
            self._head = self._rendered()
            attempt.stage = _HEAD
            is_sent = connection.write(self._head + request.body)
            is_sent = is_sent or await self._drain(download)
        else:
            is_sent = await self._send_body(connection, download)
        # from now on, the connection is the response's, which may be complete
        self._is_uploading = False
        connection.finish_upload(is_complete=is_sent)
        if not download.status:
            await download.head()
        attempt.time_limit.stop()
        return self._converted(download)

    async def fail(self, error: BaseException) -> BaseException | None:
        """Close the connection; return the error to raise, or None to raise *error*.

        It waits until no thread reads the body's file.
        """
        attempt, connection, upload = self._attempt, self._connection, self._upload
        is_timeout = attempt.time_limit.stop()
        if connection is not None and self._is_uploading:
            connection.close()
        elif self._download is not None:
            self._download.abort()
        if upload is not None:
            await upload.chunks.wait_for_thread()
        if is_timeout:
            return attempt.timeout_error()
        if isinstance(error, asyncio.CancelledError):
            return None
        if upload is not None and upload.callback_error is error:
            return None
        if upload is not None and upload.chunks.error is not None:
            return unreadable_body_error(upload.chunks.error, host=attempt.host)
        stage = attempt.stage
        if connection is not None and connection.is_undelivered and stage.is_sent:
            stage = Stage.READY
        return NATIVE_ERRORS.map_exception(error, stage, host=attempt.host)

    async def _drain(self, download: Download) -> bool:
        """Wait until a small request is sent, which the socket did not take at once."""
        request, attempt = self._attempt.request, self._attempt
        if self._connection is None:
            return False
        self._upload = upload = Upload(attempt, self._connection, download)
        attempt.enter(Stage.WRITE, request.timeouts.write)
        is_sent = await upload.drain()
        attempt.enter(Stage.HEAD, request.timeouts.read)
        return is_sent

    async def _send_body(self, connection: Connection, download: Download) -> bool:
        """Send head and body one after the other; return whether all was sent."""
        attempt, options = self._attempt, self._options
        request = attempt.request
        self._upload = upload = Upload(attempt, connection, download)
        must_wait = (
            len(request.body) >= options.expect_continue_from
            or "expect" in request.headers.lower
        )
        self._head = self._rendered(must_wait=must_wait)
        attempt.enter(Stage.WRITE, request.timeouts.write)
        connection.write(self._head)
        is_sent = await upload.drain()
        if must_wait and is_sent:
            await upload.wait_for_continue(options.continue_timeout)
            # a final response to the headers alone is the answer
            is_sent = not download.status
        is_sent = is_sent and await upload.send()
        attempt.enter(Stage.HEAD, request.timeouts.read)
        return is_sent

    def _rendered(self, *, must_wait: bool = False) -> bytes:
        """Return start line and headers.

        They are never kept in a local variable of a function that raises, where a
        traceback with variables would show the signature.

        Raises:
            ValueError: They are not valid HTTP.
        """
        attempt, route = self._attempt, self._route
        request = attempt.request
        added = {} if not must_wait else {"expect": "100-continue"}
        if route.authorization is not None:
            added["Proxy-Authorization"] = route.authorization
        query = f"?{request.query}" if request.query else ""
        head = self._options.heads.render(
            f"{request.method} {route.target}{request.full_path}{query}",
            {
                "host": attempt.host,
                "accept-encoding": "identity",
                **request.headers.lower,
                "content-length": str(len(request.body)),
                **added,
            },
        )
        if head is None:
            message = "a header contains a line break or NUL, or is not Unicode"
            raise ValueError(message)
        return head

    def _converted(self, download: Download) -> Response:
        """Return the response of *download*.

        Raises:
            DeserializationError: The response is a success, and its body could be
                truncated without notice, or has an unrequested transfer coding.
        """
        attempt, status = self._attempt, download.status
        host = attempt.host
        download.is_returned = True
        body: BufferedBody | StreamedBody
        if attempt.request.method == "HEAD":
            # httptools waits for the body that Content-Length announces
            download.abort()
            empty = BufferedBody(b"", host=host)
            return Response(status, Headers.of(download.headers), empty)
        if download.is_complete:
            body = BufferedBody(download.take(), host=host)
        else:
            body = StreamedBody(
                download,
                attempt.request,
                self._bound.watchdog,
                host=host,
                errors=NATIVE_ERRORS,
            )
        problem = framing_problem(
            status,
            download.codings,
            has_length=download.size is not None,
            is_chunked=download.is_chunked,
            is_empty=status in _WITHOUT_BODY,
        )
        if problem is not None:
            body.release()
            error = DeserializationError(f"response body from {host} {problem}")
            error.http_status = status
            error.request_id = request_id(download.headers)
            raise error
        return Response(status, Headers.of(download.headers), body)
