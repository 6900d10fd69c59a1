"""Mutated response heads and bodies, over real connections."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Final, Self

from sagemaker_rt import Client, Credentials, PayloadPart
from sagemaker_rt.emulator.frames import payload_part
from sagemaker_rt.transport.aiohttp import AiohttpClient
from tests.fuzz.mutation import BrokenRuleError, Chance, pieces, twisted

__all__ = ["Heads"]

_BODY: Final = b"the whole body of an answer"
_PARTS: Final = payload_part(b"one") + payload_part(b"two")
_RESPONSES: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: a/b\r\n\r\n%b"
    % (len(_BODY), _BODY),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    % (len(_BODY), _BODY),
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
    % (len(_BODY), _BODY),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    % (len(_PARTS), _PARTS),
    b"HTTP/1.1 429 No\r\nx-amz-retry-after: 1\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
)
_REQUEST_END: Final = re.compile(rb"\r\n\r\n")


class _Answering(asyncio.Protocol):
    """Answers each request with what the case says, and mostly ends the connection."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if _REQUEST_END.search(self._received) and self._received.endswith(b"{}"):
            self._received = b""
            for piece in self._heads.pieces:
                self._transport.write(piece)
            if self._heads.is_reset:
                self._transport.abort()
            elif self._heads.is_ended:
                self._transport.close()


class Heads:
    """A client and a server; each case is one call between them."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.is_ended = self.is_reset = False
        self._stack = AsyncExitStack()
        self._strays: list[str] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self._strays.append(str(context)))
        server = await loop.create_server(lambda: _Answering(self), "127.0.0.1", 0)
        await self._stack.enter_async_context(server)
        port = server.sockets[0].getsockname()[1]
        self._client = await self._stack.enter_async_context(
            Client(
                region="us-east-1",
                endpoint_url=f"http://127.0.0.1:{port}",
                credentials=Credentials("AKID", "a-secret"),
                environ={},
                retry_mode="off",
                read_timeout=0.05,
                max_connections=4,
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
        response = chance.choice(_RESPONSES)
        data = twisted(chance, response)
        self.pieces = pieces(chance, data) if chance.is_rare(3) else [data]
        # a server that neither goes on nor ends costs the time limit
        self.is_ended = data != response or chance.is_rare(4)
        self.is_reset = self.is_ended and chance.is_rare(5)
        try:
            return await self._call(chance, data)
        finally:
            self._check()

    async def _call(self, chance: Chance, data: bytes) -> str:
        if chance.is_rare(3):
            async with self._client.invoke_endpoint_with_response_stream(
                endpoint_name="m", body=b"{}"
            ) as stream:
                parts = [e.bytes async for e in stream if isinstance(e, PayloadPart)]
            return f"{len(parts)} parts"
        answer = await self._client.invoke_endpoint(endpoint_name="m", body=b"{}")
        if not _is_of(answer.body, data):
            problem = f"{answer.body!r} was not in {data!r}"
            raise BrokenRuleError(problem)
        return "answer"

    def _check(self) -> None:
        http = self._client._runtime._http_client
        if isinstance(http, AiohttpClient) and http._home is not None:
            connector: Any = http._home.session.connector
            if connector._acquired:
                problem = "a connection was not given back"
                raise BrokenRuleError(problem)
        if self._strays:
            problem = f"the event loop was told: {self._strays}"
            raise BrokenRuleError(problem)


def _is_of(body: bytes, data: bytes) -> bool:
    """Tell whether *body* is what stands in *data*, in one piece or in several."""
    rest = iter(data)
    return all(byte in rest for byte in body)
