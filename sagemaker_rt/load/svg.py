"""SVG elements as text, and the frame of a plot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import Final

from attrs import frozen

from sagemaker_rt.load.scales import Scale

__all__ = ["Frame", "element", "legend", "polyline"]

Point = tuple[float, float]

_CHARACTER: Final = 6.6  # width of a character of a legend


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """Return an element.

    Args:
        content: Markup; text must be escaped.
        attributes: A trailing underscore is removed from names, and others are hyphens.
            Numbers have one decimal.
    """
    texts = [
        f'{key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
    ]
    return f"<{' '.join([name, *texts])}>{content}</{name}>"


def polyline(points: Iterable[Point | None], class_: str) -> str:
    """Return lines through *points*; None interrupts a line."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return "".join(_line(run, class_) for run in runs if run)


def _line(points: Sequence[Point], class_: str) -> str:
    if len(points) == 1:  # a line of no length is not visible
        ((x, y),) = points
        return element("circle", class_=f"{class_} point", cx=x, cy=y, r=2)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element("polyline", class_=class_, points=path)


@frozen
class Frame:
    """The area of a plot, with its axes.

    Args:
        x: The scale of the horizontal axis.
        y: The scale of the vertical axis.
    """

    x: Scale
    y: Scale
    width: float = 960.0
    height: float = 300.0
    left: float = 64.0
    right: float = 16.0
    top: float = 36.0
    bottom: float = 44.0

    def at_x(self, value: float) -> float:
        """Return the horizontal position of *value*."""
        span = self.width - self.left - self.right
        return self.left + span * self.x.position(value)

    def at_y(self, value: float) -> float:
        """Return the vertical position of *value*."""
        return self.floor - (self.floor - self.top) * self.y.position(value)

    @property
    def floor(self) -> float:
        """The vertical position of the horizontal axis."""
        return self.height - self.bottom

    def drawn(
        self,
        content: str,
        *,
        label: str,
        x_title: str,
        x_text: Callable[[float], str],
        y_text: Callable[[float], str],
    ) -> str:
        """Return the plot with grid, labels and *content*.

        Args:
            label: Describes the plot to screen readers.
            x_title: The quantity and the unit of the horizontal axis.
            x_text: Returns the label of a value.
        """
        parts = [
            *self._horizontal_lines(y_text),
            content,
            *self._labels_of_x(x_text),
            element(
                "text",
                escape(x_title),
                class_="axis",
                x=(self.left + self.width - self.right) / 2,
                y=self.height - 6,
                text_anchor="middle",
            ),
        ]
        return element(
            "svg",
            "".join(parts),
            viewBox=f"0 0 {self.width:g} {self.height:g}",
            role="img",
            aria_label=label,
        )

    def _horizontal_lines(self, text: Callable[[float], str]) -> Iterator[str]:
        end = self.width - self.right
        for value in self.y.ticks():
            y = self.at_y(value)
            yield element("line", class_="grid", x1=self.left, x2=end, y1=y, y2=y)
            yield element(
                "text",
                escape(text(value)),
                class_="axis",
                x=self.left - 8,
                y=y + 4,
                text_anchor="end",
            )
        y = self.floor
        yield element("line", class_="floor", x1=self.left, x2=end, y1=y, y2=y)

    def _labels_of_x(self, text: Callable[[float], str]) -> Iterator[str]:
        for value in self.x.ticks():
            x, y = self.at_x(value), self.floor
            yield element("line", class_="floor", x1=x, x2=x, y1=y, y2=y + 4)
            yield element(
                "text",
                escape(text(value)),
                class_="axis",
                x=x,
                y=y + 18,
                text_anchor="middle",
            )


def legend(entries: Iterable[tuple[str, str]], left: float) -> str:
    """Return a legend above a plot.

    Args:
        entries: The class and the text of each entry.
    """
    parts, x = [], left
    for class_, text in entries:
        parts.append(
            element(
                "rect", class_=f"key {class_}", x=x, y=10, width=12, height=10, rx=2
            )
        )
        parts.append(element("text", escape(text), class_="legend", x=x + 17, y=19))
        x += 17 + len(text) * _CHARACTER + 18
    return "".join(parts)


def _attribute(value: object) -> str:
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    return escape(text)
