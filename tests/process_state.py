"""State of this process that tests replace: environment, streams, imported modules."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pkgutil import walk_packages

import sagemaker_rt

__all__ = [
    "Streams",
    "import_whole_package",
    "replaced_environment",
    "replaced_streams",
]


class Streams:
    """The standard streams while they are replaced; output is kept in memory."""

    def __init__(self, stdin: bytes) -> None:
        self._out, self._err = io.BytesIO(), io.BytesIO()
        self.stdin = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
        self.stdout = io.TextIOWrapper(self._out, "utf-8")
        self.stderr = io.TextIOWrapper(self._err, "utf-8")

    @property
    def out(self) -> bytes:
        """What was written to the standard output."""
        self.stdout.flush()
        return self._out.getvalue()

    @property
    def err(self) -> bytes:
        """What was written to the standard error."""
        self.stderr.flush()
        return self._err.getvalue()


@contextmanager
def replaced_streams(stdin: bytes = b"") -> Iterator[Streams]:
    """Replace the standard streams of this process."""
    before = sys.stdin, sys.stdout, sys.stderr
    streams = Streams(stdin)
    sys.stdin, sys.stdout, sys.stderr = streams.stdin, streams.stdout, streams.stderr
    try:
        yield streams
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


@contextmanager
def replaced_environment(environ: Mapping[str, str]) -> Iterator[None]:
    """Replace all environment variables of this process by *environ*."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def import_whole_package() -> None:
    """Import all modules of `sagemaker_rt`.

    The fixture ``pytester`` removes the modules that a test imported. A module that is
    imported again afterwards has other classes of the same names.
    """
    for module in walk_packages(sagemaker_rt.__path__, "sagemaker_rt."):
        import_module(module.name)
