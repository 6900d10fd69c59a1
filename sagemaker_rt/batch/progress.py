"""Progress of a batch job as lines of text."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TextIO

from sagemaker_rt.sansio.batch_statistics import BatchProgress

__all__ = ["ProgressLines"]

_GAP: Final = 10.0  # seconds


class ProgressLines:
    """Prints a line about the progress, at most every 10 seconds.

    Pass it as ``on_progress``.

    Args:
        file: Receives the lines.
        gap: Seconds between two lines.
        clock: The time in seconds.
    """

    def __init__(
        self,
        file: TextIO,
        *,
        gap: float = _GAP,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._file = file
        self._gap = gap
        self._clock = clock
        self._printed = clock()

    def __call__(self, progress: BatchProgress) -> None:
        """Print a line, unless one was printed shortly before."""
        now = self._clock()
        if now - self._printed < self._gap:
            return
        self._printed = now
        print(progress.line, file=self._file, flush=True)
