"""How far a clock is from the service's, as its answers tell.

A signature is refused when its time is more than five minutes off. What the service's
``Date`` says then corrects the client's time of signing, for this call and the next.
The rules are those of the AWS SDKs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Final

from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.sansio.checked_clock import checked_clock

__all__ = ["SKEW_CODES", "CorrectedClock", "measured_offset", "service_time"]

SKEW_CODES: Final = frozenset(
    {
        "AccessDeniedException",
        "AuthFailure",
        "InvalidSignatureException",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)
"""What the service may answer to a signature whose time is wrong."""
_LARGEST_OFFSET: Final = 4 * 60.0
_LONGEST_ROUND_TRIP: Final = 15 * 60.0


class CorrectedClock:
    """*clock*, set right by what the service says.

    It belongs to a client and those derived from it.

    Args:
        clock: Seconds since the epoch, as this machine has them.
    """

    __slots__ = ("_now", "clock", "offset")

    def __init__(self, clock: Callable[[], float], offset: float = 0.0) -> None:
        self.clock: Final = clock
        self._now: Final = checked_clock(clock)
        self.offset = offset
        """Seconds by which the service's clock is ahead, so far as it mattered."""

    def __call__(self) -> float:
        """Return the seconds since the epoch, by the service's clock."""
        return self._now() + self.offset

    def correct(self, error: SageMakerRuntimeError, *, used: float) -> bool:
        """Take the service's time if *error* may be due to ours.

        Args:
            used: The offset that the refused attempt was signed with.

        Returns:
            Whether that attempt's time was wrong, so that another may succeed.
        """
        if not isinstance(error, ServiceError) or error.code not in SKEW_CODES:
            return False
        offset = measured_offset(error)
        if offset is None or abs(offset - used) <= _LARGEST_OFFSET:
            return False
        self.offset = offset
        return True


def measured_offset(error: SageMakerRuntimeError) -> float | None:
    """Return the seconds by which the service's clock is ahead of ours.

    It is the response's ``Date`` less the middle of the time that the exchange took.
    None where there is no telling: no date, one out of a cache (``Age``), or a round
    trip of more than 15 minutes.
    """
    if error.response is None or error.metadata is None:
        return None
    headers = error.response.headers.lower
    sent_at, received_at = error.metadata.sent_at, error.metadata.response_at
    if sent_at is None or received_at is None or "age" in headers:
        return None
    if not 0 <= received_at - sent_at <= _LONGEST_ROUND_TRIP:
        return None
    date = _seconds(headers.get("date", ""))
    return None if date is None else date - (sent_at + received_at) / 2


def service_time(error: SageMakerRuntimeError) -> float | None:
    """Return when *error*'s response came, by the service's clock; None if unknown."""
    offset = measured_offset(error)
    received_at = None if error.metadata is None else error.metadata.response_at
    if offset is None or received_at is None:
        return None
    return received_at + offset


def _seconds(date: str) -> float | None:
    """Return what an HTTP date says, in seconds since the epoch."""
    from email.utils import (  # noqa: PLC0415 - seldom needed, and slow to import
        parsedate_to_datetime,
    )

    try:
        parsed = parsedate_to_datetime(date)
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
