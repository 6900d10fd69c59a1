from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt import errors
from sagemaker_rt.testing.http_stub import HTTPStub, MemoryBody, copy_to_raise


@pytest.mark.parametrize(
    ("body", "pieces"),
    [
        (b"", (b"",)),
        (b"ab", (b"ab",)),
        (bytearray(b"ab"), (b"ab",)),
        ("é", ("é".encode(),)),
        ([b"a", b"b"], (b"a", b"b")),
        ((), ()),
    ],
)
def test_a_body_may_be_complete_or_in_pieces(
    body: bytes, pieces: tuple[bytes, ...]
) -> None:
    assert pieces == HTTPStub(200, {}, body).body


@pytest.mark.parametrize("body", [1, [1], ["text"], None])
def test_an_invalid_body_is_rejected(body: object) -> None:
    with pytest.raises(errors.OptionsError) as caught:
        HTTPStub(200, {}, body)  # type: ignore[arg-type] # what is tested

    assert f"body {body!r}" in str(caught.value)


@pytest.mark.parametrize("status", [0, -1, "200", True])
def test_an_invalid_status_is_rejected(status: object) -> None:
    with pytest.raises(errors.OptionsError, match="status"):
        HTTPStub(status)  # type: ignore[arg-type] # what is tested


async def test_the_response_of_a_stub_has_no_additions() -> None:
    stub = HTTPStub(503, {"X-Cause": "rain"}, b"sorry")

    response = stub.response()

    assert 503 == response.status
    assert {"x-cause": "rain"} == response.headers
    assert b"sorry" == await response.body.read(5)
    response.body.release()


def test_the_repr_shows_neither_headers_nor_body() -> None:
    assert "HTTPStub(status=200)" == repr(HTTPStub(200, {"x-token": "t"}, b"secret"))


async def test_a_body_can_be_read_in_each_way() -> None:
    body = MemoryBody([b"ab", b"c"])

    assert b"abc" == body.read_nowait()
    assert b"abc" == await body.read(3)
    assert [b"ab", b"c"] == [chunk async for chunk in body.iter_chunks()]


@pytest.mark.parametrize(
    "headers", [None, [("a", "b")], {"Content-Length": 3}, {b"a": "b"}]
)
def test_invalid_headers_are_rejected(headers: Any) -> None:
    with pytest.raises(errors.OptionsError, match="headers"):
        HTTPStub(200, headers)


async def test_a_body_that_exceeds_the_limit_is_rejected() -> None:
    body = MemoryBody([b"ab", b"c"])

    with pytest.raises(errors.ResponseTooLargeError) as caught:
        await body.read(2)

    assert "2 bytes" in str(caught.value)


async def test_an_exception_is_raised_at_its_position() -> None:
    body = MemoryBody([b"ab", OSError("cut"), b"never"])
    seen: list[bytes] = []

    async def read() -> None:
        async for chunk in body.iter_chunks():
            seen.append(chunk)  # noqa: PERF401 - chunks before an exception count

    with pytest.raises(OSError, match="cut"):
        await read()

    assert [b"ab"] == seen
    assert body.read_nowait() is None
    with pytest.raises(OSError, match="cut"):
        await body.read(10)


def test_an_error_of_this_library_is_copied() -> None:
    error = errors.ConnectionLostError("gone")
    error.request_sent = True

    copied = copy_to_raise(error)

    assert copied is not error
    assert (errors.ConnectionLostError, ("gone",)) == (type(copied), copied.args)
    assert isinstance(copied, errors.ConnectionLostError)
    assert copied.request_sent


def test_another_exception_is_not_copied() -> None:
    error = OSError("gone")

    assert copy_to_raise(error) is error
