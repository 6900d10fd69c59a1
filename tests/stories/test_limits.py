"""The time limits of a call hold whatever middleware is in its stack, over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from sagemaker_rt import (
    Client,
    ConnectTimeoutError,
    Context,
    Credentials,
    Handler,
    InitializeInput,
    Output,
    RequestTimeoutError,
    SerializeInput,
    Stack,
    with_api_options,
    with_options,
)
from tests.transport.servers import Peer, full_backlog, hang, serve

KEYS: Final = Credentials("AKIDEXAMPLE", "shh")


def client_of(port: int) -> Client:
    url = f"http://127.0.0.1:{port}"
    return Client(region="us-east-1", credentials=KEYS, environ={}, endpoint_url=url)


def remove(stack: Stack) -> None:
    stack.serialize.remove("OperationSerializer")


def swap(stack: Stack) -> None:
    async def serialize(
        ctx: Context, input: SerializeInput, next: Handler[SerializeInput]
    ) -> Output:
        input.request.path = "/endpoints/m/invocations"
        input.request.body = b"x" * (8 << 20)
        return await next(ctx, input)

    stack.serialize.swap("OperationSerializer", serialize)


def answer(stack: Stack) -> None:
    async def never_answer(
        ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
    ) -> Output:
        await asyncio.Event().wait()
        return await next(ctx, input)

    stack.initialize.add(never_answer)


async def never_read(peer: Peer) -> None:
    await peer.writer.wait_closed()


async def stall(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")
    await peer.hang()


async def unary(client: Client, *opts: Any) -> object:
    return await client.invoke_endpoint(*opts, endpoint_name="m", body=b"abc")


async def stream(client: Client, *opts: Any) -> object:
    async with client.invoke_endpoint_with_response_stream(
        *opts, endpoint_name="m", body=b"abc"
    ) as events:
        return [event async for event in events]


@pytest.mark.parametrize("call", [unary, stream])
@pytest.mark.parametrize(
    ("edit", "behave", "limit"),
    [
        (swap, hang, "read_timeout"),
        (remove, hang, "read_timeout"),
        (swap, never_read, "write_timeout"),
        (swap, stall, "read_timeout"),
        (remove, stall, "stream_timeout"),
        (swap, stall, "stream_timeout"),
        (swap, hang, "total_timeout"),
        (remove, hang, "total_timeout"),
        (swap, stall, "total_timeout"),
        (answer, hang, "total_timeout"),
    ],
)
async def test_a_limit_holds_with_another_serializer(
    call: Callable[..., Awaitable[object]],
    edit: Callable[[Stack], None],
    behave: Callable[[Peer], Awaitable[None]],
    limit: str,
) -> None:
    limits: Any = {limit: 0.05}
    opts = with_api_options(edit), with_options(**limits)
    async with (
        serve(behave, raw=behave is never_read) as server,
        client_of(server.port) as client,
        asyncio.timeout(10),
    ):
        with pytest.raises(RequestTimeoutError, match=limit):
            await call(client, *opts)


@pytest.mark.parametrize("call", [unary, stream])
@pytest.mark.parametrize("edit", [swap, remove])
async def test_the_connect_timeout_holds_with_another_serializer(
    call: Callable[..., Awaitable[object]], edit: Callable[[Stack], None]
) -> None:
    opts = with_api_options(edit), with_options(connect_timeout=0.1, max_attempts=1)
    with full_backlog() as port:
        async with client_of(port) as client, asyncio.timeout(4):
            with pytest.raises(ConnectTimeoutError):
                await call(client, *opts)
