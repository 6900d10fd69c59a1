"""The HTTP server of the emulator: routes, connections, and common headers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from ssl import SSLContext
from typing import Final
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler
from attrs import frozen

from sagemaker_rt.emulator import s3
from sagemaker_rt.emulator.faults import BodyFault, Disconnect
from sagemaker_rt.emulator.http2_listener import Http2Listener
from sagemaker_rt.emulator.openai_path import CHAT_COMPLETIONS, PATH
from sagemaker_rt.emulator.protocol_selection import ProtocolSelection
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.response_writer import disconnect, write_answer
from sagemaker_rt.emulator.responses import Answer, StreamedAnswer, error_answer
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.operations import OPERATIONS

__all__ = ["MAX_BODY", "Reply", "Server"]

MAX_BODY: Final = 32 << 20
"""Maximum size of a request body, in bytes."""

_HTTP_CODES: Final = {
    404: "UnknownOperationException",
    405: "UnknownOperationException",
    413: "RequestEntityTooLargeException",
}


@frozen
class Reply:
    """A response, or a connection that is closed without one."""

    answer: Answer | StreamedAnswer | Disconnect
    fault: BodyFault | None = None
    """Changes the body of *answer*."""


MAX_PORT: Final = 65535


class Server:
    """Receives requests, passes them to *respond*, and writes the responses.

    Args:
        respond: Must not raise exceptions. It is cancelled if the client disconnects.
        clock: Returns seconds since the epoch, for the ``Date`` header.
        write_bytes: Size of the writes of an event stream; None writes one message at
            a time.
        http2: Serves the connections that speak HTTP/2.
        ssl_context: Encrypts all connections.
    """

    def __init__(
        self,
        respond: Callable[[ReceivedRequest], Awaitable[Reply]],
        *,
        clock: Callable[[], float],
        write_bytes: int | None,
        http2: Http2Listener,
        ssl_context: SSLContext | None = None,
    ) -> None:
        self._respond = respond
        self._http2 = http2
        self._ssl_context = ssl_context
        self._server: asyncio.Server | None = None
        self._clock = clock
        self._write_bytes = write_bytes
        self._runner: web.AppRunner | None = None
        self._connections: set[asyncio.Task[object]] = set()
        self._waiting: set[asyncio.Transport] = set()

    async def start(self, host: str, port: int) -> int:
        """Start listening, and return the port.

        Raises:
            OptionsError: The port is not valid or not available.
        """
        if not 0 <= port <= MAX_PORT:
            message = f"the port of the emulator is {port}; use 0 to {MAX_PORT}"
            raise OptionsError(message)
        runner = web.AppRunner(
            self._application(),
            access_log=None,
            auto_decompress=False,  # signatures cover compressed bodies
            handler_cancellation=True,  # a disconnecting client cancels its model
            shutdown_timeout=1.0,
        )
        self._runner = runner
        await runner.setup()
        http1 = runner.server
        assert http1 is not None  # noqa: S101 - set up

        def select() -> ProtocolSelection:
            return ProtocolSelection(http1, self._http2.protocol, self._waiting)

        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                select, host, port, ssl=self._ssl_context
            )
        except OSError as error:
            await self.aclose()
            message = f"the emulator cannot listen on {host}, port {port}: {error}"
            raise OptionsError(message) from error
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def aclose(self) -> None:
        """Stop listening, and cancel the requests of open connections."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        # no new connections, while the open ones are cancelled
        if self._server is not None:
            self._server.close()
        for transport in self._waiting:
            transport.abort()
        await asyncio.sleep(0)  # a socket is closed in a later turn of the loop
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await self._http2.aclose()
        await runner.cleanup()

    def _application(self) -> web.Application:
        """Return the routes; their names are the names of the operations."""
        application = web.Application(
            client_max_size=MAX_BODY, middlewares=[_render_http_errors]
        )
        application.on_response_prepare.append(self._add_common_headers)
        for operation in OPERATIONS.values():
            application.router.add_post(
                operation.path, self._handle, name=operation.name
            )
        application.router.add_post(PATH, self._handle, name=CHAT_COMPLETIONS)
        for method, name in s3.OPERATIONS.items():
            path = s3.PREFIX + "/{bucket}/{key:.+}"
            application.router.add_route(method, path, self._handle, name=name)
        for method, name in s3.BUCKET_OPERATIONS.items():
            path = s3.PREFIX + "/{bucket:[^/]+}{slash:/?}"
            application.router.add_route(method, path, self._handle, name=name)
        return application

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Receive a request of a known operation, and write its response."""
        self._track_connection(request.task)
        reply = await self._respond(await _receive(request))
        if isinstance(reply.answer, Disconnect):
            disconnect(request, reply.answer.ending)
            return web.Response()  # not sent, but aiohttp needs a response
        return await write_answer(
            request, reply.answer, fault=reply.fault, write_bytes=self._write_bytes
        )

    def _track_connection(self, connection: asyncio.Task[object]) -> None:
        """Keep the task of a connection until it ends, for `aclose` to cancel it."""
        if connection not in self._connections:
            self._connections.add(connection)
            connection.add_done_callback(self._connections.discard)

    async def _add_common_headers(
        self, request: web.Request, response: web.StreamResponse
    ) -> None:
        """Add the request id and ``Date``."""
        is_s3 = request.path.startswith(s3.PREFIX)
        name = "x-amz-request-id" if is_s3 else "x-amzn-RequestId"
        response.headers[name] = str(uuid4())
        response.headers["Date"] = formatdate(self._clock(), usegmt=True)


@web.middleware
async def _render_http_errors(
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Convert HTTP errors of aiohttp into the error format of the service."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        code = _HTTP_CODES.get(error.status, "BadRequestException")
        answer = error_answer(code, error.status, error.reason)
        return await write_answer(request, answer, fault=None, write_bytes=None)


async def _receive(request: web.Request) -> ReceivedRequest:
    """Read a request with its body."""
    body = await request.read()
    path, _, query = request.raw_path.partition("?")
    # joined as in the canonical request of Signature Version 4
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    return ReceivedRequest(
        operation=request.match_info.route.name or "",
        endpoint_name=request.match_info.get("EndpointName"),
        method=request.method,
        path=path,
        query=query,
        headers=headers,
        body=body,
        body_length=len(body),
    )
