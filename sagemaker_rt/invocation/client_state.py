"""State that a client and the clients derived from it share while they live."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from sagemaker_rt.config.config_loader import ConfigLoader
from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.options import Options

if TYPE_CHECKING:
    from sagemaker_rt.invocation.client_components import ClientComponents

__all__ = ["ClientState"]


class ClientState:
    """Configuration and shared components of a client, and whether it is closed."""

    def __init__(self, options: Options) -> None:
        self.configuration: Final = ConfigLoader(options)
        self._is_closed = False

    @cached_property
    def components(self) -> ClientComponents:
        """Connections, retry quota and caches; made at the first call."""
        # imported late: a client that makes no call starts faster without them
        from sagemaker_rt.invocation.client_components import (  # noqa: PLC0415 - only calls need it
            ClientComponents,
        )

        return ClientComponents(self.configuration)

    def require_open(self) -> None:
        """Raise `ClientStateError` if the client is closed."""
        if self._is_closed:
            message = "the client is closed; make a new one"
            raise ClientStateError(message)

    def resolved(self, options: Options) -> Options:
        """Return *options* with the configuration, which is loaded, and components.

        Raises:
            ClientStateError: The client is closed.
            OptionsError: An option is invalid.
        """
        self.require_open()
        return self.components.in_force(self.configuration.resolve(options))

    async def aclose(self) -> None:
        """Close the connections that were opened here.

        An HTTP client that was passed as an option stays open. The method
        ``on_client_close`` of objects in ``api_options`` is awaited first, so that
        their tasks end before the connections are closed.

        Raises:
            ClientStateError: The connections belong to another event loop, which is
                still open. They stay open.
        """
        for edit in self.configuration.options.api_options:
            close = getattr(edit, "on_client_close", None)
            if close is not None:
                await close()
        if "components" in self.__dict__:
            await self.components.aclose()
        self._is_closed = True
