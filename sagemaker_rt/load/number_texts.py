"""Numbers as people read them, with units and three digits."""

from __future__ import annotations

from typing import Final

__all__ = ["percent_text", "rate_text", "three_digits", "tick_text", "time_text"]

_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_NOTHING: Final = "-"


def time_text(seconds: float | None) -> str:
    """Return a time such as ``4.92 ms``; a hyphen for None."""
    if seconds is None:
        return _NOTHING
    if seconds == 0:
        return "0 s"
    for size, unit in _UNITS:
        # the next smaller unit only if three digits would not show the number
        if seconds >= size * 0.9995:
            return f"{three_digits(seconds / size)} {unit}"
    return "< 1 µs"


def tick_text(seconds: float) -> str:
    """Return a round time without trailing zeros, such as ``5 ms``."""
    number, _, unit = time_text(seconds).partition(" ")
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}"


def rate_text(per_second: float) -> str:
    """Return a rate such as ``200/s``."""
    return f"{three_digits(per_second, grouped=True)}/s"


def percent_text(part: float, whole: float) -> str:
    """Return a share such as ``0.12 %``; never 0 % or 100 % unless it is exact."""
    if not whole:
        return _NOTHING
    if part in {0, whole}:
        return "0 %" if part == 0 else "100 %"
    share = min(max(100 * part / whole, 0.001), 99.999)
    if share > 99:  # noqa: PLR2004 - percent
        return f"{share:.3f}".rstrip("0") + " %"
    return f"{three_digits(share)} %"


def three_digits(number: float, *, grouped: bool = False) -> str:
    """Return *number* with three significant digits, and all digits before the point.

    Args:
        grouped: Separate thousands, and show one decimal from 100 on.
    """
    if grouped and number >= 100:  # noqa: PLR2004 - three digits
        return f"{number:,.1f}"
    if number < 0.9995:  # noqa: PLR2004 - three digits
        return f"{number:.3g}"
    for limit, digits in ((9.995, 2), (99.95, 1)):
        if number < limit:
            return f"{number:.{digits}f}"
    return f"{number:,.0f}"
