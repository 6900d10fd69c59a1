from __future__ import annotations

import asyncio
import logging

import pytest

from sagemaker_rt.observability.provider_errors import harmless


def test_what_a_provider_raises_is_logged_the_first_time_as_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_rt.assembly.telemetry")

    for _ in range(3):
        with harmless("this test fails"):
            raise ArithmeticError

    assert [logging.WARNING, logging.DEBUG, logging.DEBUG] == [
        record.levelno for record in caplog.records
    ]
    assert "the provider of telemetry failed: this test fails" == caplog.messages[0]
    assert "ArithmeticError" in caplog.text


def test_what_the_call_fails_with_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failing = ArithmeticError()
    failing.__context__ = ValueError("a-secret")

    with harmless("another test fails"):
        raise failing

    assert "ArithmeticError" in caplog.text
    assert "a-secret" not in caplog.text


def test_what_cannot_be_said_is_logged_as_well(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class OddError(Exception):
        def __str__(self) -> str:
            raise ValueError

    with harmless("something odd happens"):
        raise OddError

    assert 1 == len(caplog.records)


def test_a_cancellation_goes_on() -> None:
    with pytest.raises(asyncio.CancelledError), harmless("this is no failure"):
        raise asyncio.CancelledError
