"""Mutated responses, over real connections, read by both HTTP clients."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Final, Self

from sagemaker_rt import Client, Credentials, PayloadPart, SageMakerRuntimeError
from sagemaker_rt.emulator.event_stream import payload_part
from sagemaker_rt.interfaces import HTTPClientName
from sagemaker_rt.sansio.eventstream import EventStreamDecoder
from tests.fuzz.mutation import BrokenRuleError, Chance, corrupted, pieces
from tests.fuzz.strict_http import NotHTTPError, read_response
from tests.transport.pools import pool_of, transport_of

__all__ = ["Responses", "check_complete"]

_OK: Final = b"HTTP/1.1 200 OK\r\n"
_RESPONSE_HEADERS: Final = (
    _OK + b"Content-Length: %d\r\nContent-Type: a/b\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\n" + _OK + b"Content-Length: %d\r\n\r\n",
    b"HTTP/1.1 429 No\r\nx-amz-retry-after: 1\r\nContent-Length: %d\r\n\r\n",
    b"HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1\r\nContent-Length: %d\r\n\r\n",
    b"HTTP/1.1 200 \r\nX-Amzn-RequestId: \xe9\r\nContent-Length: %d\r\n\r\n",
)
_CHUNKED: Final = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_ENDS: Final = (b"0\r\n\r\n", b"0\r\nX-Trailer: t\r\n\r\n")


def _response(chance: Chance, body: bytes) -> bytes:
    """Return a valid response with *body*."""
    if chance.is_rare(2):
        return chance.choice(_RESPONSE_HEADERS) % len(body) + body
    middle = chance.randrange(len(body) + 1)
    parts = (body[:middle], body[middle:])
    chunks = (b"%x\r\n%b\r\n" % (len(part), part) for part in parts if part)
    return _CHUNKED + b"".join(chunks) + chance.choice(_ENDS)


_NAMES: Final[tuple[HTTPClientName, ...]] = ("native", "aiohttp")


def _may_differ(native: list[bytes] | str, *, is_valid: bool) -> bool:
    """Return whether the outcome of the native client may be another than aiohttp's.

    Both parsers find an error at another place of an invalid response, and so report
    it as one of the headers or of the body. The native client accepts no line end
    without CR, and requires one after each chunk.
    """
    return not is_valid and isinstance(native, str)


_REQUEST_END: Final = re.compile(rb"\r\n\r\n")


class _Server(asyncio.Protocol):
    """Responds to each request with the pieces of the case."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if _REQUEST_END.search(self._received) and self._received.endswith(b"{}"):
            self._received = b""
            for piece in self._responses.pieces:
                self._transport.write(piece)
            if self._responses.is_reset:
                self._transport.abort()
            elif self._responses.is_ended:
                self._transport.close()


class Responses:
    """A server, and a client with each HTTP client; in each case, both make a call."""

    def __init__(self) -> None:
        self._clients: dict[HTTPClientName, Client] = {}
        self.pieces: list[bytes] = []
        self.is_ended = self.is_reset = False
        self._stack = AsyncExitStack()
        self._loop_errors: list[str] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda _, context: self._loop_errors.append(str(context))
        )
        server = await loop.create_server(lambda: _Server(self), "127.0.0.1", 0)
        await self._stack.enter_async_context(server)
        port = server.sockets[0].getsockname()[1]
        for name in _NAMES:
            self._clients[name] = await self._stack.enter_async_context(
                Client(
                    region="us-east-1",
                    endpoint_url=f"http://127.0.0.1:{port}",
                    credentials=Credentials("AKID", "a-secret"),
                    environ={},
                    retry_mode="off",
                    read_timeout=0.3,
                    max_connections=4,
                    http_client=name,
                )
            )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def __call__(self, chance: Chance) -> str:
        is_stream = chance.is_rare(3)
        # a unique body, so that a response to another call would be detected
        body = b"response %d" % chance.getrandbits(32)
        if is_stream:
            body = payload_part(body) + payload_part(b"the end")
        response = _response(chance, body)
        data = corrupted(chance, response)
        self.pieces = pieces(chance, data) if chance.is_rare(3) else [data]
        # rarely left open, because the read timeout then has to pass
        self.is_ended = not chance.is_rare(4 if data == response else 100)
        self.is_reset = self.is_ended and chance.is_rare(5)
        outcomes = [
            await self.outcome(client, data, is_stream=is_stream)
            for client in self._clients.values()
        ]
        first, other = outcomes
        if first != other and not _may_differ(first, is_valid=data == response):
            problem = f"{first!r} was read from {data!r} by one client, {other!r}"
            raise BrokenRuleError(problem)
        if isinstance(first, str):
            return first
        return f"{len(first)} parts" if is_stream else "output"

    async def outcome(
        self, client: Client, data: bytes, *, is_stream: bool
    ) -> list[bytes] | str:
        """Return the parts of the response body *data*, or the name of the error."""
        try:
            parts = await (self._stream(client) if is_stream else self._invoke(client))
        except SageMakerRuntimeError as error:
            return type(error).__name__
        finally:
            await self._check_resources(client)
        check_complete(parts, data, is_stream=is_stream)
        return parts

    async def _invoke(self, client: Client) -> list[bytes]:
        output = await client.invoke_endpoint(endpoint_name="m", body=b"{}")
        return [output.body]

    async def _stream(self, client: Client) -> list[bytes]:
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b"{}"
        ) as stream:
            return [e.bytes async for e in stream if isinstance(e, PayloadPart)]

    async def _check_resources(self, client: Client) -> None:
        """Check that the call has released its connection and left no task."""
        await asyncio.sleep(0)
        problems = {
            "connections were not released": pool_of(transport_of(client)).busy,
            "tasks are running": len(asyncio.all_tasks()) - 1,
            "the event loop logged errors": self._loop_errors,
        }
        if any(problems.values()):
            raise BrokenRuleError(str({k: v for k, v in problems.items() if v}))


def check_complete(parts: list[bytes], data: bytes, *, is_stream: bool) -> None:
    """Check that *parts* are the complete body of the response *data*."""
    try:
        status, body = read_response(data)
    except NotHTTPError as error:
        problem = f"{parts!r} was read from {data!r}: {error!r}"
        raise BrokenRuleError(problem) from None
    expected = [body]
    if is_stream:
        messages = EventStreamDecoder().feed(body)
        is_part = [m.headers.get(":event-type") == "PayloadPart" for m in messages]
        expected = [
            m.payload for m, is_it in zip(messages, is_part, strict=True) if is_it
        ]
    if status // 100 != 2 or expected != parts:
        problem = f"{parts!r} was read from {data!r}, not {status} {expected!r}"
        raise BrokenRuleError(problem)
