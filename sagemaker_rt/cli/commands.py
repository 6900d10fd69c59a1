"""The commands, and how each is run.

Results go to standard output, everything else to standard error. Exit codes:

* 0: it worked;
* 2: the command or its input is wrong, and nothing was sent;
* 3: there are no credentials, no endpoint or no connection, and nothing was sent;
* 4: the service refused the request;
* 5: the model or the service failed;
* 6: there was no answer, or a broken one: the model may have run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final, TypeVar

import attrs
from attrs import frozen
from cyclopts import App, CycloptsError, Parameter

from sagemaker_rt.cli.demo import run_demo
from sagemaker_rt.cli.emulator_command import serve
from sagemaker_rt.cli.request_body import read_body
from sagemaker_rt.client import Client
from sagemaker_rt.config.config import Config
from sagemaker_rt.converters import from_dict, to_dict
from sagemaker_rt.credentials.chain import DefaultChain
from sagemaker_rt.errors import (
    ConnectError,
    CredentialsError,
    EndpointResolutionError,
    OptionsError,
    ParamValidationError,
    SageMakerRuntimeError,
    SerializationError,
    ServiceError,
)
from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
    PayloadPart,
)

__all__ = ["app", "exit_code", "run"]

T = TypeVar("T", bound=attrs.AttrsInstance)

app: Final = App(
    name="sagemaker-rt",
    help="Invoke models behind Amazon SageMaker Runtime.",
    version=lambda: version("sagemaker-rt"),
    result_action="return_value",
)


def run(arguments: Sequence[str]) -> int:
    """Run one command, and return its exit code."""
    try:
        result = app(arguments, exit_on_error=False, print_error=True)
    except CycloptsError:
        return 2
    except SageMakerRuntimeError as error:
        print(f"sagemaker-rt: error: {_line(error)}", file=sys.stderr)
        return exit_code(error)
    except BrokenPipeError:  # whoever read the output has enough of it
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130
    return result if isinstance(result, int) else 0


def exit_code(error: SageMakerRuntimeError) -> int:
    """Return the exit code that tells a script what kind of *error* it was."""
    if isinstance(error, ServiceError):
        answered = error.fault == "client" and error.code != "ModelError"
        return 4 if answered else 5
    if isinstance(error, (OptionsError, ParamValidationError, SerializationError)):
        return 2
    if isinstance(error, (CredentialsError, EndpointResolutionError, ConnectError)):
        return 3
    return 6


def _line(error: SageMakerRuntimeError) -> str:
    """Return *error* on one line, with whether it may be tried again."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    if isinstance(error, ServiceError):
        text = " ".join(str(error).split())
    return f"{text} (the model may have run)" if error.may_have_executed else text


@Parameter(name="*")
@frozen(kw_only=True)
class Connection:
    """Where to, and how long."""

    region: str | None = None
    """AWS region; AWS_REGION if left out."""
    endpoint_url: str | None = None
    """Send there, whatever the region: to an emulator, say."""
    anonymous: Annotated[bool, Parameter(negative="")] = False
    """Do not sign."""
    read_timeout: float = 70.0
    """Seconds of silence to bear."""
    max_attempts: int | None = None
    """Attempts, the first among them; 3 if left out."""

    def client(self) -> Client:
        """Return a client of these options; the caller closes it."""
        return Client(
            region=self.region,
            endpoint_url=self.endpoint_url,
            credentials=AnonymousCredentials() if self.anonymous else None,
            read_timeout=self.read_timeout,
            max_attempts=self.max_attempts,
        )


@Parameter(name="*")
@frozen(kw_only=True)
class Members:
    """What every operation may be told beside the body."""

    content_type: str | None = None
    """MIME type of the body."""
    accept: str | None = None
    """MIME type that the answer should have."""
    custom_attributes: str | None = None
    """Passed on to the container."""
    inference_id: str | None = None
    """An id of yours."""


@Parameter(name="*")
@frozen(kw_only=True)
class StreamMembers(Members):
    """What the operations may be told that answer at once."""

    target_variant: str | None = None
    """Which production variant."""
    target_container_hostname: str | None = None
    """Which container of a multi-container endpoint."""
    inference_component_name: str | None = None
    """Which inference component."""
    session_id: str | None = None
    """The session to join; NEW_SESSION opens one, where the answer is whole."""
    prefix_aware_id: str | None = None
    """A hint for routing."""


@Parameter(name="*")
@frozen(kw_only=True)
class InvokeMembers(StreamMembers):
    """What a model may be told whose answer comes whole."""

    target_model: str | None = None
    """Which model of a multi-model endpoint."""
    enable_explanations: str | None = None
    """A JMESPath expression that says which records to explain."""


@Parameter(name="*")
@frozen(kw_only=True)
class QueueMembers(Members):
    """What a model may be told that answers later."""

    input_location: str | None = None
    """The S3 URI of the input, instead of a body."""
    s3_output_path_extension: str | None = None
    """A path below the endpoint's output path."""
    filename: str | None = None
    """The name of the answer's file."""
    request_ttl_seconds: int | None = None
    """How long the request may wait."""
    invocation_timeout_seconds: int | None = None
    """How long the model may take."""


@app.command
async def invoke(  # noqa: PLR0913 - what the command line has
    endpoint_name: str,
    body: str | None = None,
    /,
    *,
    file: Path | None = None,
    members: InvokeMembers | None = None,
    verbose: Annotated[bool, Parameter(negative="")] = False,
    connection: Connection | None = None,
) -> None:
    """Invoke a model, and print its answer.

    Args:
        endpoint_name: The SageMaker endpoint.
        body: What to send; without it and --file, standard input is sent.
        file: The file to send.
        verbose: Print what is known of the answer to standard error, as JSON.
    """
    params = _params(InvokeEndpointInput, endpoint_name, read_body(body, file), members)
    async with (connection or Connection()).client() as client:
        output = await client.invoke_endpoint(params)
    if verbose:
        facts = {key: value for key, value in to_dict(output).items() if key != "body"}
        print(json.dumps(facts), file=sys.stderr)
    _write(output.body)


@app.command
async def stream(
    endpoint_name: str,
    body: str | None = None,
    /,
    *,
    file: Path | None = None,
    members: StreamMembers | None = None,
    connection: Connection | None = None,
) -> None:
    """Invoke a model, and print its answer as it comes.

    Args:
        endpoint_name: The SageMaker endpoint.
        body: What to send; without it and --file, standard input is sent.
        file: The file to send.
    """
    content = read_body(body, file)
    shape = InvokeEndpointWithResponseStreamInput
    params = _params(shape, endpoint_name, content, members)
    async with (
        (connection or Connection()).client() as client,
        client.invoke_endpoint_with_response_stream(params) as parts,
    ):
        async for part in parts:
            if isinstance(part, PayloadPart):
                _write(part.bytes)


@app.command
async def invoke_async(
    endpoint_name: str,
    body: str | None = None,
    /,
    *,
    file: Path | None = None,
    members: QueueMembers | None = None,
    connection: Connection | None = None,
) -> None:
    """Queue an input for a model, and print where its answer will be, as JSON.

    Args:
        endpoint_name: The SageMaker endpoint.
        body: What to send; without it, --file and --input-location, standard input
            is sent.
        file: The file to send.
    """
    is_elsewhere = members is not None and members.input_location is not None
    is_given = body is not None or file is not None
    content = None if is_elsewhere and not is_given else read_body(body, file)
    params = _params(InvokeEndpointAsyncInput, endpoint_name, content, members)
    async with (connection or Connection()).client() as client:
        output = await client.invoke_endpoint_async(params)
    print(json.dumps(to_dict(output)))


@app.command
def stack(operation: str, /, *, connection: Connection | None = None) -> None:
    """Print the middleware that a call runs through, and what is left out.

    Args:
        operation: InvokeEndpoint, InvokeEndpointAsync or
            InvokeEndpointWithResponseStream.
    """
    print((connection or Connection()).client().explain(operation))


@app.command
async def config(*, profile: str | None = None) -> None:
    """Print what environment and shared files say, and where.

    Args:
        profile: Whose properties count; AWS_PROFILE if left out.
    """
    print((await Config.load(profile=profile)).explain())


@app.command
async def credentials(*, profile: str | None = None) -> None:
    """Print which provider is asked for credentials, and why those before it are not.

    Nothing is asked, and no secret is shown.

    Args:
        profile: Whose properties count; AWS_PROFILE if left out.
    """
    loaded = await Config.load(profile=profile)
    is_in_code = profile is not None
    chain = DefaultChain(loaded.provider_context(is_profile_in_code=is_in_code))
    print(chain.explain())


@app.command
async def emulator(*, host: str = "127.0.0.1", port: int = 0) -> None:
    """Run a SageMaker Runtime on this machine until it is interrupted.

    Args:
        host: A loopback address.
        port: Any that is free, if left out.
    """
    await serve(host, port)


@app.command
async def demo() -> None:
    """Start the emulator, invoke, stream and queue, and show what happened."""
    await run_demo()


def _params(
    shape: type[T], endpoint_name: str, body: bytes | None, members: Members | None
) -> T:
    given = attrs.asdict(members) if members is not None else {}
    return from_dict(shape, {"endpoint_name": endpoint_name, "body": body, **given})


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
