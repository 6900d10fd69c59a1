"""The command ``sagemaker-rt emulator``."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final, TextIO

from attrs import field, frozen

from sagemaker_rt.emulator import Emulator
from sagemaker_rt.emulator.built_in_models import BUILT_IN
from sagemaker_rt.emulator.models import Model
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import Credentials

__all__ = [
    "FIXED_CREDENTIALS",
    "EmulatorSettings",
    "environment",
    "load_model",
    "run_command",
    "serve",
    "stop_on_signal",
]

FIXED_CREDENTIALS: Final = Credentials("AKIAEMULATOR", "emulator-secret")
"""The same at each start, for programs that are configured once."""


@frozen(kw_only=True)
class EmulatorSettings:
    """What the command line says about an emulator."""

    host: str = "127.0.0.1"
    port: int = 0
    credentials: Credentials | None = None
    """None for random ones."""
    models: Mapping[str, Model] = field(factory=dict)
    is_quiet: bool = False
    """Whether requests are not logged."""


async def serve(
    settings: EmulatorSettings,
    *,
    out: TextIO | None = None,
    err: TextIO | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Run an emulator until *stop* is set.

    Args:
        out: Receives shell commands that point AWS clients at the emulator; standard
            output by default.
        err: Receives a line for each request; standard error by default.
        stop: By default, an event that SIGINT and SIGTERM set.

    Raises:
        OptionsError: *host* is not a loopback address, or *port* is not available.
    """
    async with _emulator(settings, err or sys.stderr) as emulator:
        names = ", ".join([*BUILT_IN, *settings.models])
        lines = [f"# endpoints: {names}"]
        lines += [
            f"export {name}={shlex.quote(value)}" if value else f"unset {name}"
            for name, value in environment(emulator)
        ]
        print(*lines, sep="\n", file=out or sys.stdout, flush=True)
        await (stop or stop_on_signal()).wait()


async def run_command(settings: EmulatorSettings, command: Sequence[str]) -> int:
    """Run *command* with an emulator in its environment; return its exit code.

    Raises:
        OptionsError: As `serve`, or the command cannot be started.
    """
    async with _emulator(settings, sys.stderr) as emulator:
        environ = dict(os.environ)
        for name, value in environment(emulator):
            environ.pop(name, None)
            if value:
                environ[name] = value
        try:
            process = await asyncio.create_subprocess_exec(*command, env=environ)
        except OSError as error:
            message = f"{command[0]!r} cannot be started: {error.strerror}"
            raise OptionsError(message) from error
        return await process.wait()


def load_model(text: str) -> tuple[str, Model]:
    """Return the endpoint name and the model in ``NAME=MODULE:FUNCTION``.

    The module may be in the current folder.

    Raises:
        OptionsError: The text has another form, or names no function.
    """
    name, equals, path = text.partition("=")
    module, colon, function = path.partition(":")
    if not (name and equals and module and colon and function):
        message = f"--model {text!r} must have the form NAME=MODULE:FUNCTION"
        raise OptionsError(message)
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError, SyntaxError) as error:
        message = f"--model {text!r} cannot be imported: {error}"
        raise OptionsError(message) from error
    return name, found


def _emulator(settings: EmulatorSettings, err: TextIO) -> Emulator:
    def log(request: ReceivedRequest, status: int | None, seconds: float) -> None:
        shown = "disconnected" if status is None else str(status)
        line = f"{request.method} {request.path} {shown} {seconds * 1000:.1f} ms"
        print(line, file=err, flush=True)

    return Emulator(
        host=settings.host,
        port=settings.port,
        credentials=settings.credentials,
        models=settings.models,
        on_response=None if settings.is_quiet else log,
    )


def environment(emulator: Emulator) -> list[tuple[str, str]]:
    """Return environment variables that point any AWS client at *emulator*.

    An empty value means that the variable must not be set.
    """
    credentials = emulator.credentials
    return [
        ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", emulator.url),
        ("AWS_ENDPOINT_URL_S3", emulator.s3_url),
        ("AWS_REGION", emulator.region),
        # boto3 reads this one, and not AWS_REGION
        ("AWS_DEFAULT_REGION", emulator.region),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key),
        ("AWS_SESSION_TOKEN", credentials.session_token or ""),
    ]


def stop_on_signal() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    # event loops on Windows have no signal handlers; there, Ctrl-C raises
    # KeyboardInterrupt, which closes the emulator as well
    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    return stop
