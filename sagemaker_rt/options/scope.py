"""Options that can be set on a client only, not per call."""

from __future__ import annotations

from typing import Any, Final

from attrs import Attribute

__all__ = ["CLIENT_ONLY", "is_client_only"]

_KEY: Final = "client_only"

CLIENT_ONLY: Final = {_KEY: True}
"""The ``metadata`` of an option that all calls of a client share, for example because
its connections are made from it."""


def is_client_only(option: Attribute[Any]) -> bool:
    """Return whether *option* is declared with `CLIENT_ONLY`."""
    return _KEY in option.metadata
