from __future__ import annotations

import logging
from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.options.logging import LoggingOptions

LOGGER = logging.getLogger("tests.options")
BOTH = LogMode.REQUEST | LogMode.RESPONSE


def test_logging_is_off_by_default() -> None:
    options = LoggingOptions()

    assert (LogMode.OFF, None, None) == (
        options.log_mode,
        options.logger,
        options.log_level,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"log_level": "LOUD"},
        {"log_level": "notset"},
        {"log_level": 0},
        {"log_level": True},
        {"log_mode": "request"},
        {"log_mode": None},
        {"logger": "root"},
    ],
)
def test_an_invalid_value_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        LoggingOptions(**fields)

    name, value = next(iter(fields.items()))
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)
