"""Credentials that a program prints: ``credential_process``."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from typing import Final

from sagemaker_rt.credentials.documents import Document, json_object, read_credentials
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials

__all__ = ["ProcessCredentials"]

_MOST: Final = 64 * 1024
_STDOUT: Final = 1
_WINDOWS: Final = os.name == "nt"


class ProcessCredentials:
    """Run *command*, and read the document that it prints, of version 1.

    It is run without a shell, with its standard input closed, in a process group of its
    own, which is killed when its time is over or the question is cancelled. What it
    prints is shown nowhere.

    Args:
        command: As a shell would split it.
        timeout: Seconds that it may run.
    """

    limits_itself: Final = True

    def __init__(self, command: str, *, timeout: float = 60.0) -> None:
        self._command = command
        self._timeout = timeout

    def __repr__(self) -> str:
        return "ProcessCredentials()"

    async def retrieve(self) -> Credentials:
        """Return what the program prints.

        Raises:
            CredentialsError: It cannot be run, fails, takes too long, or prints
                something else.
        """
        source = "credential_process"
        document = await self._printed(source)
        version = document.members.get("Version")
        if version != 1 or isinstance(version, bool):
            kind = version if isinstance(version, int) else type(version).__name__
            del version  # which a traceback that shows local variables would show
            message = f"{source} gave version {kind}; it must be the number 1"
            raise CredentialsError(message)
        return read_credentials(document, "SessionToken", source=source)

    async def _printed(self, source: str) -> Document:
        run = _Run(asyncio.get_running_loop())
        limit = asyncio.timeout(self._timeout)
        try:
            async with limit:
                await run.begin(shlex.split(self._command, posix=not _WINDOWS))
                await run.over
        except (OSError, ValueError, TypeError) as error:
            late = f"did not end within {self._timeout:g} s"
            reason = late if limit.expired() else f"cannot be run: {error}"
            message = f"{source} {reason}"
            raise CredentialsError(message) from error
        finally:
            await run.end()
        if failure := run.failure():
            message = f"{source} {failure}"
            raise CredentialsError(message)
        return json_object(run.printed, source=source)


class _Run(asyncio.SubprocessProtocol):
    """A program that runs, and what it has printed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.printed = b""
        self.over: asyncio.Future[None] = loop.create_future()
        """Done when the program has exited, and what it has started cannot print any
        more; or when too much was printed."""
        self._exited: asyncio.Future[None] = loop.create_future()
        self._is_silent = False
        self._loop = loop
        self._transport: asyncio.SubprocessTransport | None = None

    async def begin(self, arguments: list[str]) -> None:
        """Start the program.

        Raises:
            OSError: It cannot be started; as TypeError and ValueError do.
        """
        # asyncio cannot clean up if it is cancelled while it connects the pipe
        starting = self._loop.create_task(self._start(arguments))
        await _wait_despite_cancellation(starting)
        await starting

    async def _start(self, arguments: list[str]) -> None:
        self._transport, _ = await self._loop.subprocess_exec(
            lambda: self,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=not _WINDOWS,
        )

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 - asyncio's
        self.printed += data
        if len(self.printed) > _MOST:
            _mark(self.over)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self._is_silent = True
        if self._exited.done():
            _mark(self.over)

    def process_exited(self) -> None:
        _mark(self._exited)
        if self._is_silent:
            _mark(self.over)

    def failure(self) -> str | None:
        """Return what is wrong with the run, which is over."""
        if len(self.printed) > _MOST:
            return f"printed more than {_MOST} bytes"
        status = self._transport and self._transport.get_returncode()
        return f"ended with status {status}" if status else None

    async def end(self) -> None:
        """Kill the program, if it still runs, with all that it has started."""
        if self._transport is None:
            return
        is_over = self._exited.done() and self._is_silent
        try:
            if is_over or _kill(self._transport):
                # A transport that is dropped before its program has exited warns, and
                # leaves a zombie. A program that was killed exits at once.
                await _wait_despite_cancellation(self._exited)
            else:
                await self._exited
        finally:
            # lets go of the pipe: whoever has left the group may hold its other end
            self._transport.close()


async def _wait_despite_cancellation(future: asyncio.Future[None]) -> None:
    """Wait until *future* is done; if the task was cancelled, raise that afterwards."""
    was_cancelled = False
    while not future.done():
        try:
            await asyncio.wait((future,))
        except asyncio.CancelledError:
            was_cancelled = True
    if was_cancelled:
        future.exception()  # otherwise asyncio logs that nobody retrieved it
        raise asyncio.CancelledError


def _mark(future: asyncio.Future[None]) -> None:
    if not future.done():  # who waited for it may have been cancelled
        future.set_result(None)


def _kill(transport: asyncio.SubprocessTransport) -> bool:
    """Kill the program and its process group; return False if that is not permitted."""
    try:
        if _WINDOWS:
            transport.kill()
        else:
            os.killpg(transport.get_pid(), signal.SIGKILL)
    except ProcessLookupError:  # no process of the group is left
        return True
    except PermissionError:
        return False
    return True
