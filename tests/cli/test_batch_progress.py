from __future__ import annotations

import io

from sagemaker_rt.batch.progress import ProgressLines
from sagemaker_rt.cli.batch_progress import shown_progress
from sagemaker_rt.sansio.batch_statistics import BatchStatistics
from tests.process_state import replaced_environment


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar() -> None:
    statistics = BatchStatistics(100, 0.0)
    terminal = Terminal()

    environ = {"TERM": "xterm", "COLUMNS": "120"}
    with replaced_environment(environ), shown_progress(terminal) as show:
        show(statistics.progress(1.0, 4))
        statistics.succeeded(25, 0.1)
        statistics.failed_with("ModelError", 25)
        statistics.skip(0)
        show(statistics.progress(2.0, 4))

    text = terminal.getvalue()
    for part in ("50%", "1 failed", "1 skipped", "1/s", "≤ 4 in flight", "2 s left"):
        assert part in text


def test_a_file_receives_lines() -> None:
    with shown_progress(io.StringIO()) as show:
        assert isinstance(show, ProgressLines)
