"""A file that results are appended to, and that survives a crash."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from sagemaker_rt.errors import ParamValidationError

try:
    import fcntl
except ImportError:  # pragma: no cover - on Windows, files are not locked
    fcntl = None  # type: ignore[assignment] # Windows does not have it

__all__ = ["AppendedFile", "FileInUse"]

_CLOSED: Final = -1


class FileInUse(ParamValidationError):  # noqa: N818 - a ParamValidationError to users
    """Another process writes the file."""


class AppendedFile:
    """A file, locked by this process, to which whole records are appended.

    Each record is given to the operating system at once, so that the end of this
    process loses none. `sync` stores them on the disk. A record that cannot be written
    as a whole, because the disk is full, is removed again.

    Raises:
        ParamValidationError: The file cannot be opened, or another process uses it.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, flags, 0o666)
        except OSError as error:
            message = f"{path} cannot be opened: {error.strerror}"
            raise ParamValidationError(message, [message]) from error
        try:
            self._regular_size()
            self._lock()
            self.size = self._regular_size()  # under the lock
        except BaseException:
            os.close(self._fd)
            raise
        self._is_synced = True

    def append(self, record: bytes) -> None:
        """Append *record* as a whole, or not at all.

        Raises:
            OSError: It cannot be written.
        """
        self._is_synced = False
        try:
            written = os.write(self._fd, record)
            while written < len(record):
                written += os.write(self._fd, record[written:])
        except OSError as error:
            self.truncate(self.size)
            error.filename = os.fspath(self.path)  # for its text
            raise
        self.size += written

    def truncate(self, size: int) -> None:
        """Remove what is after *size* bytes."""
        os.ftruncate(self._fd, size)
        self.size = size

    def sync(self) -> None:
        """Store on the disk what was appended; this blocks, and may run in a thread."""
        if not self._is_synced:
            self._is_synced = True
            os.fsync(self._fd)

    def read(self, start: int, size: int) -> bytes:
        """Return up to *size* bytes from *start*."""
        os.lseek(self._fd, start, os.SEEK_SET)
        return os.read(self._fd, size)

    def replace(self, other: AppendedFile) -> None:
        """Replace the content by that of *other*, which takes the place of this file.

        *other* is synced before, and both are closed.
        """
        other.sync()
        other.close()
        self.close()  # Windows does not replace open files
        other.path.replace(self.path)

    def close(self) -> None:
        """Close the file, which unlocks it; idempotent."""
        fd, self._fd = self._fd, _CLOSED
        if fd != _CLOSED:
            os.close(fd)

    def _regular_size(self) -> int:
        status = os.fstat(self._fd)
        if stat.S_ISREG(status.st_mode):
            return status.st_size
        message = f"{self.path} is not a regular file"
        raise ParamValidationError(message, [message])

    def _lock(self) -> None:
        if fcntl is None:  # pragma: no cover - on Windows
            return
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = f"{self.path} is in use by another batch job"
            raise FileInUse(message, [message]) from error
