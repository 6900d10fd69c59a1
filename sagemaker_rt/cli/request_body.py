"""Reads the request body of a command."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from sagemaker_rt.errors import ParamValidationError

__all__ = ["read_body"]


def read_body(
    body: str | None, file: Path | None, *, stdin: BinaryIO | None = None
) -> bytes:
    """Return *body* in UTF-8, or the content of *file*, or else standard input.

    Args:
        file: ``-`` is standard input.
        stdin: Read until its end if it is selected; `sys.stdin` by default.

    Raises:
        ParamValidationError: *body* and *file* are both set, or *file* or standard
            input cannot be read.
    """
    if body is not None and file is not None:
        message = f"the body and --file={str(file)!r} are both set; use one of them"
        raise ParamValidationError(message, [message])
    if body is not None:
        # an argument that is not UTF-8 is sent as the bytes that the shell passed
        return body.encode(errors="surrogateescape")
    if file is None or file == Path("-"):
        return _read_stdin(stdin)
    try:
        return file.read_bytes()
    except (OSError, ValueError) as error:
        message = f"--file cannot be read: {error}"
        raise ParamValidationError(message, [message]) from error


def _read_stdin(stdin: BinaryIO | None) -> bytes:
    """Return the content of standard input."""
    if stdin is None and sys.stdin is None:
        message = "standard input is closed; pass the body, or --file"
        raise ParamValidationError(message, [message])
    if stdin is None and sys.stdin.isatty():
        print("sagemaker-rt: reading the body from standard input", file=sys.stderr)
    # the handler of asyncio cancels the task, which does not interrupt a read
    is_main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGINT)
    if is_main:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return (stdin or sys.stdin.buffer).read()
    except (OSError, ValueError) as error:
        message = f"standard input cannot be read: {error}"
        raise ParamValidationError(message, [message]) from error
    finally:
        if is_main and handler is not None:
            signal.signal(signal.SIGINT, handler)
