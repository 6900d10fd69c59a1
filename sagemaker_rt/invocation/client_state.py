"""What a client and the clients derived from it share."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from sagemaker_rt.config.config_loader import Groundwork
from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.options import Options

if TYPE_CHECKING:
    from sagemaker_rt.invocation.compiled_operation import Calls

__all__ = ["Runtime"]


class Runtime:
    """What lives of a client that was made with *options*."""

    def __init__(self, options: Options) -> None:
        self.groundwork: Final = Groundwork(options)
        self._is_closed = False

    @cached_property
    def calls(self) -> Calls:
        """What calls are made of; imported, as it is made, when there is a call."""
        from sagemaker_rt.invocation.compiled_operation import Calls  # noqa: PLC0415 - a start needs none

        return Calls(self.groundwork)

    def require_open(self) -> None:
        """Raise `ClientStateError` once the client is closed."""
        if self._is_closed:
            message = "the client is closed; make a new one"
            raise ClientStateError(message)

    async def aclose(self) -> None:
        """Close what was opened here; a client that was given stays open.

        Raises:
            ClientStateError: The connections belong to another event loop, which lives;
                they stay open.
        """
        if "calls" in self.__dict__:
            await self.calls.aclose()
        self._is_closed = True
