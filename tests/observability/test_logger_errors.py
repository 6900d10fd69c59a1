from __future__ import annotations

import asyncio
import logging

import pytest

from sagemaker_rt.errors import ComponentError, OptionsError
from sagemaker_rt.observability.logger_errors import wrap_logger_errors

LOGGER = logging.Logger("calls")  # noqa: LOG001 - not registered


def test_an_exception_of_a_logger_is_wrapped() -> None:
    cause = KeyError("record")

    with pytest.raises(ComponentError) as caught, wrap_logger_errors(LOGGER):
        raise cause

    error = caught.value
    assert ("logger", cause) == (error.component, error.__cause__)
    assert (True, True) == (error.request_sent, error.may_have_executed)


@pytest.mark.parametrize("kind", [asyncio.CancelledError, OptionsError])
def test_other_exceptions_propagate(kind: type[BaseException]) -> None:
    with pytest.raises(kind), wrap_logger_errors(LOGGER):
        raise kind


def test_a_block_without_an_exception_ends_normally() -> None:
    with wrap_logger_errors(LOGGER):
        LOGGER.debug("a line")
