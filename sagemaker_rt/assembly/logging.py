"""What is logged of an operation's calls: middlewares, and loggers for other ones."""

from __future__ import annotations

import logging
from typing import Final

from sagemaker_rt.middleware.call_logger import CallLogger
from sagemaker_rt.middleware.request_response_logger import RequestResponseLogger
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import Operation
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.endpoints import normalize_region

__all__ = ["Logs"]

_ON_THE_WIRE: Final = (
    LogMode.SIGNING
    | LogMode.REQUEST
    | LogMode.REQUEST_WITH_BODY
    | LogMode.RESPONSE
    | LogMode.RESPONSE_WITH_BODY
    | LogMode.DEPRECATED_USAGE
)


class Logs:
    """What *options* want to be logged of *operation*; None where they do not."""

    def __init__(self, operation: Operation, options: Options) -> None:
        self._operation: Final = operation
        self._options: Final = options
        given = options.logging.logger
        self._logger: Final = given or logging.getLogger("sagemaker_rt")

    def of(self, mode: LogMode) -> logging.Logger | None:
        """Return where *mode* is logged to."""
        return self._logger if mode in self._options.logging.log_mode else None

    def call_logger(self) -> CallLogger | None:
        """Return what writes a line of each call."""
        level = self._options.logging.log_level
        if level is None:
            return None
        if isinstance(level, str):
            level = logging.getLevelNamesMapping()[level.upper()]
        return CallLogger(self._logger, level)

    def request_response_logger(self) -> RequestResponseLogger | None:
        """Return what logs what goes over the wire."""
        mode = self._options.logging.log_mode
        if self._operation.is_stream and LogMode.RESPONSE_WITH_BODY in mode:
            # to read a stream for the log would leave nothing for the caller
            mode = mode & ~LogMode.RESPONSE_WITH_BODY | LogMode.RESPONSE
        deprecated = _deprecated(self._options)
        if not deprecated:
            mode &= ~LogMode.DEPRECATED_USAGE
        if not mode & _ON_THE_WIRE:
            return None
        return RequestResponseLogger(mode, self._logger, deprecated)


def _deprecated(options: Options) -> tuple[str, ...]:
    """Return what there is to say of options that have a successor."""
    said: list[str] = []
    if options.endpoint.endpoint_resolver is not None:
        said.append("endpoint_resolver; its successor is endpoint_resolver_v2")
    region = options.region
    if region is not None and (plain := normalize_region(region)[0]) != region:
        said.append(f"region {region!r}; give {plain!r}, and use_fips_endpoint=True")
    return tuple(said)
