"""The commands.

Results go to standard output, everything else to standard error. ``README.md`` lists
the exit codes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, TypeVar

import attrs
from cyclopts import App, CycloptsError, Parameter

from sagemaker_rt import __version__
from sagemaker_rt.cli.arguments import (
    PLAIN_FLAGS,
    Connection,
    InvokeMembers,
    Members,
    QueueMembers,
    StreamMembers,
    WholeNumber,
)
from sagemaker_rt.cli.batch_command import batch
from sagemaker_rt.cli.bench_command import bench
from sagemaker_rt.cli.converse_command import converse
from sagemaker_rt.cli.demo import run_demo
from sagemaker_rt.cli.emulator_command import (
    FIXED_CREDENTIALS,
    EmulatorSettings,
    load_model,
    run_command,
    serve,
)
from sagemaker_rt.cli.failures import discard_output, report, report_usage
from sagemaker_rt.cli.inspection_commands import config, credentials, stack
from sagemaker_rt.cli.request_body import read_body
from sagemaker_rt.cli.web_demo import run_web_demo
from sagemaker_rt.converters import from_dict, to_dict
from sagemaker_rt.errors import OptionsError, SageMakerRuntimeError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.inference.async_jobs import AsyncJob, checked_timeout, submit_input
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
    PayloadPart,
)
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["app", "run"]

# without the parameter, the value "-" would be taken for an option
BodyFile = Annotated[Path | None, Parameter(allow_leading_hyphen=True)]
T = TypeVar("T", bound=attrs.AttrsInstance)

app: Final = App(
    name="sagemaker-rt",
    help="Invoke models with Amazon SageMaker Runtime.",
    version=__version__,
    result_action="return_value",
    default_parameter=PLAIN_FLAGS,
)
app.command(batch)
app.command(bench)
app.command(converse)
app.command(stack)
app.command(config)
app.command(credentials)


def run(arguments: Sequence[str]) -> int:
    """Run the command that *arguments* name, and return its exit code."""
    try:
        result = app(arguments, exit_on_error=False, print_error=False)
        # a failure to write is reported here, and not when the process ends
        if sys.stdout is not None:
            sys.stdout.flush()
    except CycloptsError as error:
        return report_usage(error)
    except SageMakerRuntimeError as error:
        return report(error, arguments)
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        discard_output()
        return 0
    except OSError as error:
        discard_output()
        print(f"sagemaker-rt: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # 128 + SIGINT, as shells report it
    return result if isinstance(result, int) else 0


@app.command
async def invoke(  # noqa: PLR0913 - they are command-line arguments
    endpoint_name: str,
    body: str | None = None,
    /,
    *,
    file: BodyFile = None,
    members: InvokeMembers | None = None,
    verbose: bool = False,
    connection: Connection | None = None,
) -> None:
    """Invoke a model, and print the response body.

    Args:
        endpoint_name: Name of the SageMaker endpoint.
        body: Request body. By default, --file or else standard input is sent.
        file: File that is sent as the request body. - is standard input.
        verbose: Print the other members of the response to standard error, as JSON.
    """
    params = _params(InvokeEndpointInput, endpoint_name, read_body(body, file), members)
    async with (connection or Connection()).client() as client:
        output = await client.invoke_endpoint(params)
    if verbose:
        members_but_body = to_dict(output)
        del members_but_body["body"]
        print(json.dumps(members_but_body), file=sys.stderr)
    _write(output.body)


@app.command
async def stream(  # noqa: PLR0913 - they are command-line arguments
    endpoint_name: str,
    body: str | None = None,
    /,
    *,
    file: BodyFile = None,
    members: StreamMembers | None = None,
    verbose: bool = False,
    connection: Connection | None = None,
) -> None:
    """Invoke a model, and print the response body as it arrives.

    Args:
        endpoint_name: Name of the SageMaker endpoint.
        body: Request body. By default, --file or else standard input is sent.
        file: File that is sent as the request body. - is standard input.
        verbose: Print the other members of the response to standard error, as JSON.
    """
    content = read_body(body, file)
    shape = InvokeEndpointWithResponseStreamInput
    params = _params(shape, endpoint_name, content, members)
    async with (
        (connection or Connection()).client() as client,
        client.invoke_endpoint_with_response_stream(params) as parts,
    ):
        if verbose:
            _print_members(parts)
        async for part in parts:
            if isinstance(part, PayloadPart):
                _write(part.bytes)


@app.command
async def invoke_async(  # noqa: PLR0913 - they are command-line arguments
    endpoint_name: str,
    body: str | None = None,
    /,
    *,
    file: BodyFile = None,
    members: QueueMembers | None = None,
    upload_to: str | None = None,
    wait: bool = False,
    timeout: float | None = None,  # noqa: ASYNC109 - a command-line argument
    connection: Connection | None = None,
) -> None:
    """Queue a request, and print the S3 locations of its output as JSON.

    With --wait, print the output when it is there, and the locations to standard error.

    Args:
        endpoint_name: Name of the SageMaker endpoint.
        body: Request body. By default, --file, --input-location or else standard
            input is sent.
        file: File that is sent as the request body. - is standard input.
        upload_to: S3 prefix for a body of more than 128,000 bytes: s3://bucket/prefix.
        wait: Wait for the output, and print it.
        timeout: Seconds to wait. By default, until the request expires.
    """
    if timeout is not None and not wait:
        message = "--timeout needs --wait"
        raise OptionsError(message)
    checked_timeout(timeout)
    is_in_s3 = members is not None and members.input_location is not None
    is_body_set = body is not None or file is not None
    # a body beside an input location is sent as well: the client reports the conflict
    content = None if is_in_s3 and not is_body_set else read_body(body, file)
    params = _params(InvokeEndpointAsyncInput, endpoint_name, content, members)
    async with (connection or Connection()).client() as client:
        job = await submit_input(client, params, upload_to=upload_to)
        # known before the wait, which may be interrupted
        print(_locations(job), file=sys.stderr if wait else sys.stdout, flush=True)
        if wait:
            await _write_output(job, timeout)


@app.command
async def emulator(  # noqa: PLR0913 - one parameter for each option
    *command: str,
    host: str = "127.0.0.1",
    port: WholeNumber = 0,
    model: list[str] | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
    fixed_credentials: bool = False,
    quiet: bool = False,
) -> int:
    """Run an emulator of SageMaker Runtime on this machine until it is interrupted.

    Prints shell commands that point AWS clients at the emulator, and logs requests to
    standard error. The endpoints echo, json, slow, tokens, chat and failing are there.
    After `--`, a command is run with these settings, and the emulator stops with it.

    Args:
        command: Program and arguments to run, after `--`.
        host: Loopback address to listen on.
        port: Port to listen on. 0 selects a free one.
        model: Endpoint of your own, as NAME=MODULE:FUNCTION; can be repeated.
        access_key: Access key ID that requests must be signed with.
        secret_key: Secret access key that requests must be signed with.
        fixed_credentials: Use the same credentials at each start.
        quiet: Do not log requests.
    """
    if (access_key is None) != (secret_key is None):
        message = "--access-key and --secret-key must be given together"
        raise OptionsError(message)
    credentials = FIXED_CREDENTIALS if fixed_credentials else None
    if access_key is not None and secret_key is not None:
        credentials = Credentials(access_key, secret_key)
    settings = EmulatorSettings(
        host=host,
        port=port,
        credentials=credentials,
        models=dict(map(load_model, model or ())),
        is_quiet=quiet,
    )
    if command:
        return await run_command(settings, command)
    await serve(settings)
    return 0


@app.command
async def demo(
    *,
    web: bool = False,
    port: WholeNumber = 0,
    endpoint_name: str | None = None,
    connection: Connection | None = None,
) -> None:
    """Call an emulator with each operation, and print the results and the code.

    With --web, serve a chat page on this machine until interrupted.

    Args:
        web: Serve a chat page.
        port: Port of the page. 0 selects a free one.
        endpoint_name: Endpoint of a chat model, to chat with it and not with the
            emulator. The other options apply to it.
    """
    if web:
        await run_web_demo(
            port=port, endpoint_name=endpoint_name, connection=connection
        )
        return
    if port or endpoint_name or connection:
        message = "the options of demo need --web"
        raise OptionsError(message)
    await run_demo()


def _params(
    shape: type[T], endpoint_name: str, body: bytes | None, members: Members | None
) -> T:
    """Return the input of an operation."""
    others = attrs.asdict(members) if members is not None else {}
    return from_dict(shape, {"endpoint_name": endpoint_name, "body": body, **others})


async def _write_output(job: AsyncJob, timeout: float | None) -> None:  # noqa: ASYNC109 - of the command
    """Wait for the output of *job*, and print it as it is received."""
    async with job.open(timeout=timeout) as chunks:
        async for chunk in chunks:
            _write(chunk)


def _locations(job: AsyncJob) -> str:
    """Return where the service stores the output of *job*, as JSON."""
    output = InvokeEndpointAsyncOutput(
        inference_id=job.inference_id,
        output_location=job.output_location,
        failure_location=job.failure_location,
        metadata=job.metadata,
    )
    return json.dumps(to_dict(output))


def _print_members(stream: ResponseStream) -> None:
    """Print what the headers of a streamed response say to standard error."""
    members = {
        "content_type": stream.content_type,
        "invoked_production_variant": stream.invoked_production_variant,
        "custom_attributes": stream.custom_attributes,
        "request_id": stream.request_id,
    }
    print(json.dumps(members), file=sys.stderr)


def _write(data: bytes) -> None:
    """Write *data* to standard output at once, so that a stream is not delayed."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
