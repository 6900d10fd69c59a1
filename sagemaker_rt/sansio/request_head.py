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
        self._templates: dict[tuple[str, ...], str] = {}

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
        template = self._templates.get(names)
        if template is None:
            template = self._add(names)
        text = template % (start, *headers.values())
        lines = len(names) + 2
        if text.count("\n") != lines or text.count("\r") != lines or "\0" in text:
            return None
        try:
            return text.encode()
        except UnicodeEncodeError:
            return None

    def _add(self, names: tuple[str, ...]) -> str:
        if len(self._templates) >= _MAX_TEMPLATES:
            self._templates.clear()
        lines = [f"{name.replace('%', '%%')}: %s\r\n" for name in names]
        template = f"%s HTTP/1.1\r\n{''.join(lines)}\r\n"
        self._templates[names] = template
        return template
