"""Where an answer goes that is not held in memory: a file, a writer, a function."""

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

from sagemaker_rt.errors import ResponseTargetError
from sagemaker_rt.interfaces import ChunkWriter, ResponseTarget
from sagemaker_rt.streaming.callbacks import run

__all__ = ["Target", "target_of"]

_AT_ONCE: Final = 1 << 18  # bytes that are written to a path in one go
_LAST_WRITE: Final = 1.0  # seconds that an ended call gives a thread to let a file go


class Target(Protocol):
    """A `ResponseTarget`, ready for any number of answers."""

    async def check(self) -> None:
        """Refuse, before anything is sent, what could not take the answer.

        Raises:
            ResponseTargetError: It could not.
        """
        ...

    async def take(self, chunks: AsyncIterator[bytes]) -> None:
        """Take all of *chunks*, as they come.

        Raises:
            ResponseTargetError: A file cannot be written.
        """
        ...


def target_of(target: ResponseTarget) -> Target:
    """Return what takes answers for *target*."""
    if isinstance(target, (str, os.PathLike)):
        return _Path(Path(os.fsdecode(target)))
    write = getattr(target, "write", None)
    if not callable(write):
        return _Function(target)  # type: ignore[arg-type] # what else it can be
    if hasattr(target, "fileno") and not iscoroutinefunction(write):
        return _Function(partial(_in_thread, _write_whole, target))
    write_all = partial(_write_all, write)
    return _Function(write_all, getattr(target, "drain", None))


class _Function:
    """A function of each chunk, and one without arguments to call after it."""

    def __init__(
        self,
        function: Callable[[bytes], object],
        drain: Callable[[], object] | None = None,
    ) -> None:
        self._function = function
        self._drain = drain

    async def check(self) -> None:
        """Do nothing: what the function can do is the caller's business."""

    async def take(self, chunks: AsyncIterator[bytes]) -> None:
        """Call the function with each of *chunks*."""
        chunk = b""
        try:
            async for chunk in chunks:
                await run(self._function, chunk)
                if self._drain is not None:
                    await run(self._drain)
        finally:
            del chunk  # or a traceback that shows local variables shows the answer


class _Path:
    """A file at *path*, which is there when it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def check(self) -> None:
        """Look whether a file can be made there."""
        await _in_thread(_look_at, self._path)

    async def take(self, chunks: AsyncIterator[bytes]) -> None:
        """Write *chunks* to a file beside, which then takes its place."""
        part, held, size, chunk = _Part(self._path), list[bytes](), 0, b""
        try:
            await _in_thread(part.open)
            async for chunk in chunks:
                held.append(chunk)
                size += len(chunk)
                if size >= _AT_ONCE:
                    await _in_thread(part.write, held)
                    held, size = [], 0
            await _in_thread(part.write, held)
            await _in_thread(part.finish)
        except BaseException:
            # or a traceback that shows local variables shows the answer; a thread that
            # writes still has the list itself, and is waited for by what removes
            held, chunk = [], b""
            removing = asyncio.get_running_loop().run_in_executor(None, part.discard)
            await asyncio.wait((removing,), timeout=_LAST_WRITE)
            raise


class _Part:
    """A file beside *path* that is to replace it; used in threads, one at a time.

    Its name is no `Path`: those intern their parts, and each name is used once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._file: BinaryIO | None = None
        self._is_over = False

    def open(self) -> None:
        """Make the file, unless it has been discarded."""
        with self._lock, _told_of(self._path):
            if not self._is_over:
                # where links lead, as if the file were opened
                path = _resolved(self._path)
                self._path = path
                name = f"{path.parent}{os.sep}.{os.urandom(8).hex()}.part"
                self._file = open(name, "xb")  # noqa: PTH123, SIM115 - see above; `finish`
                if path.exists():  # whoever may not read that may not read the answer
                    mode = stat.S_IMODE(path.stat().st_mode)
                    os.chmod(name, mode)  # noqa: PTH101 - the same

    def write(self, chunks: Iterable[bytes]) -> None:
        """Write *chunks*, unless the file has been discarded."""
        with self._lock, _told_of(self._path):
            try:
                if self._file is not None:
                    self._file.writelines(chunks)
            finally:
                chunks = ()  # as in the function that has them from the connection

    def finish(self) -> None:
        """Let the file take its place."""
        with self._lock, _told_of(self._path):
            if self._file is not None:
                self._file.close()
                os.replace(self._file.name, self._path)  # noqa: PTH105 - the same
                self._file = None

    def discard(self) -> None:
        """Remove the file, unless it has taken its place."""
        with self._lock:
            self._is_over = True
            file, self._file = self._file, None
            if file is not None:
                with suppress(OSError):
                    file.close()
                with suppress(OSError):
                    os.unlink(file.name)  # noqa: PTH108 - the same


def _look_at(path: Path) -> None:
    with _told_of(path):
        path = _resolved(path)
        is_file = path.is_file()
        if path.exists() and not (is_file and os.access(path, os.W_OK)):
            what = "no regular file; open it, and give the open file"
            message = f"it is {'read-only' if is_file else what}"
            raise OSError(message)
        if not os.access(path.parent, os.W_OK | os.X_OK):
            message = f"{path.parent} is no folder that can be written to"
            raise OSError(message)


def _resolved(path: Path) -> Path:
    """Return where *path* leads.

    Raises:
        OSError: It leads in a circle.
    """
    # Path.resolve raises RuntimeError then, before Python 3.13
    resolved = Path(os.path.realpath(path))
    if resolved.is_symlink():
        message = "it is a link that leads to itself"
        raise OSError(message)
    return resolved


@contextmanager
def _told_of(path: Path) -> Generator[None]:
    """Say of errors that they are about *path*."""
    try:
        yield
    except (OSError, ValueError) as error:
        message = f"the answer cannot be written to {str(path)!r}: {error}"
        raise ResponseTargetError(message) from error


def _write_whole(file: ChunkWriter, chunk: bytes) -> None:
    """Write *chunk* to a file, which may take a part of it at once."""
    view = memoryview(chunk)
    del chunk  # or a traceback that shows local variables shows the answer
    while view:
        taken = file.write(view)  # type: ignore[arg-type] # which files take as well
        if taken is None and isinstance(file, RawIOBase):
            taken = 0
        view = view[_count(taken, len(view)) :]


async def _write_all(write: Callable[[bytes], object], chunk: bytes) -> None:
    """Give *chunk* to *write*, plain or async, which may take a part of it at once."""
    try:
        while chunk:
            taken = await run(write, chunk)
            chunk = chunk[_count(taken, len(chunk)) :]
    finally:
        chunk = b""  # or a traceback that shows local variables shows the answer


def _count(taken: object, size: int) -> int:
    """Return how many of *size* bytes a writer took that returned *taken*.

    Files say it. Of a writer that says something else, it is all.

    Raises:
        BlockingIOError: It took none.
    """
    if type(taken) is not int or not 0 <= taken < size:
        return size
    if not taken:
        message = "the file takes nothing now, and does not wait"
        raise BlockingIOError(message)
    return taken


async def _in_thread(function: Callable[..., None], *args: object) -> None:
    """Run *function* in a thread, and do not leave it behind there."""
    running = asyncio.get_running_loop().run_in_executor(None, function, *args)
    args = ()  # or a traceback that shows local variables shows the answer
    try:
        await asyncio.shield(running)
    finally:
        if not running.done():
            await asyncio.wait((running,), timeout=_LAST_WRITE)
            running.add_done_callback(_retrieve)


def _retrieve(running: asyncio.Future[None]) -> None:
    """Keep asyncio from logging that nobody asked what the thread ended with."""
    with suppress(asyncio.CancelledError):
        running.exception()
