"""Decodes the values of response headers."""

from __future__ import annotations

__all__ = ["decode_value"]


def decode_value(raw: bytes) -> str:
    """Decode *raw* as UTF-8, else as Latin-1, the original encoding of headers."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
