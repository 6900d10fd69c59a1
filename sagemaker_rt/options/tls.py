"""How connections are encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.options.checks import has_method

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["TLSOptions"]


@frozen(kw_only=True)
class TLSOptions:
    """How connections are encrypted; settled with the client."""

    ssl_context: SSLContext | None = field(
        default=None, validator=optional(has_method("wrap_bio")), repr=False
    )
    """Trust, versions and client certificate; unset means the system's trust."""
