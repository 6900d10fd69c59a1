"""The HTTP side of the emulator: routes, connections, and what every head has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Final
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler
from attrs import frozen

from sagemaker_rt.emulator import s3
from sagemaker_rt.emulator.faults import BodyFault, Disconnect
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.response_writer import deliver, disconnect
from sagemaker_rt.emulator.responses import Answer, StreamedAnswer, error_answer
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.operations import OPERATIONS

__all__ = ["MAX_BODY", "Reply", "Server"]

MAX_BODY: Final = 32 << 20
"""The largest body that is taken, in bytes."""

_HTTP_CODES: Final = {
    404: "UnknownOperationException",
    405: "UnknownOperationException",
    413: "RequestEntityTooLargeException",
}


@frozen
class Reply:
    """What a request gets."""

    answer: Answer | StreamedAnswer | Disconnect
    fault: BodyFault | None = None
    """What spoils the body of *answer*."""


class Server:
    """Receives requests, has *respond* answer them, and delivers the answers.

    Args:
        respond: Raises nothing but cancellation, which comes when the client leaves.
        write_bytes: How much of a stream is written at once; None is one frame.
    """

    def __init__(
        self,
        respond: Callable[[ReceivedRequest], Awaitable[Reply]],
        *,
        clock: Callable[[], float],
        write_bytes: int | None,
    ) -> None:
        self._respond = respond
        self._clock = clock
        self._write_bytes = write_bytes
        self._runner: web.AppRunner | None = None
        self._connections: set[asyncio.Task[object]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen on *host*, and return the port.

        Raises:
            OptionsError: The port cannot be had.
        """
        runner = web.AppRunner(
            self._application(),
            access_log=None,
            auto_decompress=False,  # signatures are of bodies as they came
            handler_cancellation=True,
            shutdown_timeout=1.0,
        )
        self._runner = runner
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            await self.aclose()
            message = f"the emulator cannot listen on {host}, port {port}: {error}"
            raise OptionsError(message) from error
        bound: int = runner.addresses[0][1]
        return bound

    async def aclose(self) -> None:
        """Stop listening, and end the connections with the requests that they carry."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for site in list(runner.sites):
            await site.stop()
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await runner.cleanup()

    def _application(self) -> web.Application:
        """Return the routes, named after the operations that they lead to."""
        application = web.Application(
            client_max_size=MAX_BODY, middlewares=[_refuse_as_the_service]
        )
        application.on_response_prepare.append(self._finish_head)
        for operation in OPERATIONS.values():
            application.router.add_post(
                operation.path, self._handle, name=operation.name
            )
        for method, name in s3.OPERATIONS.items():
            path = s3.PREFIX + "/{bucket}/{key:.+}"
            application.router.add_route(method, path, self._handle, name=name)
        return application

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Receive one request of a known operation, and see it answered."""
        self._watch(request.task)
        reply = await self._respond(await _receive(request))
        if isinstance(reply.answer, Disconnect):
            disconnect(request, reply.answer.ending)
            return web.Response()
        return await deliver(
            request, reply.answer, fault=reply.fault, write_bytes=self._write_bytes
        )

    def _watch(self, connection: asyncio.Task[object]) -> None:
        """Remember the task of a connection for as long as it runs."""
        if connection not in self._connections:
            self._connections.add(connection)
            connection.add_done_callback(self._connections.discard)

    async def _finish_head(
        self, request: web.Request, response: web.StreamResponse
    ) -> None:
        """Write what every head has."""
        is_s3 = request.path.startswith(s3.PREFIX)
        name = "x-amz-request-id" if is_s3 else "x-amzn-RequestId"
        response.headers[name] = str(uuid4())
        response.headers["Date"] = formatdate(self._clock(), usegmt=True)


@web.middleware
async def _refuse_as_the_service(
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Answer what no operation takes in the service's words."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        code = _HTTP_CODES.get(error.status, "BadRequestException")
        answer = error_answer(code, error.status, error.reason)
        return await deliver(request, answer, fault=None, write_bytes=None)


async def _receive(request: web.Request) -> ReceivedRequest:
    """Read the whole of a request."""
    body = await request.read()
    path, _, query = request.raw_path.partition("?")
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
