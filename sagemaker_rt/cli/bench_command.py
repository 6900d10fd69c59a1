"""The command ``sagemaker-rt bench``."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import (
    AbstractContextManager,
    asynccontextmanager,
    nullcontext,
)
from pathlib import Path
from typing import Annotated, Any, Final

import attrs
from attrs import frozen
from cyclopts import Parameter

from sagemaker_rt.cli.arguments import Connection, InvokeMembers, WholeNumber
from sagemaker_rt.cli.bench_progress import shown_progress
from sagemaker_rt.cli.emulator_process import emulator_process
from sagemaker_rt.cli.failures import exit_code, written
from sagemaker_rt.cli.request_body import read_body
from sagemaker_rt.cli.stop_signals import stop_on_signals
from sagemaker_rt.client import Client
from sagemaker_rt.converters import from_dict
from sagemaker_rt.errors import (
    OptionsError,
    SageMakerRuntimeError,
    ThrottlingException,
)
from sagemaker_rt.load import (
    ClosedLoop,
    LoadInput,
    LoadProgress,
    LoadResult,
    OpenLoop,
    TokenUnit,
    csv_report,
    html_report,
    run,
    text_report,
)
from sagemaker_rt.sansio.arrival_times import ArrivalProcess
from sagemaker_rt.shapes import (
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
)

__all__ = ["FAILURES", "LoadArguments", "bench"]

FAILURES: Final = 7
"""The exit code if calls failed, or were dropped or not finished."""
_OUTPUT_FAILED: Final = 1
_INTERRUPTED: Final = 130
_HOPELESS: Final = {2, 3, 4}
"""Exit codes of errors that each further call would have as well."""
_DEFAULT_RATE: Final = 10.0
_BODY: Final = b"{}"
_TEXT: Final = b"A text of six short words"
"""The body for models of the emulator."""
_REPORTS: Final[Mapping[str, Callable[[LoadResult], str]]] = {
    ".html": html_report,
    ".json": lambda result: json.dumps(result.to_dict(), indent=2) + "\n",
    ".csv": csv_report,
}


@Parameter(name="*")
@frozen(kw_only=True)
class LoadArguments:
    """Options of the load."""

    rate: float | None = None
    """Calls per second, however long they take. By default 10."""
    concurrency: WholeNumber | None = None
    """Number of callers, in place of a rate. Each one waits for its call to end before
    it makes the next."""
    duration: float = 10.0
    """Seconds in which calls are made."""
    warm_up: float = 0.0
    """Seconds of the same load before, which are not measured."""
    arrivals: ArrivalProcess = "poisson"
    """Poisson, as from many users, or uniform."""
    seed: WholeNumber = 0
    """Selects the arrivals of poisson."""
    max_in_flight: WholeNumber = 1000
    """Calls that are due while so many are in flight are dropped, and counted."""
    drain: float = 30.0
    """Seconds to wait for calls in flight at the end."""
    stream: bool = False
    """Stream responses, and measure the time to the first token."""
    unit: TokenUnit = "tokens"
    """What to count in streams: tokens of a language model, or parts of any output."""

    def loop(self) -> OpenLoop | ClosedLoop:
        """Return when calls are made.

        Raises:
            OptionsError: The duration is not positive, or a rate and a concurrency are
                set.
            ParamValidationError: A number is invalid.
        """
        if not self.duration > 0:
            message = f"--duration must be a positive number, not {self.duration:g}"
            raise OptionsError(message)
        if self.concurrency is None:
            return OpenLoop(
                _DEFAULT_RATE if self.rate is None else self.rate,
                arrivals=self.arrivals,
                seed=self.seed,
                max_in_flight=self.max_in_flight,
            )
        if self.rate is not None:
            message = "--rate and --concurrency are both set; use one of them"
            raise OptionsError(message)
        return ClosedLoop(self.concurrency)


async def bench(  # noqa: PLR0913 - they are command-line arguments
    endpoint_name: str,
    body: str | None = None,
    /,
    *,
    file: Annotated[Path | None, Parameter(allow_leading_hyphen=True)] = None,
    load: LoadArguments | None = None,
    output: list[Path] | None = None,
    emulator: bool = False,
    quiet: bool = False,
    members: InvokeMembers | None = None,
    connection: Connection | None = None,
) -> int:
    """Call an endpoint under load, and print latency, throughput and errors.

    With --rate, latency is measured from the scheduled arrival of each call, so that
    calls that wait for a slow endpoint count in full. Ctrl-C ends the test early, and
    prints what was measured. A call before the test shows whether calls can succeed.

    Args:
        endpoint_name: Name of the SageMaker endpoint.
        body: Request body of each call. By default, --file or else {} is sent, or a
            text to the emulator.
        file: File that is sent as the request body. - is standard input.
        output: File for a report: .html, .json or .csv; can be repeated.
        emulator: Start an emulator, and call it.
        quiet: Do not show progress.
    """
    load, connection = load or LoadArguments(), connection or Connection()
    loop, outputs = load.loop(), output or []
    _require_reports(outputs)
    content = _TEXT if emulator else _BODY
    if body is not None or file is not None:
        content = read_body(body, file)
    input = _input(endpoint_name, content, members, is_stream=load.stream)
    async with _client(connection, loop.limit, is_emulated=emulator) as client:
        await _call_once(client, input)
        with stop_on_signals() as stop, _progress(is_quiet=quiet) as show:
            result = await run(
                client,
                input,
                loop,
                seconds=load.duration,
                warm_up=load.warm_up,
                drain=load.drain,
                unit=load.unit,
                progress=show,
                stop=stop,
            )
    print(text_report(result), flush=True)
    # all are tried: a test may take hours
    are_written = [written(path, _REPORTS[path.suffix](result)) for path in outputs]
    return _exit_code(result) if all(are_written) else _OUTPUT_FAILED


async def _call_once(client: Client, input: LoadInput) -> None:
    """Make a call that is not measured: it connects, and retrieves credentials.

    Raises:
        SageMakerRuntimeError: No call could succeed: the input or the configuration is
            wrong, or the endpoint cannot be reached.
    """
    try:
        if isinstance(input, InvokeEndpointInput):
            await client.invoke_endpoint(input)
        else:
            async with client.invoke_endpoint_with_response_stream(input):
                pass
    except SageMakerRuntimeError as error:
        is_throttled = isinstance(error, ThrottlingException)
        if exit_code(error) in _HOPELESS and not is_throttled:
            raise


def _exit_code(result: LoadResult) -> int:
    if result.end == "interrupted":
        return _INTERRUPTED
    return 0 if result.counts.succeeded == result.counts.scheduled else FAILURES


def _require_reports(outputs: list[Path]) -> None:
    """Check before the test that reports can be written after it.

    Raises:
        OptionsError: A file has another extension, or its folder does not exist.
    """
    for path in outputs:
        if path.suffix not in _REPORTS:
            known = ", ".join(_REPORTS)
            message = f"--output {str(path)!r} must end with one of {known}"
            raise OptionsError(message)
        if path.is_dir() or not path.parent.is_dir():
            message = f"--output {str(path)!r} is not in a folder that exists"
            raise OptionsError(message)


def _input(
    endpoint_name: str, body: bytes, members: InvokeMembers | None, *, is_stream: bool
) -> LoadInput:
    """Return the input of each call.

    Raises:
        OptionsError: A member is not one of the operation.
    """
    given = attrs.asdict(members) if members is not None else {}
    others = {name: value for name, value in given.items() if value is not None}
    fields: dict[str, Any] = {"endpoint_name": endpoint_name, "body": body, **others}
    if not is_stream:
        return from_dict(InvokeEndpointInput, fields)
    shape = InvokeEndpointWithResponseStreamInput
    if unknown := others.keys() - {field.name for field in attrs.fields(shape)}:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(unknown))
        message = f"{options}: not with --stream"
        raise OptionsError(message)
    return from_dict(shape, fields)


@asynccontextmanager
async def _client(
    connection: Connection, limit: int, *, is_emulated: bool
) -> AsyncGenerator[Client]:
    """Open a client with *limit* connections, and an emulator if it is needed."""
    if not is_emulated:
        async with connection.client(max_connections=limit) as client:
            yield client
        return
    if connection.endpoint_url is not None:
        message = "--emulator and --endpoint-url are both set; use one of them"
        raise OptionsError(message)
    async with (
        emulator_process() as environ,
        connection.client(max_connections=limit, environ=environ) as client,
    ):
        yield client


def _progress(
    *, is_quiet: bool
) -> AbstractContextManager[Callable[[LoadProgress], None] | None]:
    return nullcontext() if is_quiet else shown_progress(sys.stderr)
