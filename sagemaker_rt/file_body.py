"""Files as bodies of requests."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import BinaryIO, Final

from sagemaker_rt.errors import SerializationError

__all__ = ["FileBody"]


class FileBody:
    """A seekable binary file as a request body, from its current position to its end.

    The file is read in threads, and the caller closes it. Only one call at a time can
    use it, because it has one position.
    """

    __slots__ = ("_lock", "file", "length", "start")

    def __init__(self, file: BinaryIO) -> None:
        self.file: Final = file
        self._lock = Lock()
        self.start: Final = file.tell()
        file.seek(0, io.SEEK_END)  # mmap.seek returns None before Python 3.13
        self.length: Final = file.tell() - self.start
        file.seek(self.start)

    def __len__(self) -> int:
        return self.length

    @contextmanager
    def held(self) -> Generator[None]:
        """Reserve the file for one call.

        Raises:
            SerializationError: Another call uses the file.
        """
        if (key := id(self.file)) in _HELD:
            message = "body is a file that another call sends; open it for each call"
            raise SerializationError(message)
        _HELD[key] = self
        try:
            yield
        finally:
            del _HELD[key]

    def chunks(self, size: int = 1 << 18) -> Iterator[bytes]:
        """Yield the body from its start in chunks of *size* bytes; this blocks.

        Raises:
            OSError: The file is shorter than before.
        """
        left = self.length
        while left:
            # an abandoned attempt may still read the file in its thread
            with self._lock:
                self.file.seek(self.start + self.length - left)
                chunk = self.file.read(min(size, left))
            if not chunk:
                message = f"file of the body is {left} bytes shorter than before"
                raise OSError(message)
            left -= len(chunk)
            yield chunk


# by the id() of the file, which stays unique because the body refers to the file
_HELD: Final[dict[int, FileBody]] = {}
