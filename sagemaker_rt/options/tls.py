"""How connections are encrypted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options.checks import has_method, instance_of

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
    ca_bundle: str | None = field(default=None, validator=optional(instance_of(str)))
    """The path of a file, or a folder, of certificates to trust instead of the
    system's."""

    def context(self) -> SSLContext | None:
        """Return what to trust; None is the system's trust. Reads the bundle.

        Raises:
            OptionsError: The bundle cannot be read, or a context stands beside it.
        """
        if self.ca_bundle is None:
            return self.ssl_context
        if self.ssl_context is not None:
            message = "ssl_context has its own trust; give it or ca_bundle"
            raise OptionsError(message)
        import ssl  # noqa: PLC0415 - with a bundle alone

        is_folder = Path(self.ca_bundle).is_dir()
        try:
            return ssl.create_default_context(
                cafile=None if is_folder else self.ca_bundle,
                capath=self.ca_bundle if is_folder else None,
            )
        except OSError as error:  # what is no certificate, too
            message = f"ca_bundle {self.ca_bundle} cannot be read: {error}"
            raise OptionsError(message) from error
