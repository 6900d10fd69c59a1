from __future__ import annotations

import asyncio
import logging

import pytest

from sagemaker_rt.observability.provider_errors import suppress_provider_errors


def test_only_the_first_failure_of_an_action_is_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_rt.observability.provider_errors")

    for _ in range(3):
        with suppress_provider_errors("do the first thing"):
            raise ArithmeticError

    assert [logging.WARNING, logging.DEBUG, logging.DEBUG] == [
        record.levelno for record in caplog.records
    ]
    assert "do the first thing" in caplog.messages[0]
    assert "ArithmeticError" in caplog.text


def test_the_exception_of_the_call_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = ArithmeticError()
    error.__context__ = ValueError("a-secret")

    with suppress_provider_errors("do the second thing"):
        raise error

    assert "ArithmeticError" in caplog.text
    assert "a-secret" not in caplog.text


def test_an_exception_without_a_text_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class OddError(Exception):
        def __str__(self) -> str:
            raise ValueError

    with suppress_provider_errors("do the third thing"):
        raise OddError

    assert 1 == len(caplog.records)


def test_a_cancellation_propagates() -> None:
    with (
        pytest.raises(asyncio.CancelledError),
        suppress_provider_errors("do the fourth thing"),
    ):
        raise asyncio.CancelledError
