"""Credentials that a program prints: ``credential_process``."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from typing import Final

from attrs import evolve

from sagemaker_rt.credentials.documents import (
    Document,
    parse_credentials,
    parse_json_object,
)
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.redaction import escaped, without_keys

__all__ = ["ProcessCredentials"]

_SOURCE: Final = "credential_process"
_MAX_OUTPUT: Final = 64 * 1024
_MAX_COMPLAINT: Final = 1024  # characters that are shown
_MAX_KEPT: Final = 16 * 1024
_COMPLAINT_TIMEOUT: Final = 0.5  # seconds
_STDERR: Final = 2
_IS_WINDOWS: Final = os.name == "nt"


class ProcessCredentials:
    """Credentials in the document (version 1) that *command* prints.

    The program runs without a shell, with its standard input closed. It has its own
    process group, which is killed on timeout and cancellation. Its output is never
    shown. If it fails, the end of its standard error is in the error, without what
    looks like a key or a token.

    Args:
        command: The command line, which is split as a POSIX shell does.
        timeout: Seconds that the program may run.
        account_id: The account of the credentials, if the document has none.
    """

    has_own_timeout: Final = True

    def __init__(
        self, command: str, *, timeout: float = 60.0, account_id: str | None = None
    ) -> None:
        self._account_id = account_id
        self._command = command
        self._timeout = timeout

    def __repr__(self) -> str:
        return "ProcessCredentials()"

    async def retrieve(self) -> Credentials:
        """Return the credentials that the program prints.

        Raises:
            CredentialsError: The program cannot be started, fails, takes too long, or
                prints something else.
        """
        document = await self._run()
        version = document.members.get("Version")
        if version != 1 or isinstance(version, bool):  # True equals 1
            shown = version if isinstance(version, int) else type(version).__name__
            del version  # may be a secret, which a traceback with variables would show
            message = f"{_SOURCE}: Version must be the number 1: {shown}"
            raise CredentialsError(message)
        found = parse_credentials(document, "SessionToken", source=_SOURCE)
        if found.account_id is None and self._account_id is not None:
            return evolve(found, account_id=self._account_id)
        return found

    async def _run(self) -> Document:
        """Return the document that the program prints."""
        process = _Process(asyncio.get_running_loop())
        limit = asyncio.timeout(self._timeout)
        try:
            async with limit:
                await process.start(shlex.split(self._command, posix=not _IS_WINDOWS))
                await process.finished
                await process.wait_for_complaint()
        except (OSError, ValueError, TypeError) as error:
            late = f"did not finish within {self._timeout:g} s"
            reason = late if limit.expired() else f"cannot be started: {error}"
            message = f"{_SOURCE} {reason}"
            raise CredentialsError(message) from error
        finally:
            await process.stop()
        if failure := process.failure():
            message = f"{_SOURCE} {failure}"
            raise CredentialsError(message)
        return parse_json_object(process.output, source=_SOURCE)


class _Process(asyncio.SubprocessProtocol):
    """A running program, and its output.

    `asyncio.subprocess.Process` neither limits the output nor closes a pipe that
    another process still holds open.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.output = b""
        self.finished: asyncio.Future[None] = loop.create_future()
        """Done when the program has exited and its output is closed, which its children
        may hold open; or when the output is too long."""
        self._complaint = b""  # the end of the standard error
        self._complained: asyncio.Future[None] = loop.create_future()
        self._exited: asyncio.Future[None] = loop.create_future()
        self._is_output_closed = False
        self._loop = loop
        self._transport: asyncio.SubprocessTransport | None = None

    async def start(self, arguments: list[str]) -> None:
        """Start the program.

        Raises:
            OSError: It cannot be started.
            TypeError: As OSError.
            ValueError: As OSError.
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
            stderr=asyncio.subprocess.PIPE,
            start_new_session=not _IS_WINDOWS,
        )

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == _STDERR:
            self._complaint = (self._complaint + data)[-_MAX_KEPT:]
            return
        self.output += data
        if len(self.output) > _MAX_OUTPUT:
            _set_done(self.finished)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - a parameter of asyncio
        if fd == _STDERR:
            _set_done(self._complained)
            return
        self._is_output_closed = True
        if self._exited.done():
            _set_done(self.finished)

    def process_exited(self) -> None:
        _set_done(self._exited)
        if self._is_output_closed:
            _set_done(self.finished)

    async def wait_for_complaint(self) -> None:
        """Wait for the standard error of a program that has failed.

        A process in the background may hold it open, so the wait is short.
        """
        if self._transport is not None and self._transport.get_returncode():
            await asyncio.wait((self._complained,), timeout=_COMPLAINT_TIMEOUT)

    def failure(self) -> str | None:
        """Return what went wrong, after the program has finished; None if nothing."""
        if len(self.output) > _MAX_OUTPUT:
            return f"printed more than {_MAX_OUTPUT} bytes"
        status = self._transport and self._transport.get_returncode()
        if not status:
            return None
        # Redacted before it is cut: half a secret does not look like one.
        complaint = without_keys(self._complaint.decode(errors="replace"))
        text = escaped(complaint.strip()[-_MAX_COMPLAINT:].replace("\n", " | "))
        return f"exited with status {status}" + (f": {text}" if text else "")

    async def stop(self) -> None:
        """Kill the program and its children if they still run."""
        if self._transport is None:
            return
        is_over = self._exited.done() and self._is_output_closed
        try:
            if is_over or _kill(self._transport):
                # A transport that is dropped before its program has exited warns, and
                # leaves a zombie. A program that was killed exits at once.
                await _wait_despite_cancellation(self._exited)
            else:
                await self._exited
        finally:
            # closes the pipe, whose other end a process outside the group may hold open
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
        future.exception()  # otherwise asyncio logs that it was never retrieved
        raise asyncio.CancelledError


def _set_done(future: asyncio.Future[None]) -> None:
    if not future.done():  # it is cancelled if the waiting call was
        future.set_result(None)


def _kill(transport: asyncio.SubprocessTransport) -> bool:
    """Kill the program and its process group; return False if that is not permitted.

    The group may outlive the program that leads it. No other group gets its number as
    long as it exists, so this never kills another program.
    """
    try:
        if _IS_WINDOWS:
            transport.kill()
        else:
            os.killpg(transport.get_pid(), signal.SIGKILL)
    except ProcessLookupError:  # no process of the group is left
        return True
    except PermissionError:
        return False
    return True
