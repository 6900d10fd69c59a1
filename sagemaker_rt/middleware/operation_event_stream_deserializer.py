"""Deserialize: make a `ResponseStream` of the response body."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter

from sagemaker_rt.context import Context
from sagemaker_rt.observability.logger_errors import wrap_logger_errors
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.eventstream import Message
from sagemaker_rt.sansio.stream_timing import StreamTiming
from sagemaker_rt.stack import DeserializeInput, Handler, Output
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["OperationEventStreamDeserializer"]

# a frame has the first of these headers, and one of the others
_TYPE_HEADERS = (":message-type", ":event-type", ":exception-type", ":error-code")


class OperationEventStreamDeserializer:
    """Set the result of the output to a `ResponseStream`, which owns the connection.

    Args:
        logger: Logs type and size of each event at DEBUG; None logs nothing.
        time: The monotonic clock of the stream's `StreamTiming`.
    """

    def __init__(
        self,
        logger: logging.Logger | None = None,
        *,
        time: Callable[[], float] = perf_counter,
    ) -> None:
        self._logger = logger
        self._time = time

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        timing = StreamTiming(self._time)
        output = await next(ctx, input)
        if output.response is not None:
            stream = ResponseStream(
                output.result,
                output.response,
                operation=ctx.operation,
                known_errors=MODELLED_ERRORS,
                timing=timing,
            )
            if self._logger is not None:
                stream.when_read(partial(_log_events, self._logger, ctx))
            output.result = stream
        return output


def _log_events(
    logger: logging.Logger, ctx: Context, messages: Sequence[Message]
) -> None:
    for message in messages:
        headers = message.headers
        kind = "/".join(str(headers[name]) for name in _TYPE_HEADERS if name in headers)
        with wrap_logger_errors(logger):
            logger.debug(
                "%s attempt %d: event %s, %d bytes",
                ctx.operation,
                ctx.attempt,
                kind,
                len(message.payload),
            )
