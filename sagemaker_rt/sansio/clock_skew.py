"""Correction of clock skew: the offset between the local clock and the service's clock.

The service rejects a signature whose time is more than five minutes off. The ``Date``
header of that response then corrects the signing time, for this call and later ones.
The rules are those of the AWS SDKs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Final

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.http import Response
from sagemaker_rt.sansio.checked_clock import checked_clock

__all__ = [
    "SKEW_CODES",
    "CorrectedClock",
    "measured_offset",
    "offset_at",
    "service_time",
]

SKEW_CODES: Final = frozenset(
    {
        "AccessDeniedException",
        "AuthFailure",
        "InvalidSignatureException",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)
"""Error codes that the service may return for a signature with a wrong time."""
# An offset below the five minutes of the service, so that a clock at the limit counts.
_TOLERATED_OFFSET: Final = 4 * 60.0
# A longer exchange measures the offset too imprecisely.
_LONGEST_ROUND_TRIP: Final = 15 * 60.0


class CorrectedClock:
    """The time by the service's clock: the local *clock* plus a measured offset.

    A client and its derived clients share one.

    Args:
        clock: Returns the seconds since the epoch by the local clock.
    """

    __slots__ = ("_now", "clock", "offset")

    def __init__(self, clock: Callable[[], float], offset: float = 0.0) -> None:
        self.clock: Final = clock
        self._now: Final = checked_clock(clock)
        self.offset = offset
        """Seconds by which the service's clock is ahead of the local one, as set by
        `correct`; a difference that does not matter leaves it as it is."""

    def __call__(self) -> float:
        """Return the seconds since the epoch, by the service's clock."""
        return self._now() + self.offset

    def correct(self, error: SageMakerRuntimeError, *, used: float) -> bool:
        """Set the offset from the response of *error* if clock skew may be its cause.

        Args:
            used: The offset with which the rejected attempt was signed.

        Returns:
            Whether that attempt was signed with a wrong time, so that a retry may
            succeed.
        """
        if not isinstance(error, ServiceError) or error.code not in SKEW_CODES:
            return False
        offset = measured_offset(error)
        # Compared with *used*, because another call may have changed self.offset since.
        if offset is None or abs(offset - used) <= _TOLERATED_OFFSET:
            return False
        self.offset = offset
        return True


def measured_offset(error: SageMakerRuntimeError) -> float | None:
    """Return `offset_at` of the response of *error*."""
    return offset_at(error.response, error.metadata)


def offset_at(response: Response | None, metadata: Metadata) -> float | None:
    """Return the seconds by which the service's clock is ahead of the local one.

    The offset is the ``Date`` of *response* minus the middle of the exchange. It is
    None if it cannot be measured: the date is missing, it is from a cache (``Age``),
    or the exchange took more than 15 minutes.

    Args:
        metadata: The metadata of the call.
    """
    if response is None:
        return None
    headers = response.headers.lower
    sent_at, received_at = metadata.sent_at, metadata.response_at
    # A cached response has the date of the original response.
    if sent_at is None or received_at is None or "age" in headers:
        return None
    # The duration is negative if the local clock was set back during the exchange.
    if not 0 <= received_at - sent_at <= _LONGEST_ROUND_TRIP:
        return None
    date = _seconds(headers.get("date", ""))
    return None if date is None else date - (sent_at + received_at) / 2


def service_time(error: SageMakerRuntimeError) -> float | None:
    """Return the time of the response of *error* by the service's clock, or None."""
    offset = measured_offset(error)
    received_at = error.metadata.response_at
    if offset is None or received_at is None:
        return None
    return received_at + offset


def _seconds(date: str) -> float | None:
    """Return an HTTP *date* in seconds since the epoch; None if it is invalid."""
    from email.utils import (  # noqa: PLC0415 - rarely needed, and slow to import
        parsedate_to_datetime,
    )

    try:
        parsed = parsedate_to_datetime(date)
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
