from __future__ import annotations

import logging
from hashlib import sha256

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ConnectError
from sagemaker_rt.http import Endpoint, Headers, Request, Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.middleware.request_response_logger import RequestResponseLogger
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.sansio.sigv4 import SigV4, canonical_request
from sagemaker_rt.stack import DeserializeInput, Output
from tests.doubles import BufferedBody, Scripted, response

CONTEXT = Context("InvokeEndpoint", attempt=2)
SECRET = "c0ffee-and-cake"
SECRET_HEADERS = [
    "Authorization",
    "Cookie",
    "Proxy-Authorization",
    "Set-Cookie",
    "X-Amz-Security-Token",
    "X-Amzn-SageMaker-Custom-Attributes",
]
BOTH = LogMode.REQUEST | LogMode.RESPONSE


class Lines(logging.Handler):
    """A handler that keeps the lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")


def request(**headers: str) -> Request:
    return Request(
        path="/endpoints/m/invocations",
        headers=Headers(headers),
        body=SECRET.encode(),
        endpoint=Endpoint("https://a.example"),
    )


def logger_with(handler: Lines, level: int = logging.DEBUG) -> logging.Logger:
    logger = logging.Logger("wire", level)  # noqa: LOG001 - not registered
    logger.addHandler(handler)
    return logger


async def logged(
    mode: LogMode,
    answer: Output | ConnectError,
    sent: Request,
    level: int = logging.DEBUG,
) -> list[str]:
    """Return the lines that one call logs."""
    logger = logger_with(handler := Lines(), level)
    wire = Scripted[DeserializeInput](answer)
    middleware = RequestResponseLogger(mode, logger)
    if isinstance(answer, ConnectError):
        with pytest.raises(ConnectError):
            await middleware(CONTEXT, DeserializeInput(sent), wire)
    else:
        assert await middleware(CONTEXT, DeserializeInput(sent), wire) is answer
    return handler.lines


SENT = (
    "DEBUG InvokeEndpoint attempt 2: "
    "POST https://a.example/endpoints/m/invocations {'accept': '*/*', 'b': '1'}"
)
RECEIVED = "DEBUG InvokeEndpoint attempt 2: HTTP 200 {'content-type': 'a/b'}"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (LogMode.OFF, []),
        (LogMode.REQUEST, [SENT]),
        (LogMode.RESPONSE, [RECEIVED]),
        (BOTH, [SENT, RECEIVED]),
        (LogMode.REQUEST_WITH_BODY, [f"{SENT}, body of 15 bytes"]),
        (LogMode.RESPONSE_WITH_BODY, [RECEIVED]),
        (LogMode.REQUEST | LogMode.REQUEST_WITH_BODY, [f"{SENT}, body of 15 bytes"]),
        (LogMode.SIGNING, ["DEBUG InvokeEndpoint attempt 2: not signed"]),
        (LogMode.RETRIES, []),
        (LogMode.DEPRECATED_USAGE, []),
        (LogMode.REQUEST_EVENT_MESSAGE, []),
        (LogMode.RESPONSE_EVENT_MESSAGE, []),
    ],
)
async def test_the_mode_selects_the_lines(mode: LogMode, expected: list[str]) -> None:
    answer = Output(response=response(200, {"content-type": "a/b"}, b"1"))

    assert expected == await logged(mode, answer, request(b="1", accept="*/*"))


async def test_a_request_without_a_response_has_one_line() -> None:
    lines = await logged(BOTH, ConnectError(), request(b="1", accept="*/*"))

    assert [SENT] == lines


async def test_an_output_without_a_response_has_one_line() -> None:
    lines = await logged(BOTH, Output(), request(b="1", accept="*/*"))

    assert [SENT] == lines


async def test_nothing_is_logged_above_debug() -> None:
    answer = Output(response=response())

    assert [] == await logged(BOTH, answer, request(), logging.INFO)


async def answered(body: BufferedBody) -> tuple[Response, Lines]:
    """Return the response after the middleware, and the lines that were logged."""
    middleware = RequestResponseLogger(
        LogMode.RESPONSE_WITH_BODY, logger_with(lines := Lines())
    )
    wire = Scripted[DeserializeInput](Output(response=Response(200, Headers(), body)))
    output = await middleware(CONTEXT, DeserializeInput(request()), wire)
    assert output.response is not None
    lines.lines.clear()
    return output.response, lines


class ArrivingBody(BufferedBody):
    """A body that has not been received when it is first read."""

    def read_nowait(self) -> bytes | None:
        return None


async def test_the_size_of_a_body_is_logged_after_it_was_read() -> None:
    size = ["DEBUG InvokeEndpoint attempt 2: body of 3 bytes"]

    there, its_lines = await answered(BufferedBody(b"ab", b"c"))
    assert b"abc" == there.body.read_nowait()
    coming, lines = await answered(ArrivingBody(b"ab", b"c"))
    assert coming.body.read_nowait() is None
    assert [] == lines.lines
    assert b"abc" == await coming.body.read(10)
    in_chunks, lines_of_chunks = await answered(ArrivingBody(b"ab", b"c"))
    assert [b"ab", b"c"] == [chunk async for chunk in in_chunks.body.iter_chunks()]

    assert [size] * 3 == [its_lines.lines, lines.lines, lines_of_chunks.lines]


class Chunks:
    """An iterator of chunks that is not a generator."""

    def __init__(self, *chunks: bytes) -> None:
        self._left = iter(chunks)

    def __aiter__(self) -> Chunks:
        return self

    async def __anext__(self) -> bytes:
        for chunk in self._left:
            return chunk
        raise StopAsyncIteration


class BodyOfChunks(BufferedBody):
    def iter_chunks(self) -> Chunks:
        return Chunks(*self.chunks)


async def test_a_body_may_yield_chunks_of_any_size() -> None:
    answer, lines = await answered(BodyOfChunks(b"ab", b"c"))

    assert [b"ab", b"c"] == [chunk async for chunk in answer.body.iter_chunks()]

    assert ["DEBUG InvokeEndpoint attempt 2: body of 3 bytes"] == lines.lines


async def test_release_is_passed_to_the_inner_body() -> None:
    body = BufferedBody(b"abc")
    answer, lines = await answered(body)

    answer.body.release()

    assert body.is_released
    assert [] == lines.lines


async def test_the_hash_of_the_canonical_request_is_logged() -> None:
    sent = request(accept="*/*", b=SECRET)
    credentials = Credentials("AKID", "shh", SECRET)
    sent.payload_hash = sha256(SECRET.encode()).hexdigest()
    SigV4().sign(
        sent, credentials, service="sagemaker", region="r", signing_time=1_440_938_160
    )

    lines = await logged(LogMode.SIGNING, Output(), sent)

    names = ["accept", "b", "host", "x-amz-date", "x-amz-security-token"]
    canonical = canonical_request(
        method="POST",
        path="/endpoints/m/invocations",
        query="",
        headers={"host": "a.example", **sent.headers},
        signed_headers=names,
        payload_hash=sent.payload_hash,
    )
    line = (
        f"DEBUG InvokeEndpoint attempt 2: signed {';'.join(names)} for "
        "20150830/r/sagemaker; the canonical request's SHA-256 is "
        f"{sha256(canonical.encode()).hexdigest()}"
    )
    assert [line] == lines


async def test_other_signatures_are_not_parsed() -> None:
    lines = await logged(
        LogMode.SIGNING, Output(), request(authorization=f"Bearer {SECRET}")
    )

    line = "DEBUG InvokeEndpoint attempt 2: not signed by Signature Version 4"
    assert [line] == lines


@pytest.mark.parametrize(("attempt", "times"), [(1, 1), (2, 0)])
async def test_deprecations_are_logged_once_per_call(attempt: int, times: int) -> None:
    middleware = RequestResponseLogger(
        LogMode.DEPRECATED_USAGE, logger_with(lines := Lines()), ("this", "that")
    )
    context = Context("InvokeEndpoint", attempt=attempt)
    wire = Scripted[DeserializeInput](Output())

    await middleware(context, DeserializeInput(request()), wire)

    assert (
        times
        * [
            "DEBUG InvokeEndpoint: deprecated: this",
            "DEBUG InvokeEndpoint: deprecated: that",
        ]
        == lines.lines
    )


@pytest.mark.parametrize("name", SECRET_HEADERS)
async def test_secret_headers_and_bodies_are_not_logged(name: str) -> None:
    answer = Output(response=response(200, {name: SECRET}, SECRET.encode()))

    lines = await logged(~LogMode.OFF, answer, request(**{name: SECRET}))

    assert SECRET not in "".join(lines)
    assert 2 == sum(f"{name.lower()}': '[redacted]'" in line for line in lines)
