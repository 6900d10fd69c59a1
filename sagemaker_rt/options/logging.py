"""Options for logging."""

from __future__ import annotations

import logging
from typing import Any

from attrs import Attribute, field, frozen
from attrs.validators import and_, optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.options.checks import has_method, instance_of

__all__ = ["LoggingOptions"]


def _is_level(_: object, attribute: Attribute[Any], value: object) -> None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
    names = [name for name, level in logging.getLevelNamesMapping().items() if level]
    if not is_number and not (isinstance(value, str) and value.upper() in names):
        message = f"{attribute.name} must be a logging level or its name: {value!r}"
        raise OptionsError(message)


@frozen(kw_only=True, eq=False, repr=False)
class LoggingOptions(FrozenValue):
    """Options for logging, which is off by default."""

    log_mode: LogMode = field(default=LogMode.OFF, validator=instance_of(LogMode))
    """The parts of each attempt that are logged, at level DEBUG and without secrets."""
    log_level: int | str | None = field(default=None, validator=optional(_is_level))
    """The level at which one line per call is logged: ``"INFO"`` or 20. None logs no
    line. `LogFormatter` formats it."""
    logger: logging.Logger | None = field(
        default=None, validator=optional(and_(has_method("debug"), has_method("log")))
    )
    """The logger for *log_mode* and *log_level*; the default is
    ``logging.getLogger("sagemaker_rt")``."""
