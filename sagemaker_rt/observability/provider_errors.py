"""What goes wrong in telemetry: it is logged, and harms no call."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Final

__all__ = ["harmless"]

_log: Final = logging.getLogger("sagemaker_rt.assembly.telemetry")
_told: Final[set[str]] = set()


class harmless:  # noqa: N801 - it is used as `contextlib.suppress` is
    """Let what a provider raises in the block end the block, and nothing else.

    It is logged with its traceback, at WARNING the first time in a process that *what*
    goes wrong, and at DEBUG from then on.
    """

    def __init__(self, what: str) -> None:
        self._what: Final = what

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(exc, Exception):
            return False
        exc.__context__ = None  # it is the call's, whose text may tell a secret
        level = logging.DEBUG if self._what in _told else logging.WARNING
        _told.add(self._what)
        _log.log(
            level, "the provider of telemetry failed: %s", self._what, exc_info=exc
        )
        return True
