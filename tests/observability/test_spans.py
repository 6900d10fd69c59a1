from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry.trace import NoOpTracer, SpanKind, StatusCode

from sagemaker_rt.errors import (
    ConnectionLostError,
    CredentialsError,
    ModelError,
    UnknownServiceError,
)
from sagemaker_rt.observability.spans import begin, end, fail, name_of, succeed, tell
from tests.recording import RecordedSpan


def span() -> RecordedSpan:
    return RecordedSpan("a span", SpanKind.CLIENT, {}, None)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"request_id": "r-1", "http_status": 200},
            {"aws.request_id": "r-1", "http.response.status_code": 200},
        ),
        ({"request_id": None, "http_status": None}, {}),
    ],
)
def test_what_is_known_of_an_answer_is_told(
    facts: dict[str, Any], expected: dict[str, object]
) -> None:
    told = span()

    succeed(told, **facts)

    assert expected == told.attributes
    assert StatusCode.UNSET == told.status.status_code


def test_a_failure_is_told_with_its_answer() -> None:
    told, error = span(), ModelError("no", http_status=424, request_id="r-1")

    fail(told, error)

    assert {
        "aws.request_id": "r-1",
        "http.response.status_code": 424,
        "error.type": "ModelError",
    } == told.attributes
    assert (StatusCode.ERROR, "ModelError") == (
        told.status.status_code,
        told.status.description,
    )
    assert [error] == told.exceptions


def test_the_causes_of_a_failure_are_not_told() -> None:
    told, error = span(), CredentialsError("no credentials")
    error.__cause__ = ValueError("a-secret")

    fail(told, error)

    (stack,) = told.stacks

    assert "CredentialsError: no credentials" in stack
    assert "a-secret" not in stack


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyError("a-secret")])
def test_a_failure_that_is_not_ours_has_a_name_alone(error: BaseException) -> None:
    told = span()

    fail(told, error)

    assert StatusCode.ERROR == told.status.status_code
    assert [] == told.exceptions


class Broken(RecordedSpan):
    """A span that raises whatever is done with it, and remembers what that was."""

    def __init__(self) -> None:
        super().__init__("a span", SpanKind.CLIENT, {}, None)
        self.tried: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name in {"set_attribute", "set_status", "record_exception", "end"}:
            self.tried.append(name)
            raise ArithmeticError
        return super().__getattribute__(name)


def test_a_span_that_raises_is_told_the_rest_all_the_same() -> None:
    told = Broken()

    tell(told, {"a": 1})
    fail(told, ModelError("no"))
    end(told)

    others = [name for name in told.tried if name != "set_attribute"]
    assert ["set_status", "record_exception", "end"] == others


def test_a_tracer_that_raises_makes_a_span_that_nobody_sees() -> None:
    class Tracer(NoOpTracer):
        def start_span(self, *args: Any, **kwargs: Any) -> Any:
            raise ArithmeticError

    begun = begin(Tracer(), "a span", {})

    assert not begun.is_recording()


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (UnknownServiceError("slower", code="Throttling"), "Throttling"),
        (ConnectionLostError("reset"), "ConnectionLostError"),
        (asyncio.CancelledError(), "CancelledError"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_a_failure_has_a_name(error: BaseException, name: str) -> None:
    told = span()

    fail(told, error)

    assert name == name_of(error)
    assert {"error.type": name} == told.attributes
