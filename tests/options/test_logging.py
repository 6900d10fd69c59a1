from __future__ import annotations

import logging
from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.options import Option, Options, with_options
from sagemaker_rt.options.logging import LoggingOptions

LOGGER = logging.getLogger("tests.options")
BOTH = LogMode.REQUEST | LogMode.RESPONSE


def test_by_default_nothing_is_logged() -> None:
    options = LoggingOptions()

    assert (LogMode.OFF, None, None) == (
        options.log_mode,
        options.logger,
        options.log_level,
    )


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        (with_options(log_level="INFO"), "log_level", "INFO"),
        (with_options(log_level=5), "log_level", 5),
        (with_options(log_level=None), "log_level", None),
        (with_options(log_mode=BOTH), "log_mode", BOTH),
        (with_options(logger=LOGGER), "logger", LOGGER),
    ],
    ids=["log_level", "a number", "no log_level", "log_mode", "logger"],
)
def test_an_option_is_in_its_group(option: Option, name: str, value: object) -> None:
    assert value == getattr(option(Options()).logging, name)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"log_level": "LOUD"},
            "log_level must be a level, or the name of one: 'LOUD'",
        ),
        (
            {"log_level": "notset"},
            "log_level must be a level, or the name of one: 'notset'",
        ),
        ({"log_level": 0}, "log_level must be a level, or the name of one: 0"),
        ({"log_level": True}, "log_level must be a level, or the name of one: True"),
        ({"log_mode": "request"}, "log_mode must be of type LogMode: 'request'"),
        ({"log_mode": None}, "log_mode must be of type LogMode: None"),
        ({"logger": "root"}, "logger must be an object with a method debug(): 'root'"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        LoggingOptions(**fields)

    assert message == str(caught.value)
