from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from sagemaker_rt.errors import ConnectionLostError, ModelError, UnknownServiceError
from sagemaker_rt.spans import fail, name_of, succeed
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
