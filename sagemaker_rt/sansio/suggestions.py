"""Suggestions for misspelled names, for error messages."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(name: str, names: Iterable[str], *, otherwise: str = "") -> str:
    """Return ``; did you mean 'NAME'?`` with the closest of *names*.

    Args:
        otherwise: The text if no name is close.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only for errors

    closest = get_close_matches(name, names, n=1)
    hint = f"did you mean {closest[0]!r}?" if closest else otherwise
    return f"; {hint}" if hint else ""
