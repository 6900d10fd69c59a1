from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from sagemaker_rt.transport.native.download import Download
from sagemaker_rt.transport.native.native_errors import (
    ConnectionEndedError,
    InvalidBodyError,
    InvalidHeadError,
)
from sagemaker_rt.transport.native.response_parser import ResponseParser
from tests.splits import splits

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Watched(Download):
    """A response whose end can be observed."""

    __slots__ = ("__weakref__",)


class Silent:
    """A connection that does nothing."""

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        pass


def parsed(*pieces: bytes, is_ended: bool = False) -> tuple[ResponseParser, Download]:
    """Return the parser and the response after *pieces*, and perhaps the end."""
    parser = ResponseParser()
    download = Watched(asyncio.get_running_loop(), Silent())
    parser.start(download)
    for piece in pieces:
        parser.feed(piece)
        if download.error is not None:
            break  # as the connection does, which it closes
    if is_ended:
        parser.end(ConnectionEndedError("the server closed it"))
    return parser, download


@pytest.mark.parametrize(
    ("data", "body", "is_reusable"),
    [
        (OK + b"Content-Length: 5\r\n\r\nhello", b"hello", True),
        (OK + b"content-length:\t5 \t\r\nX: a\r\n b\r\n\r\nhello", b"hello", True),
        (CHUNKED + b"5;a=b\r\nhello\r\n0\r\nX: t\r\n\r\n", b"hello", True),
        (b"HTTP/1.1 204 No\r\n\r\n", b"", True),
        (b"HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", b"", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello", False),
        (
            OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello",
            b"hello",
            False,
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: y\r\n\r\n"
            + OK
            + b"Content-Length: 5\r\n\r\nhello",
            b"hello",
            True,
        ),
    ],
)
async def test_a_response_can_be_split_anywhere(
    data: bytes, body: bytes, *, is_reusable: bool
) -> None:
    for pieces in splits(data):
        parser, download = parsed(*pieces)

        assert download.is_complete
        assert body == download.take()
        assert is_reusable is parser.is_reusable


async def test_100_continue_is_noted() -> None:
    _, download = parsed(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    assert not download.can_send_body

    _, download = parsed(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert download.can_send_body
    assert 0 == download.status


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 000 x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        OK + b"X: a\0b\r\nContent-Length: 0\r\n\r\n",
        OK + b"X: a\rb\r\n\r\n",
        OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Length: +5\r\n\r\nhello",
        OK + b"X: " + b"a" * 10_000 + b"\r\nContent-Length: 0\r\n\r\n",
        OK + b"X: a\r\n" * 200 + b"Content-Length: 0\r\n\r\n",
    ],
)
async def test_an_invalid_head_is_an_error_however_it_is_split(data: bytes) -> None:
    for pieces in ([data], [data[:20], data[20:]], [bytes([byte]) for byte in data]):
        parser, download = parsed(*pieces)

        assert isinstance(download.error, InvalidHeadError)
        assert 0 == download.status
        assert not parser.is_reusable


async def test_a_head_that_never_ends_is_an_error() -> None:
    _, download = parsed(OK, *[b"X: " + b"a" * 1000 + b"\r\n"] * 100)

    assert isinstance(download.error, InvalidHeadError)


@pytest.mark.parametrize(
    "body",
    [
        b"xyz\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhellogarbage\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n" + b"X: t\r\n" * 200 + b"\r\n",
    ],
)
async def test_an_invalid_body_is_an_error_of_the_body(body: bytes) -> None:
    _, together = parsed(CHUNKED + body)
    _, apart = parsed(CHUNKED, body)

    assert isinstance(apart.error, InvalidBodyError | InvalidHeadError)
    assert type(apart.error) is type(together.error)
    assert not apart.is_complete


async def test_another_response_makes_the_connection_useless() -> None:
    data = OK + b"Content-Length: 5\r\n\r\nhello"

    parser, download = parsed(data + OK + b"Content-Length: 3\r\n\r\nbad")

    assert (200, b"hello") == (download.status, download.take())
    assert not parser.is_reusable


async def test_garbage_after_a_response_makes_it_ambiguous() -> None:
    _, download = parsed(OK + b"Content-Length: 5\r\n\r\nhellogarbage")

    assert isinstance(download.error, InvalidHeadError)


async def test_garbage_after_a_response_that_was_returned_is_in_its_body() -> None:
    parser, download = parsed(OK + b"Content-Length: 5\r\n\r\nhel")
    download.is_returned = True

    parser.feed(b"logarbage")

    assert isinstance(download.error, InvalidBodyError)


async def test_garbage_after_the_last_response_is_not_read() -> None:
    closing = OK + b"Connection: close\r\nContent-Length: 5\r\n\r\n"

    _, download = parsed(closing + b"hellogarbage")

    assert download.is_complete
    assert b"hello" == download.take()


async def test_switching_protocols_is_a_final_response() -> None:
    parser, download = parsed(
        b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nabc"
    )

    assert 101 == download.status
    assert download.is_complete
    assert not parser.is_reusable


async def test_only_a_body_without_length_ends_with_the_connection() -> None:
    _, whole = parsed(OK + b"\r\n", b"hello", is_ended=True)
    _, short = parsed(OK + b"Content-Length: 6\r\n\r\nhello", is_ended=True)
    _, chunked = parsed(CHUNKED + b"5\r\nhello\r\n", is_ended=True)
    _, unanswered = parsed(is_ended=True)

    assert whole.is_complete
    assert b"hello" == whole.take()
    assert [ConnectionEndedError] * 3 == [
        type(it.error) for it in (short, chunked, unanswered)
    ]


async def test_a_closed_parser_reads_nothing_and_is_no_cycle() -> None:
    gc.collect()
    gc.disable()
    parser, download = parsed(OK)
    parser.close()
    parser.feed(b"Content-Length: 0\r\n\r\n")
    parser.end(ConnectionEndedError("the server closed it"))
    reference = weakref.ref(download)
    assert download.error is None
    del parser, download
    gc.enable()

    assert reference() is None
