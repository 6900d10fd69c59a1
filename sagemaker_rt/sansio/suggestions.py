"""What may have been meant by a name that is unknown."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(name: str, names: Iterable[str], *, otherwise: str = "") -> str:
    """Return the end of a sentence: the nearest of *names*, or *otherwise*."""
    from difflib import get_close_matches  # noqa: PLC0415 - for those who need a hint

    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else otherwise
    return f"; {hint}" if hint else ""
