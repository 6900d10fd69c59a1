"""Which of several targets a call goes to: the first one that is healthy."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sagemaker_rt.sansio.circuit import Circuit, CircuitPolicy, CircuitState

__all__ = ["TargetHealth"]


class TargetHealth:
    """The circuits of targets, in order of preference.

    Args:
        policy: When a target is taken for unhealthy, and for how long.
        count: The number of targets.
    """

    def __init__(self, policy: CircuitPolicy, count: int) -> None:
        self._circuits: Final = tuple(Circuit(policy) for _ in range(count))

    @property
    def states(self) -> tuple[CircuitState, ...]:
        """The states of the circuits of the targets."""
        return tuple(circuit.state for circuit in self._circuits)

    def choose(self, tried: Collection[int], now: float) -> tuple[int, int | None]:
        """Return the number of the target to call, and its permit.

        It is the first one whose circuit permits a call. If none does, it is the one
        whose next probe is the earliest, without a permit: a call is never refused.

        Args:
            tried: The targets that this call has been made at; not all of them.
        """
        if not tried and (permit := self._circuits[0].allow(now)) is not None:
            return 0, permit
        left = [index for index in range(len(self._circuits)) if index not in tried]
        for index in left:
            permit = self._circuits[index].allow(now)
            if permit is not None:
                return index, permit
        return min(left, key=lambda i: self._circuits[i].seconds_until_probe(now)), None

    def record(
        self, index: int, permit: int | None, *, failed: bool | None, now: float
    ) -> bool:
        """Count the result of a call at the target *index*.

        Args:
            permit: What `choose` returned; a call without a permit does not count.
            failed: None for a result that says nothing.

        Returns:
            Whether the state of the target has changed.
        """
        if permit is None:
            return False
        return self._circuits[index].record(permit, failed=failed, now=now)
