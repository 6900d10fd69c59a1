"""One call for all equal calls that are made while it is in flight."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

__all__ = ["SingleFlight"]

W = TypeVar("W")


class SingleFlight(Generic[W]):
    """The calls in flight by their keys, each with those that wait for its result.

    The first call of a key leads: it is made. Others follow: they wait. If the result
    of the leader is only its own, the first follower becomes the leader.
    """

    def __init__(self) -> None:
        self._followers: Final[dict[Hashable, dict[W, None]]] = {}

    def __len__(self) -> int:
        """Return the number of calls that are made."""
        return len(self._followers)

    def lead(self, key: Hashable) -> bool:
        """Begin a call; return False if an equal one is in flight, to be followed."""
        followers: dict[W, None] = {}
        return self._followers.setdefault(key, followers) is followers

    def follow(self, key: Hashable, follower: W) -> None:
        """Wait for the call of *key*, which is in flight."""
        self._followers[key][follower] = None

    def leave(self, key: Hashable, follower: W) -> bool:
        """Stop waiting; return False if *follower* does not wait any more."""
        followers = self._followers.get(key, {})
        if follower not in followers:
            return False
        del followers[follower]
        return True

    def land(self, key: Hashable) -> list[W]:
        """End the call of *key*; return those that get its result."""
        return list(self._followers.pop(key))

    def hand_over(self, key: Hashable) -> W | None:
        """Return the follower that leads from now on; without one, end the call."""
        followers = self._followers[key]
        if not followers:
            del self._followers[key]
            return None
        follower = next(iter(followers))
        del followers[follower]
        return follower
