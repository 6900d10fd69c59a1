"""Parts of the input of a batch job, which different processes can handle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.sansio.line_splitter import (
    CSVSplitter,
    Line,
    LineSplitter,
    cell_count,
)

__all__ = ["InputPart", "split_file", "split_folder"]

_CHUNK: Final = 1 << 20


class InputPart(NamedTuple):
    """Consecutive inputs of a job; without arguments, all of them."""

    start: int = 0
    """The position of the first byte, or of the first file of a folder, from 0."""
    end: int | None = None
    """The position after the last byte or file; None for the end of the input."""
    before: int = 0
    """The number of lines before this part."""
    columns: int | None = None
    """The number of cells that each row of CSV must have; None for any."""

    def left(self, position: int, most: int) -> int:
        """Return how many bytes to read at *position*, up to *most*."""
        return most if self.end is None else min(most, self.end - position)


def split_file(job: BatchJob, path: Path, lines: int) -> Iterator[InputPart]:
    """Yield the parts of a file, each with *lines* lines; this blocks.

    A row of CSV that spans several lines is in one part, and counts as one line.

    Raises:
        OSError: The file cannot be read.
    """
    is_csv = job.format_in_force == "csv"
    columns: int | None = None
    start = end = before = count = 0
    for line in _lines(job, path, is_csv=is_csv):
        if columns is None and is_csv and not (line.is_blank or line.problem):
            columns = cell_count(line.content)
        if count == lines:
            yield InputPart(start, end, before, columns)
            start, before, count = end, line.number - 1, 0
        end += line.size
        count += 1
    if count:
        yield InputPart(start, end, before, columns)


def _lines(job: BatchJob, path: Path, *, is_csv: bool) -> Iterator[Line]:
    splitter = (CSVSplitter if is_csv else LineSplitter)(job.max_line_bytes)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield from splitter.feed(chunk)
    yield from splitter.close()


def split_folder(files: int, size: int) -> Iterator[InputPart]:
    """Yield the parts of a folder with so many *files*, each with *size* files."""
    for start in range(0, files, size):
        yield InputPart(start, min(start + size, files))
