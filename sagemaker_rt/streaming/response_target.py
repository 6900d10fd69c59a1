"""Writes a response body to a file, a writer or a function, as it is received."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from functools import partial
from inspect import iscoroutinefunction
from io import RawIOBase
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final, Protocol

from sagemaker_rt.blocking import run_in_thread
from sagemaker_rt.errors import ResponseTargetError
from sagemaker_rt.interfaces import ChunkWriter, ResponseTarget
from sagemaker_rt.streaming.callbacks import run_callback
from sagemaker_rt.streaming.threads import wait_for_thread

__all__ = ["Target", "target_of"]

_WRITE_BYTES: Final = 1 << 18  # each write to a path is a switch to a thread
# Seconds that a failed call waits for the thread that writes. The caller may use the
# file again as soon as the error is raised.
_WRITE_TIMEOUT: Final = 1.0


class Target(Protocol):
    """Writes any number of responses to one `ResponseTarget`."""

    async def check(self) -> None:
        """Check that the target can be written, before the request is sent.

        Raises:
            ResponseTargetError: It cannot.
        """
        ...

    async def write(self, chunks: AsyncIterator[bytes]) -> None:
        """Write all *chunks* as they are received.

        Raises:
            ResponseTargetError: The file cannot be written.
        """
        ...


def target_of(target: ResponseTarget) -> Target:
    """Return the object that writes responses to *target*."""
    if isinstance(target, (str, os.PathLike)):
        return _PathTarget(Path(os.fsdecode(target)))
    write = getattr(target, "write", None)
    if not callable(write):
        return _CallbackTarget(target)  # type: ignore[arg-type] # it can only be a function
    if hasattr(target, "fileno") and not iscoroutinefunction(write):
        return _CallbackTarget(partial(_in_thread, _write_whole, target))
    write_all = partial(_write_all, write)
    return _CallbackTarget(write_all, getattr(target, "drain", None))


class _CallbackTarget:
    """Calls *function* with each chunk, and *drain*, without arguments, after it."""

    def __init__(
        self,
        function: Callable[[bytes], object],
        drain: Callable[[], object] | None = None,
    ) -> None:
        self._function = function
        self._drain = drain

    async def check(self) -> None:
        """Do nothing: functions and open files are not checked."""

    async def write(self, chunks: AsyncIterator[bytes]) -> None:
        """Call the function with each chunk."""
        chunk = b""
        try:
            async for chunk in chunks:
                await run_callback(self._function, chunk)
                if self._drain is not None:
                    await run_callback(self._drain)
        finally:
            del chunk  # tracebacks that show local variables must not show the body


class _PathTarget:
    """Writes to a file at *path*, which appears when the response is complete."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def check(self) -> None:
        """Check that the file can be created or replaced."""
        await _in_thread(_check_writable, self._path)

    async def write(self, chunks: AsyncIterator[bytes]) -> None:
        """Write *chunks* to a temporary file in the same folder, then rename it."""
        file, pending, size, chunk = _TemporaryFile(self._path), list[bytes](), 0, b""
        try:
            await _in_thread(file.open)
            async for chunk in chunks:
                pending.append(chunk)
                size += len(chunk)
                if size >= _WRITE_BYTES:
                    await _in_thread(file.write, pending)
                    pending, size = [], 0
            await _in_thread(file.write, pending)
            await _in_thread(file.rename)
        except BaseException:
            # Tracebacks that show local variables must not show the body. A thread that
            # still writes has its own reference to the list.
            pending, chunk = [], b""
            removing = run_in_thread(file.discard)
            await asyncio.wait((removing,), timeout=_WRITE_TIMEOUT)
            raise


class _TemporaryFile:
    """A file in the folder of *path* that replaces it; its methods run in threads.

    Its name is a string: a `Path` would intern its parts, and each name is used once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._file: BinaryIO | None = None
        self._is_discarded = False

    def open(self) -> None:
        """Create the file, unless it was discarded."""
        with self._lock, _target_errors(self._path):
            if not self._is_discarded:
                # symbolic links are followed, as by open()
                path = _resolved(self._path)
                self._path = path
                name = f"{path.parent}{os.sep}.{os.urandom(8).hex()}.part"
                self._file = open(name, "xb")  # noqa: PTH123, SIM115 - a string is faster than a Path; closed in `rename`
                if path.exists():  # those who cannot read it must not read the new one
                    mode = stat.S_IMODE(path.stat().st_mode)
                    os.chmod(name, mode)  # noqa: PTH101 - a string

    def write(self, chunks: Iterable[bytes]) -> None:
        """Write *chunks*, unless the file was discarded."""
        with self._lock, _target_errors(self._path):
            try:
                if self._file is not None:
                    self._file.writelines(chunks)
            finally:
                chunks = ()  # tracebacks must not show the body

    def rename(self) -> None:
        """Give the file its final name."""
        with self._lock, _target_errors(self._path):
            if self._file is not None:
                self._file.close()
                os.replace(self._file.name, self._path)  # noqa: PTH105 - a string
                self._file = None

    def discard(self) -> None:
        """Remove the file, unless it has its final name."""
        with self._lock:
            self._is_discarded = True
            file, self._file = self._file, None
            if file is not None:
                with suppress(OSError):
                    file.close()
                with suppress(OSError):
                    os.unlink(file.name)  # noqa: PTH108 - a string


def _check_writable(path: Path) -> None:
    with _target_errors(path):
        path = _resolved(path)
        is_file = path.is_file()
        if path.exists() and not (is_file and os.access(path, os.W_OK)):
            problem = "is not a regular file; open it, and pass the open file"
            message = f"it {'is read-only' if is_file else problem}"
            raise OSError(message)
        if not os.access(path.parent, os.W_OK | os.X_OK):
            message = f"{path.parent} is not a writable folder"
            raise OSError(message)


def _resolved(path: Path) -> Path:
    """Return *path* with all symbolic links resolved.

    Raises:
        OSError: The links are circular.
    """
    # before Python 3.13, Path.resolve raises RuntimeError for circular links
    resolved = Path(os.path.realpath(path))
    if resolved.is_symlink():
        message = "it is a circular symbolic link"
        raise OSError(message)
    return resolved


@contextmanager
def _target_errors(path: Path) -> Generator[None]:
    """Raise ResponseTargetError with *path* in place of OSError and ValueError."""
    try:
        yield
    except (OSError, ValueError) as error:
        message = f"response cannot be written to {str(path)!r}: {error}"
        raise ResponseTargetError(message) from error


def _write_whole(file: ChunkWriter, chunk: bytes) -> None:
    """Write *chunk* to a file, whose ``write`` may write only a part."""
    view = memoryview(chunk)
    del chunk  # tracebacks must not show the body
    while view:
        written = file.write(view)  # type: ignore[arg-type] # files accept any buffer
        if written is None and isinstance(file, RawIOBase):
            written = 0  # a file that does not block, and has no space now
        view = view[_bytes_written(written, len(view)) :]


async def _write_all(write: Callable[[bytes], object], chunk: bytes) -> None:
    """Write *chunk* by *write*, plain or async, which may write only a part."""
    try:
        while chunk:
            written = await run_callback(write, chunk)
            chunk = chunk[_bytes_written(written, len(chunk)) :]
    finally:
        chunk = b""  # tracebacks must not show the body


def _bytes_written(result: object, size: int) -> int:
    """Return how many of *size* bytes were written by a ``write`` with this *result*.

    Files return the number. For any other result, all bytes were written.

    Raises:
        BlockingIOError: None were written.
    """
    if type(result) is not int or not 0 <= result < size:
        return size
    if not result:
        message = "the file is non-blocking and cannot be written now"
        raise BlockingIOError(message)
    return result


async def _in_thread(function: Callable[..., None], *args: object) -> None:
    """Run *function* in a thread; wait for it even if the task is cancelled."""
    running = run_in_thread(function, *args)
    args = ()  # tracebacks must not show the body
    try:
        await asyncio.shield(running)
    finally:
        if not running.done():
            await wait_for_thread(running, limit=_WRITE_TIMEOUT)
