"""Options for timeouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.options.checks import one_of, seconds_or_none
from sagemaker_rt.sansio.defaults_mode import (
    DEFAULTS_MODES,
    DefaultsMode,
    connect_timeout_of,
)

if TYPE_CHECKING:
    from sagemaker_rt.http import Timeouts

__all__ = ["TimeoutOptions"]


def _seconds_or_default(instance: object, attribute: Any, value: Any) -> None:
    if value != "default":
        seconds_or_none(instance, attribute, value)


@frozen(kw_only=True, eq=False, repr=False)
class TimeoutOptions(FrozenValue):
    """Timeouts in seconds; None means no limit."""

    # pyright widens a literal that is assigned to a union
    connect_timeout: float | Literal["default"] | None = field(  # pyright: ignore[reportAssignmentType]
        default="default", validator=_seconds_or_default
    )
    """Seconds for DNS, TCP and TLS together; the default is 5 s, or that of
    *defaults_mode*."""
    defaults_mode: DefaultsMode | None = field(
        default=None, validator=optional(one_of(*DEFAULTS_MODES))
    )
    """The set of default timeouts that the AWS SDKs share. *connect_timeout* is 1.1 s
    for ``in-region``, 3.1 s for ``standard`` and ``cross-region``, 30 s for ``mobile``.
    ``auto`` selects one by the region of this process; ``legacy`` is the same as
    None."""
    pool_timeout: float | None = field(default=60.0, validator=seconds_or_none)
    """Seconds to wait for a connection while *max_connections* are in use."""
    write_timeout: float | None = field(default=30.0, validator=seconds_or_none)
    """Seconds without progress while the request is written."""
    read_timeout: float | None = field(default=70.0, validator=seconds_or_none)
    """Seconds from the request to the response headers, and for each gap in the body.
    SageMaker gives a model 60 s to respond."""
    stream_timeout: float | None = field(default=510.0, validator=seconds_or_none)
    """Seconds for the response body, from the headers to its end, whether it is a
    stream or not. SageMaker ends a stream after 8 minutes."""
    total_timeout: float | None = field(default=None, validator=seconds_or_none)
    """Seconds for the whole call with its retries and delays, until its output is
    returned; for a stream, until its last event. None means no limit."""

    @property
    def per_attempt(self) -> Timeouts:
        """The timeouts of one attempt, for the HTTP client."""
        from sagemaker_rt.http import Timeouts  # noqa: PLC0415 - only calls need it

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
