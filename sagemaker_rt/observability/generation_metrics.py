"""OpenTelemetry's metrics of generative AI, for streams.

The names, the buckets and the attributes are those of OpenTelemetry's semantic
conventions for generative AI, whose status is development.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sagemaker_rt.observability.instruments import error_type, histogram
from sagemaker_rt.sansio.eventstream import Message
from sagemaker_rt.sansio.response_events import is_payload_part
from sagemaker_rt.streaming.response_stream import ResponseStream

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

__all__ = ["GenerationMetrics"]

_OPERATION: Final = "generate_content"  # only the container knows whether it is a chat
_PROVIDER: Final = "aws.sagemaker"  # the conventions have a name for Bedrock only
_SECONDS: Final = tuple(0.01 * 2**exponent for exponent in range(14))
_TOKENS: Final = tuple(4**exponent for exponent in range(14))


class GenerationMetrics:
    """Records the duration, the time to and between chunks, and the tokens of streams.

    The numbers of tokens are recorded if `iter_deltas` finds them in the stream.
    """

    def __init__(self, meter: Meter, time: Callable[[], float]) -> None:
        self.time: Final = time
        self.duration: Final = histogram(
            meter,
            "gen_ai.client.operation.duration",
            "From the start of a call to the end of its stream.",
            bounds=_SECONDS,
        )
        self.first_chunk: Final = histogram(
            meter,
            "gen_ai.client.operation.time_to_first_chunk",
            "From the start of a call to the first part of its stream.",
            bounds=_SECONDS,
        )
        self.output_chunk: Final = histogram(
            meter,
            "gen_ai.client.operation.time_per_output_chunk",
            "From one part of a stream to the next.",
            bounds=_SECONDS,
        )
        self.token_usage: Final = histogram(
            meter,
            "gen_ai.client.token.usage",
            "Input and output tokens, as the container reports them.",
            unit="{token}",
            bounds=_TOKENS,
        )

    def record_failure(
        self, started_at: float, params: Any, error: BaseException
    ) -> None:
        """Record a call that failed before its stream."""
        attributes = {**_attributes_of(params), "error.type": error_type(error)}
        self.duration.record(self.time() - started_at, attributes)

    def watch(self, started_at: float, params: Any, stream: ResponseStream) -> None:
        """Record *stream* while it is read."""
        watch = _Watch(self, started_at, _attributes_of(params))
        stream.when_read(watch.record_parts)
        stream.when_ended(watch.record_end)


class _Watch:
    """Records one stream."""

    def __init__(
        self,
        metrics: GenerationMetrics,
        started_at: float,
        attributes: Mapping[str, str],
    ) -> None:
        self._metrics = metrics
        self._started_at = started_at
        self._attributes = attributes
        self._last_at: float | None = None

    def record_parts(self, messages: Sequence[Message]) -> None:
        """Record the parts among the messages that were received now."""
        for _ in filter(is_payload_part, messages):
            now = self._metrics.time()
            if self._last_at is None:
                seconds = now - self._started_at
                self._metrics.first_chunk.record(seconds, self._attributes)
            else:
                seconds = now - self._last_at
                self._metrics.output_chunk.record(seconds, self._attributes)
            self._last_at = now

    def record_end(self, stream: ResponseStream, error: BaseException | None) -> None:
        """Record the duration, and the tokens."""
        attributes = self._attributes
        usage = stream.usage
        if usage is not None:
            for kind, tokens in (
                ("input", usage.prompt_tokens),
                ("output", usage.completion_tokens),
            ):
                if tokens is not None:
                    typed = {**attributes, "gen_ai.token.type": kind}
                    self._metrics.token_usage.record(tokens, typed)
        if error is not None:
            attributes = {**attributes, "error.type": error_type(error)}
        seconds = self._metrics.time() - self._started_at
        self._metrics.duration.record(seconds, attributes)


def _attributes_of(params: Any) -> dict[str, str]:
    """Return the attributes of a call; a model is known by its endpoint or component.

    Args:
        params: The input of the call; without a name if it is invalid.
    """
    attributes = {
        "gen_ai.operation.name": _OPERATION,
        "gen_ai.provider.name": _PROVIDER,
    }
    names = ("inference_component_name", "endpoint_name")
    model = next(
        (name for name in (getattr(params, n, None) for n in names) if name), None
    )
    if isinstance(model, str):
        attributes["gen_ai.request.model"] = model
    return attributes
