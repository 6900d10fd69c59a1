"""Exceptions of tracer and meter providers are logged and never fail a call."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Final

__all__ = ["suppress_provider_errors"]

_log: Final = logging.getLogger(__name__)
# a broken provider fails in every call: one warning is enough
_warned_about: Final[set[str]] = set()


class suppress_provider_errors:  # noqa: N801 - it is used like `contextlib.suppress`
    """Log and suppress exceptions raised by a telemetry provider.

    The first failure of each *action* in a process is logged at WARNING, later ones at
    DEBUG, with the traceback. Cancellation and other exceptions that do not derive from
    `Exception` propagate.

    Args:
        action: What the block does, as an infinitive: ``"make a tracer"``.
    """

    def __init__(self, action: str) -> None:
        self._action: Final = action

    def __enter__(self) -> None:
        """Enter the block."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(exc, Exception):
            return False
        # The context is the exception of the call, whose text may contain a secret.
        exc.__context__ = None
        level = logging.DEBUG if self._action in _warned_about else logging.WARNING
        _warned_about.add(self._action)
        _log.log(
            level,
            "the telemetry provider failed to %s",
            self._action,
            exc_info=exc,
        )
        return True
