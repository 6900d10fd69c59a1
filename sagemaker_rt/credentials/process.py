"""Credentials that a program prints: ``credential_process``."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from contextlib import suppress
from typing import Final

from sagemaker_rt.credentials.documents import json_object, read_credentials
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials

__all__ = ["ProcessCredentials"]

_MOST: Final = 64 * 1024
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
        printed = await self._printed()
        source = "credential_process"
        document = json_object(printed, source=source)
        if document.get("Version") != 1:
            version = document.get("Version")
            message = f"{source} gave version {version!r}; it must be the number 1"
            raise CredentialsError(message)
        return read_credentials(document, "SessionToken", source=source)

    async def _printed(self) -> bytes:
        try:
            arguments = shlex.split(self._command, posix=not _WINDOWS)
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=not _WINDOWS,
            )
        except (OSError, ValueError, TypeError) as error:
            message = f"credential_process cannot be run: {error}"
            raise CredentialsError(message) from error
        limit = asyncio.timeout(self._timeout)
        try:
            async with limit:
                return await _output(process)
        except TimeoutError as error:
            message = f"credential_process did not end within {self._timeout:g} s"
            raise CredentialsError(message) from error
        finally:
            await _end(process)


async def _output(process: asyncio.subprocess.Process) -> bytes:
    """Return all that *process* prints, once it has ended well."""
    printed = b""
    while process.stdout and (chunk := await process.stdout.read(_MOST)):
        printed += chunk
        if len(printed) > _MOST:
            message = f"credential_process printed more than {_MOST} bytes"
            raise CredentialsError(message)
    status = await process.wait()
    if status:
        message = f"credential_process ended with status {status}"
        raise CredentialsError(message)
    return printed


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill *process* if it still runs, with all that it has started."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if _WINDOWS:
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
