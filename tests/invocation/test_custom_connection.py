"""Exceptions of a custom duplex client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt.errors import ComponentError, TruncatedBodyError
from sagemaker_rt.http import Headers, Request, Response
from sagemaker_rt.invocation.custom_connection import open_connection
from sagemaker_rt.sansio.stream_deadlines import StreamLimits
from sagemaker_rt.streaming.duplex import DuplexConnection
from tests.streaming.duplex_doubles import Connection


class CustomClient:
    """A `DuplexClient` that returns *result*, or raises it."""

    def __init__(self, result: Any) -> None:
        self.result = result

    async def open(self, request: Request, limits: StreamLimits) -> Any:
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result

    async def aclose(self) -> None:
        pass


class Odd:
    """A connection, and its body, of which everything raises *error*."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    @property
    def has_room(self) -> bool:
        raise self._error

    is_ended = has_room

    def write(self, *_: object) -> Any:
        raise self._error

    end = close = release = read_nowait = iter_chunks = write

    async def wait_for_room(self, *_: object) -> Any:
        raise self._error

    drain = response = read = wait_for_room


async def opened(result: Any) -> DuplexConnection:
    return await open_connection(CustomClient(result), Request(), StreamLimits())


async def test_each_exception_is_typed() -> None:
    error = KeyError("odd")
    connection = await opened(Odd(error))

    class WithBody(Connection):
        async def response(self) -> Response:
            return Response(200, Headers(), Odd(error))

    body = (await (await opened(WithBody())).response()).body
    for use in (
        lambda: connection.has_room,
        lambda: connection.is_ended,
        lambda: connection.write(b""),
        connection.end,
        connection.close,
        body.read_nowait,
        body.iter_chunks,
        body.release,
    ):
        with pytest.raises(ComponentError) as caught:
            use()
        assert error is caught.value.__cause__
        assert caught.value.may_have_executed
        assert "duplex_client" == caught.value.component
    for wait in (
        connection.wait_for_room,
        connection.drain,
        connection.response,
        lambda: body.read(1),
        lambda: opened(error),
    ):
        with pytest.raises(ComponentError):
            await wait()


async def test_errors_of_this_library_keep_their_type() -> None:
    with pytest.raises(TruncatedBodyError):
        await opened(TruncatedBodyError("cut"))
    with pytest.raises(TruncatedBodyError):
        (await opened(Odd(TruncatedBodyError("cut")))).write(b"")


@pytest.mark.parametrize("result", [None, "connection", object()])
async def test_something_else_than_a_connection_is_refused(result: object) -> None:
    with pytest.raises(ComponentError, match="DuplexConnection"):
        await opened(result)


async def test_a_response_and_its_chunks_are_passed_on() -> None:
    inner = Connection(b"a", b"b")
    connection = await opened(inner)
    connection.write(b"x")
    connection.end()
    response = await connection.response()

    assert (True, False) == (connection.has_room, connection.is_ended)
    assert [b"a", b"b"] == [chunk async for chunk in response.body.iter_chunks()]
    assert b"" == await response.body.read(5)
    assert response.body.read_nowait() is None
    response.body.release()
    await connection.drain()
    assert (True, [b"x"], True) == (inner.has_end, inner.written, inner.is_closed)


@pytest.mark.parametrize("answer", [None, "response"])
async def test_something_else_than_a_response_is_refused(answer: Any) -> None:
    class Wrong(Connection):
        async def response(self) -> Any:
            return answer

    with pytest.raises(ComponentError, match="Response"):
        await (await opened(Wrong())).response()


async def test_chunks_must_be_bytes() -> None:
    async def texts() -> AsyncIterator[Any]:
        yield "text"

    class Text(Connection):
        def iter_chunks(self) -> AsyncIterator[Any]:
            return texts()

    chunks = (await (await opened(Text())).response()).body.iter_chunks()

    assert not getattr(chunks, "is_cancel_safe", True)
    with pytest.raises(ComponentError, match="bytes"):
        await anext(chunks)
