"""The record of a middleware that a stack leaves out."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Omitted"]


class Omitted(NamedTuple):
    """A standard middleware that would do nothing with these options."""

    id: str
    """The id that the middleware has in stacks that include it; or the id of a
    preferred authentication scheme."""
    reason: str
    """Which option includes it, as `Client.explain` shows it."""
