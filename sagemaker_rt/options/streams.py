"""Options for streams in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.options.checks import has_method, is_bool, seconds_or_none

if TYPE_CHECKING:
    from sagemaker_rt.streaming.duplex import DuplexClient

__all__ = ["StreamOptions"]


@frozen(kw_only=True, eq=False, repr=False)
class StreamOptions(FrozenValue):
    """Options for streams in both directions; timeouts are in seconds.

    *connect_timeout*, *read_timeout*, *write_timeout* and *total_timeout* apply to them
    too. *stream_timeout* does not: the service ends such a stream after 30 minutes.
    """

    duplex_client: DuplexClient | None = field(
        default=None, validator=optional(has_method("open"))
    )
    """A custom HTTP/2 client, in place of the one of this library. The caller closes
    it."""
    ping_interval: float | None = field(default=25.0, validator=seconds_or_none)
    """Seconds without received bytes after which a stream sends an HTTP/2 PING, which
    keeps its connection open. None sends none."""
    ping_timeout: float | None = field(default=20.0, validator=seconds_or_none)
    """Seconds in which the server must respond to a PING."""
    silence_timeout: float | None = field(default=None, validator=seconds_or_none)
    """Seconds in which the model must send an event, after the response headers or its
    last event. By default there is none, because a model may wait for a speaker."""
    pad_events: bool = field(default=False, validator=is_bool)
    """Whether events get padding of random length, so that their size does not show
    the length of their content."""
    normal_close_ends_stream: bool = field(default=False, validator=is_bool)
    """Whether a stream ends without an error when the container closes its WebSocket
    with the code 1000 or 1001. The service reports each close as `ModelStreamError`."""
