"""What is logged, and where to."""

from __future__ import annotations

import logging

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.middleware.request_response_logger import LogMode
from sagemaker_rt.options.checks import has_method, instance_of
from sagemaker_rt.options.setting import Setting

__all__ = ["LoggingOptions", "with_log_mode", "with_logger"]


@frozen(kw_only=True)
class LoggingOptions:
    """What is logged, and where to."""

    log_mode: LogMode = field(default=LogMode.OFF, validator=instance_of(LogMode))
    """Which parts of each attempt are logged, at DEBUG and without secrets."""
    logger: logging.Logger | None = field(
        default=None, validator=optional(has_method("debug"))
    )
    """Where to; unset means ``logging.getLogger("sagemaker_rt")``."""


def with_log_mode(log_mode: LogMode) -> Setting:
    """Log the parts of each attempt that *log_mode* names."""
    return Setting("log_mode", log_mode)


def with_logger(logger: logging.Logger) -> Setting:
    """Log to *logger*."""
    return Setting("logger", logger)
