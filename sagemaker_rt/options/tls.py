"""How connections are encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["TLSOptions"]


@frozen(kw_only=True)
class TLSOptions:
    """How connections are encrypted; settled with the client."""

    ssl_context: SSLContext | None = field(default=None, repr=False)
    """Trust, versions and client certificate; unset means the system's trust."""
