from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt import errors
from sagemaker_rt.testing.http_stub import HTTPStub, MemoryBody, fresh


@pytest.mark.parametrize(
    ("given", "pieces"),
    [
        (b"", (b"",)),
        (b"ab", (b"ab",)),
        (bytearray(b"ab"), (b"ab",)),
        ("é", ("é".encode(),)),
        ([b"a", b"b"], (b"a", b"b")),
        ((), ()),
    ],
)
def test_a_body_may_be_given_whole_or_in_pieces(
    given: bytes, pieces: tuple[bytes, ...]
) -> None:
    assert pieces == HTTPStub(200, {}, given).body


@pytest.mark.parametrize("body", [1, [1], ["text"], None])
def test_what_is_no_body_is_refused(body: object) -> None:
    with pytest.raises(errors.OptionsError) as caught:
        HTTPStub(200, {}, body)  # type: ignore[arg-type] # what is tested

    text = f"body must be bytes, text, or bytes and exceptions in order: {body!r}"
    assert text == str(caught.value)


@pytest.mark.parametrize("status", [0, -1, "200", True])
def test_what_is_no_status_is_refused(status: object) -> None:
    with pytest.raises(errors.OptionsError, match="status must be"):
        HTTPStub(status)  # type: ignore[arg-type] # what is tested


async def test_a_stub_is_a_response_with_nothing_added() -> None:
    stub = HTTPStub(503, {"X-Cause": "rain"}, b"sorry")

    response = stub.response()

    assert 503 == response.status
    assert {"x-cause": "rain"} == response.headers
    assert b"sorry" == await response.body.read(5)
    response.body.release()


def test_a_stub_shows_neither_headers_nor_body() -> None:
    assert "HTTPStub(status=200)" == repr(HTTPStub(200, {"x-token": "t"}, b"secret"))


async def test_a_body_can_be_read_at_once_whole_and_in_pieces() -> None:
    body = MemoryBody([b"ab", b"c"])

    assert b"abc" == body.read_nowait()
    assert b"abc" == await body.read(3)
    assert [b"ab", b"c"] == [chunk async for chunk in body.iter_chunks()]


@pytest.mark.parametrize(
    "headers", [None, [("a", "b")], {"Content-Length": 3}, {b"a": "b"}]
)
def test_what_are_no_headers_is_refused(headers: Any) -> None:
    with pytest.raises(errors.OptionsError, match="headers must be a mapping"):
        HTTPStub(200, headers)


async def test_a_body_that_is_too_large_is_refused() -> None:
    body = MemoryBody([b"ab", b"c"])

    with pytest.raises(errors.ResponseTooLargeError) as caught:
        await body.read(2)

    assert "response body exceeds 2 bytes" == str(caught.value)


async def test_an_exception_is_raised_where_it_stands() -> None:
    body = MemoryBody([b"ab", OSError("cut"), b"never"])
    seen: list[bytes] = []

    async def read() -> None:
        async for chunk in body.iter_chunks():
            seen.append(chunk)  # noqa: PERF401 - what came before it counts

    with pytest.raises(OSError, match="cut"):
        await read()

    assert [b"ab"] == seen
    assert body.read_nowait() is None
    with pytest.raises(OSError, match="cut"):
        await body.read(10)


def test_an_error_of_ours_is_raised_as_a_copy() -> None:
    error = errors.ConnectionLostError("gone")
    error.request_sent = True

    copied = fresh(error)

    assert copied is not error
    assert (errors.ConnectionLostError, ("gone",)) == (type(copied), copied.args)
    assert isinstance(copied, errors.ConnectionLostError)
    assert copied.request_sent


def test_an_exception_of_others_is_raised_itself() -> None:
    error = OSError("gone")

    assert fresh(error) is error
