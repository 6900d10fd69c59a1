"""Renders the start line and headers of a request.

Most requests to an endpoint have the same header names, so the text around the values
is made once for each set of names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["RequestHeads"]

_MAX_TEMPLATES: Final = 256


class RequestHeads:
    """Renders heads, and remembers a template for each set of header names."""

    def __init__(self) -> None:
        self._templates: dict[tuple[str, ...], list[str]] = {}

    def render(self, start: str, headers: Mapping[str, str]) -> bytes | None:
        """Return the head of a request as bytes.

        Args:
            start: The method and the target.
            headers: All headers, in the order in which they are sent.

        Returns:
            The head; None if it contains a line break or NUL, which could inject
            another header or request, or text that UTF-8 cannot encode. It is not
            raised here, since a traceback would show the signature.
        """
        names = tuple(headers)
        template = self._templates.get(names) or self._add(names)
        values = (start, *headers.values())
        if template is None or _is_invalid("".join(values)):
            return None
        parts = template.copy()
        parts[::2] = values
        try:
            return "".join(parts).encode()
        except UnicodeEncodeError:
            return None

    def _add(self, names: tuple[str, ...]) -> list[str] | None:
        """Return a list of the text after each value; None if a name is invalid."""
        if _is_invalid("".join(names)):
            return None
        if len(self._templates) >= _MAX_TEMPLATES:
            self._templates.clear()
        before = [" HTTP/1.1\r\n", *["\r\n"] * len(names)]
        texts = [f"{text}{name}: " for text, name in zip(before, names, strict=False)]
        texts.append(f"{before[-1]}\r\n")
        template = ["", ""] * len(texts)
        template[1::2] = texts
        self._templates[names] = template
        return template


def _is_invalid(text: str) -> bool:
    return "\n" in text or "\r" in text or "\0" in text
