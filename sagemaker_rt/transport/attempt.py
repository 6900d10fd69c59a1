"""One sending of a request: its stage, and the time limit of that stage.

The stage decides which time limit applies, what an exception means, and whether the
model may have been invoked.
"""

from __future__ import annotations

from typing import Final

from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.http import Request
from sagemaker_rt.transport import error_mapping
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.time_limits import TimeLimit, Watchdog

__all__ = ["Attempt"]


class Attempt:
    """One sending of *request* to *host*, by the current task.

    Args:
        stage: The first stage.
        seconds: The time limit of that stage; None for no limit.
    """

    __slots__ = ("_watchdog", "host", "request", "stage", "time_limit")

    def __init__(
        self,
        request: Request,
        watchdog: Watchdog,
        host: str,
        stage: Stage,
        seconds: float | None,
    ) -> None:
        self.host: Final = host
        self.request: Final = request
        self.stage = stage
        self._watchdog = watchdog
        self.time_limit: Final = TimeLimit(watchdog, seconds, request.deadline)

    def enter(self, stage: Stage, seconds: float | None) -> None:
        """Record the next stage, and start its time limit."""
        self.stage = stage
        self.time_limit.restart(seconds)

    def closed_error(self) -> SageMakerRuntimeError:
        """Return the error of a request whose HTTP client was closed."""
        return error_mapping.closed_error(self.stage, host=self.host)

    def timeout_error(self, option: str | None = None) -> SageMakerRuntimeError:
        """Return the error of a request whose time limit was exceeded.

        Closing the HTTP client ends all time limits.

        Args:
            option: The option that sets the limit; None for the one of the stage.
        """
        if self._watchdog.is_closed:
            return self.closed_error()
        return error_mapping.timeout_error(
            self.stage,
            self.time_limit.exceeded_seconds,
            host=self.host,
            option=option,
        )
