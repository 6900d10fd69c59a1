"""From logging options to middleware that logs, and loggers for other middleware."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import Operation
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.endpoints import normalize_region

if TYPE_CHECKING:
    from sagemaker_rt.middleware.call_logger import CallLogger
    from sagemaker_rt.middleware.request_response_logger import RequestResponseLogger

__all__ = ["LogMiddleware"]

_WIRE_MODES: Final = (
    LogMode.SIGNING
    | LogMode.REQUEST
    | LogMode.REQUEST_WITH_BODY
    | LogMode.RESPONSE
    | LogMode.RESPONSE_WITH_BODY
    | LogMode.DEPRECATED_USAGE
)


class LogMiddleware:
    """Makes the middleware that logs calls of *operation*, according to *options*."""

    def __init__(self, operation: Operation, options: Options) -> None:
        self._operation: Final = operation
        self._options: Final = options
        logger = options.logging.logger
        self._logger: Final = logger or logging.getLogger("sagemaker_rt")

    def of(self, mode: LogMode) -> logging.Logger | None:
        """Return the logger for *mode*; None if that mode is off."""
        return self._logger if mode in self._options.logging.log_mode else None

    def call_logger(self) -> CallLogger | Omitted:
        """Return the middleware that logs one line per call."""
        level = self._options.logging.log_level
        if level is None:
            return Omitted("CallLogger", "log_level is not set")
        if isinstance(level, str):
            level = logging.getLevelNamesMapping()[level.upper()]
        from sagemaker_rt.middleware.call_logger import (  # noqa: PLC0415 - if it is on
            CallLogger,
        )

        return CallLogger(self._logger, level)

    def request_response_logger(self) -> RequestResponseLogger | Omitted:
        """Return the middleware that logs requests and responses."""
        mode = self._options.logging.log_mode
        if self._operation.is_stream and LogMode.RESPONSE_WITH_BODY in mode:
            # reading the stream here would leave nothing for the caller
            mode = mode & ~LogMode.RESPONSE_WITH_BODY | LogMode.RESPONSE
        deprecated = _deprecated(self._options)
        if not deprecated:
            mode &= ~LogMode.DEPRECATED_USAGE
        if not mode & _WIRE_MODES:
            return Omitted("RequestResponseLogger", "log_mode is off")
        from sagemaker_rt.middleware.request_response_logger import (  # noqa: PLC0415 - if it is on
            RequestResponseLogger,
        )

        return RequestResponseLogger(mode, self._logger, deprecated)


def _deprecated(options: Options) -> tuple[str, ...]:
    """Return a warning for each option that has a successor."""
    warnings: list[str] = []
    if options.endpoint.endpoint_resolver is not None:
        warnings.append("endpoint_resolver; use endpoint_resolver_v2")
    region = options.region
    if region is not None and (plain := normalize_region(region)[0]) != region:
        warnings.append(f"region {region!r}; use {plain!r} and use_fips_endpoint=True")
    return tuple(warnings)
