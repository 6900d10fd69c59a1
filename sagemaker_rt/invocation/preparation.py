"""Ends a call where it would be sent, and keeps its request."""

from __future__ import annotations

from collections.abc import Awaitable

from sagemaker_rt.context import PREPARE, Context
from sagemaker_rt.http import Request
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.options import Options
from sagemaker_rt.stack import DeserializeInput, Output

__all__ = ["Preparation", "RequestPrepared", "without_effects"]


class RequestPrepared(BaseException):
    """Ends a call that is only prepared.

    ``next`` raises it in middleware. The caller does not see it.

    It is not an error, and not an `Exception`: ``except Exception`` does not see it,
    and ``finally`` runs, as for a cancellation. Let it pass. A middleware that needs to
    know in advance reads ``ctx.is_prepare``.
    """


class Preparation:
    """One call that is only prepared."""

    def __init__(self) -> None:
        self.request: Request | None = None
        """The first request that would be sent; None if there was none."""

    async def send(self, _: Context, input: DeserializeInput) -> Output:
        """Keep the request and end the call, in place of an HTTP client."""
        if self.request is None:
            self.request = input.request
        raise RequestPrepared

    async def request_of(self, call: Awaitable[Output]) -> Request | None:
        """Wait until *call* ends, and return the request that it would send.

        What a middleware returns or raises because ``next`` ended so is ignored.
        """
        try:
            await call
        except RequestPrepared:
            pass
        except (Exception, BaseExceptionGroup):  # a group comes from a TaskGroup
            if self.request is None:
                raise
        return self.request


def without_effects(options: Options) -> Options:
    """Return *options* without what would report or store a call that is not made."""
    log_mode = options.logging.log_mode & LogMode.SIGNING
    is_prepare = True
    return options.replace(
        context_values=options.context_values.with_value(PREPARE, is_prepare),
        tracer_provider=None,
        meter_provider=None,
        client_side_monitoring=False,
        log_level=None,
        log_mode=log_mode,
        response_target=None,
    )
