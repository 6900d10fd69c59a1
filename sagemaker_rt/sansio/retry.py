"""The arithmetic of retries: whether, after how long, and at what cost."""

from __future__ import annotations

from attrs import frozen

__all__ = ["RetryDecision"]


@frozen
class RetryDecision:
    """That another attempt is made: when, and what it took from the quota."""

    delay: float
    """Seconds to wait before it."""
    reservation: int = 0
    """What was taken from the quota; given back by `Retryer.give_back`, or kept."""
