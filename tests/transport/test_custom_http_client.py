from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from sagemaker_rt.errors import (
    ConnectError,
    ConnectionLostError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    TransportError,
    TruncatedBodyError,
)
from sagemaker_rt.http import Headers, Request, Response
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.custom_http_client import send_function
from tests.doubles import BufferedBody, ScriptedHTTPClient


class BrokenBody:
    """A response body whose methods raise *error*."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def read_nowait(self) -> bytes | None:
        raise self.error

    async def read(self, limit: int) -> bytes:
        raise self.error

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        yield b"first"
        raise self.error

    def release(self) -> None:
        raise self.error


def send_of(answer: Any) -> Callable[[Request], Awaitable[Response]]:
    return send_function(ScriptedHTTPClient(answer))


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (KeyError("x"), TransportError),
        (ConnectionResetError("x"), ConnectionLostError),
        (TimeoutError("x"), RequestTimeoutError),
    ],
    ids=["KeyError", "ConnectionResetError", "TimeoutError"],
)
async def test_an_exception_of_send_is_wrapped(
    cause: Exception, kind: type[SageMakerRuntimeError]
) -> None:
    with pytest.raises(SageMakerRuntimeError) as caught:
        await send_of(cause)(Request())

    error = caught.value
    assert (kind, cause) == (type(error), error.__cause__)
    assert "http_client" == error.component
    assert (True, True) == (error.request_sent, error.may_have_executed)
    assert not error.is_retryable


@pytest.mark.parametrize("kind", [ConnectError, asyncio.CancelledError])
async def test_typed_errors_and_cancellation_propagate(
    kind: type[BaseException],
) -> None:
    error = kind()

    with pytest.raises(kind) as caught:
        await send_of(error)(Request())

    assert error is caught.value


async def test_a_result_that_is_not_a_response_is_an_error() -> None:
    with pytest.raises(TransportError, match="int") as caught:
        await send_of(5)(Request())

    error = caught.value
    assert ("http_client", True, True) == (
        error.component,
        error.request_sent,
        error.may_have_executed,
    )


async def read(response: Response) -> None:
    await response.body.read(9)


async def read_nowait(response: Response) -> None:
    response.body.read_nowait()


async def iterate(response: Response) -> None:
    assert [b"first"] == [chunk async for chunk in response.body.iter_chunks()]


async def release(response: Response) -> None:
    response.body.release()


@pytest.mark.parametrize("use", [read, read_nowait, iterate, release])
@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (KeyError("x"), TransportError),
        (ConnectionResetError("x"), TruncatedBodyError),
        (TimeoutError("x"), RequestTimeoutError),
    ],
    ids=["KeyError", "ConnectionResetError", "TimeoutError"],
)
async def test_an_exception_of_the_body_is_wrapped(
    cause: Exception,
    kind: type[SageMakerRuntimeError],
    use: Callable[[Response], Awaitable[None]],
) -> None:
    response = await send_of(Response(200, Headers(), BrokenBody(cause)))(Request())

    with pytest.raises(SageMakerRuntimeError) as caught:
        await use(response)

    error = caught.value
    assert (kind, cause, "http_client") == (
        type(error),
        error.__cause__,
        error.component,
    )
    assert (True, True) == (error.request_sent, error.may_have_executed)


@pytest.mark.parametrize("use", [read, read_nowait, iterate, release])
@pytest.mark.parametrize("kind", [TruncatedBodyError, asyncio.CancelledError])
async def test_typed_errors_and_cancellation_of_the_body_propagate(
    kind: type[BaseException], use: Callable[[Response], Awaitable[None]]
) -> None:
    error = kind()
    response = await send_of(Response(200, Headers(), BrokenBody(error)))(Request())

    with pytest.raises(kind) as caught:
        await use(response)

    assert error is caught.value


async def test_a_body_is_read_and_released() -> None:
    body = BufferedBody(b"one", b"two")
    original = Response(200, Headers({"a": "b"}), body)

    response = await send_of(original)(Request())

    assert (200, original.headers) == (response.status, response.headers)
    assert b"onetwo" == response.body.read_nowait() == await response.body.read(9)
    assert [b"one", b"two"] == [chunk async for chunk in response.body.iter_chunks()]
    response.body.release()
    assert body.is_released
    assert original.body is body


async def test_a_body_may_be_an_iterator_that_is_not_a_generator() -> None:
    class Chunks:
        def __aiter__(self) -> Chunks:
            return self

        async def __anext__(self) -> bytes:
            raise StopAsyncIteration

    class Body(BufferedBody):
        def iter_chunks(self) -> Any:
            return Chunks()

    response = await send_of(Response(200, Headers(), Body()))(Request())

    assert [] == [chunk async for chunk in response.body.iter_chunks()]


class ReportingClient(ScriptedHTTPClient):
    """Calls ``on_chunk_sent``, as an HTTP client may."""

    async def send(self, request: Request) -> Response:
        assert request.on_chunk_sent is not None
        await request.on_chunk_sent(b"x", 1, 1)
        return await super().send(request)


async def test_an_exception_of_on_chunk_sent_propagates_unchanged() -> None:
    cause = KeyError("mine")

    async def fail(chunk: bytes, sent: int, total: int) -> None:
        raise cause

    with pytest.raises(KeyError) as caught:
        await send_function(ReportingClient())(Request(on_chunk_sent=fail))

    assert cause is caught.value


async def test_an_exception_of_send_is_wrapped_also_with_on_chunk_sent() -> None:
    reported: list[bytes] = []

    async def note(chunk: bytes, sent: int, total: int) -> None:
        reported.append(chunk)

    client = ReportingClient(KeyError("x"))
    with pytest.raises(TransportError):
        await send_function(client)(Request(on_chunk_sent=note))

    assert [b"x"] == reported


async def test_our_own_client_is_not_wrapped() -> None:
    client = AiohttpClient()

    assert send_function(client) == client.send
