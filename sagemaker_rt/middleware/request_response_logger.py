"""Deserialize: log what goes over the wire, without its secrets."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import Flag, auto
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["LogMode", "RequestResponseLogger"]


class LogMode(Flag):
    """What is logged of each attempt, at DEBUG; nothing is by default."""

    OFF = 0
    REQUEST = auto()
    """Method, URL and headers of the signed request."""
    RESPONSE = auto()
    """Status and headers of the response."""


_SECRET: Final = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "x-amz-security-token",
        "x-amzn-sagemaker-custom-attributes",
    }
)


class RequestResponseLogger:
    """Log to *logger* what *mode* asks for; bodies and secret headers never."""

    def __init__(self, mode: LogMode, logger: logging.Logger) -> None:
        self._mode = mode
        self._logger = logger

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        request = input.request
        if LogMode.REQUEST in self._mode:
            self._logger.debug(
                "%s attempt %d: %s %s %s",
                ctx.operation,
                ctx.attempt,
                request.method,
                request.url,
                _shown(request.headers),
            )
        output = await next(ctx, input)
        response = output.response
        if LogMode.RESPONSE in self._mode and response is not None:
            self._logger.debug(
                "%s attempt %d: HTTP %d %s",
                ctx.operation,
                ctx.attempt,
                response.status,
                _shown(response.headers),
            )
        return output


def _shown(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "[redacted]" if name in _SECRET else value
        for name, value in sorted(headers.items())
    }
