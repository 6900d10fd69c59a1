"""Exceptions of the ``logger`` option become `ComponentError`."""

from __future__ import annotations

from types import TracebackType
from typing import Final

from sagemaker_rt.errors import ComponentError, SageMakerRuntimeError

__all__ = ["wrap_logger_errors"]


class wrap_logger_errors:  # noqa: N801 - it is used like `contextlib.suppress`
    """Raise `ComponentError` for an exception of *logger* in the block.

    Handlers of `logging` do not raise; filters and custom loggers may. What was sent
    by then is not known here, so the error says that the model may have run.
    """

    def __init__(self, logger: object) -> None:
        self._logger: Final = logger

    def __enter__(self) -> None:
        """Enter the block."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(exc, SageMakerRuntimeError) or not isinstance(exc, Exception):
            return
        error = ComponentError.from_component("logger", self._logger, exc)
        error.request_sent = error.may_have_executed = True
        raise error from exc
