from __future__ import annotations

import logging

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ConnectError
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.middleware.request_response_logger import (
    LogMode,
    RequestResponseLogger,
)
from sagemaker_rt.stack import DeserializeInput, Output
from tests.doubles import Scripted, response

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
    """Keeps what was logged."""

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


async def logged(
    mode: LogMode,
    answer: Output | ConnectError,
    sent: Request,
    level: int = logging.DEBUG,
) -> list[str]:
    """Return what one call leaves in the log."""
    logger = logging.Logger("wire", level)  # noqa: LOG001 - in nobody's way
    logger.addHandler(handler := Lines())
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
    ],
)
async def test_a_line_is_written_for_what_the_mode_asks_for(
    mode: LogMode, expected: list[str]
) -> None:
    answer = Output(response=response(200, {"content-type": "a/b"}, b"1"))

    assert expected == await logged(mode, answer, request(b="1", accept="*/*"))


async def test_what_was_not_answered_has_one_line() -> None:
    lines = await logged(BOTH, ConnectError(), request(b="1", accept="*/*"))

    assert [SENT] == lines


async def test_an_answer_without_a_call_has_one_line() -> None:
    lines = await logged(BOTH, Output(), request(b="1", accept="*/*"))

    assert [SENT] == lines


async def test_nothing_is_written_above_debug() -> None:
    answer = Output(response=response())

    assert [] == await logged(BOTH, answer, request(), logging.INFO)


@pytest.mark.parametrize("name", SECRET_HEADERS)
async def test_secret_headers_and_bodies_are_not_shown(name: str) -> None:
    answer = Output(response=response(200, {name: SECRET}, SECRET.encode()))

    lines = await logged(BOTH, answer, request(**{name: SECRET}))

    assert SECRET not in "".join(lines)
    assert 2 == sum(f"{name.lower()}': '[redacted]'" in line for line in lines)
