"""The plots of a load test, as SVG."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, Literal

from sagemaker_rt.load.number_texts import rate_text, tick_text, time_text
from sagemaker_rt.load.result import LatencySummary, LoadResult, TimeSlot
from sagemaker_rt.load.scales import LinearScale, LogScale, scale_of_times
from sagemaker_rt.load.svg import Frame, element, legend, polyline

__all__ = ["calls_over_time", "histogram", "times_over_time"]

_LINES: Final = ("p50", "p90", "p99")
_OUTCOMES: Final = {
    "succeeded": "succeeded",
    "failed": "failed",
    "dropped": "dropped",
    "not_started": "not started",
    "unfinished": "unfinished",
}
_BINS: Final = 64
_LABEL_WIDTH: Final = 140.0
_LABEL_HEIGHT: Final = 16.0
_LOWEST_BAR: Final = 2.0  # so that a single call can be seen
_X_TITLE: Final = "seconds since the start of the measurement, at which calls were due"


def times_over_time(
    result: LoadResult, quantity: Literal["latency", "first_token"]
) -> str:
    """Plot percentiles of a time over the time at which calls were due."""
    slots = result.timeline
    values = [
        value
        for slot in slots
        for name in (*_LINES, "max")
        if (value := _value(slot, quantity, name)) is not None
    ]
    low, high = min(values, default=0.001), max(values, default=0.001)
    frame = Frame(LinearScale(_end_of(slots)), scale_of_times(low, high))
    parts = [legend([(n, n) for n in (*_LINES, "max")], frame.left)]
    parts += _dots(frame, slots, quantity)
    parts += (
        polyline(_points(frame, slots, quantity, name), f"line {name}")
        for name in reversed(_LINES)
    )
    parts += (_column(frame, slot, _times_text(slot, quantity)) for slot in slots)
    return frame.drawn(
        "".join(parts),
        label=f"{quantity.replace('_', ' ')} over time",
        x_title=_X_TITLE,
        x_text=lambda value: f"{value:g}",
        y_text=tick_text,
    )


def calls_over_time(result: LoadResult) -> str:
    """Plot calls per second by what became of them, and the scheduled rate."""
    slots, rate = result.timeline, result.plan.rate or 0.0
    most = max([rate, *(slot.scheduled / slot.seconds for slot in slots)])
    frame = Frame(
        LinearScale(_end_of(slots)), LinearScale((most or 1.0) * 1.05), height=240.0
    )
    present = [name for name in _OUTCOMES if any(_count(s, name) for s in slots)]
    keys = [(name, _OUTCOMES[name]) for name in present or ["succeeded"]]
    parts = [bar for slot in slots for bar in _stack(frame, slot)]
    if rate:
        keys.append(("rate", f"requested rate, {rate_text(rate)}"))
        y, end = frame.at_y(rate), frame.width - frame.right
        parts.append(element("line", class_="rate", x1=frame.left, x2=end, y1=y, y2=y))
    parts += (_column(frame, slot, _counts_text(slot)) for slot in slots)
    return frame.drawn(
        legend(keys, frame.left) + "".join(parts),
        label="calls per second over time",
        x_title=_X_TITLE,
        x_text=lambda value: f"{value:g}",
        y_text=lambda value: f"{value:,g}/s",
    )


def histogram(summary: LatencySummary, name: str, unit: str = "calls") -> str:
    """Plot how many calls took how long, on a logarithmic axis."""
    low = max(summary.min or 0.0, 1e-6) / 1.05
    high = max(summary.max or 0.0, 1e-6) * 1.05
    ratio = max((high / low) ** (1 / _BINS), 1.01**2)  # wider than two buckets
    bins: Counter[int] = Counter()
    for bucket in summary.buckets:
        middle = min(max(math.sqrt(bucket.low * bucket.high), low), high)
        bins[int(math.log(middle / low) / math.log(ratio))] += bucket.count
    scale = LogScale(low, high)
    most = max(bins.values(), default=1)
    frame = Frame(scale, LinearScale(most * 1.05), top=16 + 2 * _LABEL_HEIGHT)
    bars = (
        _bar(frame, low * ratio**n, low * ratio ** (n + 1), count, unit)
        for n, count in sorted(bins.items())
    )
    marks = _marks(frame, summary)
    return frame.drawn(
        "".join([*bars, *marks]),
        label=f"histogram of {name}",
        x_title=f"{name}, logarithmic axis",
        x_text=tick_text,
        y_text=lambda value: f"{value:,.0f}" if value == int(value) else "",
    )


def _end_of(slots: Sequence[TimeSlot]) -> float:
    return slots[-1].start + slots[-1].seconds if slots else 1.0


def _value(slot: TimeSlot, quantity: str, name: str) -> float | None:
    value: float | None = getattr(slot, f"{quantity}_{name}")
    return value


def _points(
    frame: Frame, slots: Sequence[TimeSlot], quantity: str, name: str
) -> Iterator[tuple[float, float] | None]:
    for slot in slots:
        value = _value(slot, quantity, name)
        x = frame.at_x(slot.start + slot.seconds / 2)
        yield None if value is None else (x, frame.at_y(value))


def _dots(frame: Frame, slots: Sequence[TimeSlot], quantity: str) -> Iterator[str]:
    for point in _points(frame, slots, quantity, "max"):
        if point is not None:
            x, y = point
            yield element("circle", class_="max point", cx=x, cy=y, r=2.2)


def _column(frame: Frame, slot: TimeSlot, text: str) -> str:
    """Return an invisible area that shows *text* under a pointer."""
    x = frame.at_x(slot.start)
    width = frame.at_x(slot.start + slot.seconds) - x
    title = element("title", escape(text))
    height = frame.floor - frame.top
    return element(
        "rect", title, class_="hover", x=x, y=frame.top, width=width, height=height
    )


def _interval(slot: TimeSlot) -> str:
    return f"{slot.start:g} to {slot.start + slot.seconds:g} s"


def _times_text(slot: TimeSlot, quantity: str) -> str:
    times = [
        f"{name} {time_text(_value(slot, quantity, name))}" for name in (*_LINES, "max")
    ]
    return f"{_interval(slot)}\n{slot.succeeded:,} succeeded\n" + "\n".join(times)


def _count(slot: TimeSlot, name: str) -> int:
    if name == "unfinished":
        ended = slot.succeeded + slot.failed
        return slot.scheduled - ended - slot.dropped - slot.not_started
    count: int = getattr(slot, name)
    return count


def _counts_text(slot: TimeSlot) -> str:
    counts = [
        f"{_count(slot, name):,} {text}"
        for name, text in _OUTCOMES.items()
        if _count(slot, name)
    ]
    return "\n".join([_interval(slot), f"{slot.scheduled:,} scheduled", *counts])


def _stack(frame: Frame, slot: TimeSlot) -> Iterator[str]:
    """Yield the bars of a slot, on top of each other."""
    x = frame.at_x(slot.start)
    width = frame.at_x(slot.start + slot.seconds) - x
    below = 0.0
    for name in _OUTCOMES:
        if not (count := _count(slot, name)):
            continue
        above = below + count / slot.seconds
        y, height = frame.at_y(above), frame.at_y(below) - frame.at_y(above)
        yield element(
            "rect",
            class_=f"bar {name}",
            x=x + 0.5,
            y=y,
            width=max(width - 1, 0.5),
            height=height,
        )
        below = above


def _bar(frame: Frame, low: float, high: float, count: int, unit: str) -> str:
    x, top = frame.at_x(low), frame.at_y(count)
    height = max(frame.floor - top, _LOWEST_BAR)
    title = f"{time_text(low)} to {time_text(high)}: {count:,} {unit}"
    return element(
        "rect",
        element("title", escape(title)),
        class_="bar succeeded",
        x=x + 0.5,
        y=frame.floor - height,
        width=max(frame.at_x(high) - x - 1, 1.0),
        height=height,
    )


def _marks(frame: Frame, summary: LatencySummary) -> Iterator[str]:
    """Yield lines at percentiles, with labels at different heights."""
    for number, name in enumerate(_LINES):
        value: float | None = getattr(summary, name)
        if value is None:
            continue
        x, y = frame.at_x(value), 12.0 + _LABEL_HEIGHT * number
        is_at_end = x > frame.width - _LABEL_WIDTH
        yield element(
            "line", class_=f"mark {name}", x1=x, x2=x, y1=y - 8, y2=frame.floor
        )
        yield element(
            "text",
            escape(f"{name} {time_text(value)}"),
            class_="legend",
            x=x - 6 if is_at_end else x + 6,
            y=y,
            text_anchor="end" if is_at_end else "start",
        )
