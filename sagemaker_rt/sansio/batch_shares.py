"""How the calls in flight of a batch job are shared among the workers of a cluster."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Shares", "shares"]

_PARTS_AT_ONCE = 2  # of a worker: the next one starts before the last calls of one end


class Shares(NamedTuple):
    """Limits whose products do not exceed that of the job."""

    per_worker: int
    """The number of calls in flight of a worker, over all of its parts."""
    per_part: int
    """The number of calls in flight of a part."""
    parts: int
    """The number of parts that are handled at the same time."""


def shares(
    concurrency: int, *, workers: int, threads: int, per_worker: int | None = None
) -> Shares:
    """Return the shares of *concurrency* calls in flight.

    ``per_part * parts`` is at most *concurrency*, also when workers join or leave.

    Args:
        workers: The number of workers at the start.
        threads: The number of threads of each, which is that of its running tasks.
        per_worker: The most calls in flight of a worker; None for an equal share.
    """
    share = max(concurrency // max(workers, 1), 1)
    if per_worker is not None:
        share = min(per_worker, concurrency)
    at_once = min(max(threads, 1), _PARTS_AT_ONCE)
    per_part = -(-share // at_once)
    return Shares(share, per_part, max(concurrency // per_part, 1))
