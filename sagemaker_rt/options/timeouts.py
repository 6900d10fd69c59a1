"""How long things may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.options.checks import one_of, seconds_or_none
from sagemaker_rt.sansio.defaults_mode import (
    DEFAULTS_MODES,
    DefaultsMode,
    connect_timeout_of,
)

if TYPE_CHECKING:
    from sagemaker_rt.http import Timeouts

__all__ = [
    "TimeoutOptions",
]


def _seconds_or_default(instance: object, attribute: Any, value: Any) -> None:
    if value != "default":
        seconds_or_none(instance, attribute, value)


@frozen(kw_only=True)
class TimeoutOptions:
    """How long things may take, in seconds; None is for ever."""

    # pyright widens a literal that meets a union
    connect_timeout: float | Literal["default"] | None = field(  # pyright: ignore[reportAssignmentType]
        default="default", validator=_seconds_or_default
    )
    """Name lookup, TCP and TLS together; 5 s unless *defaults_mode* says otherwise."""
    defaults_mode: DefaultsMode | None = field(
        default=None, validator=optional(one_of(*DEFAULTS_MODES))
    )
    """Where calls come from, in the words that the SDKs share: ``in-region`` gives a
    connection 1.1 s, ``standard`` and ``cross-region`` 3.1 s, ``mobile`` 30 s;
    ``auto`` finds out which it is, and ``legacy`` is as if unset."""
    pool_timeout: float | None = field(default=60.0, validator=seconds_or_none)
    """Waiting for a connection while ``max_connections`` are busy."""
    write_timeout: float | None = field(default=30.0, validator=seconds_or_none)
    """Without progress while a request is being sent."""
    read_timeout: float | None = field(default=70.0, validator=seconds_or_none)
    """From the request to its response head, and between reads after it. A model has
    60 seconds."""
    stream_timeout: float | None = field(default=510.0, validator=seconds_or_none)
    """A response body, from its head to its last byte, be it a stream or not. The
    service ends a stream after 8 minutes."""
    total_timeout: float | None = field(default=None, validator=seconds_or_none)
    """A whole call, with its attempts and the waits between them, up to its output; a
    stream is bounded by it until its last part."""

    @property
    def per_attempt(self) -> Timeouts:
        """What the HTTP client is told."""
        from sagemaker_rt.http import Timeouts  # noqa: PLC0415 - calls need it alone

        return Timeouts(
            connect=(
                connect_timeout_of(self.defaults_mode)
                if self.connect_timeout == "default"
                else self.connect_timeout
            ),
            pool=self.pool_timeout,
            write=self.write_timeout,
            read=self.read_timeout,
            body=self.stream_timeout,
        )
