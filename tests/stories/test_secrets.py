"""No secret is shown anywhere: one test for the whole library.

Every logger is at DEBUG, every operation is called, and every failure in the table of
faults happens, and more. Then logs, reprs, notes, pickles and tracebacks are searched,
with the local variables of every frame that is not part of the tests.
"""

from __future__ import annotations

import asyncio
import io
import logging
import pickle
import re
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt import (
    Client,
    Credentials,
    InvokeEndpointOutput,
    LogFormatter,
    LogMode,
    Options,
    OptionsError,
    SageMakerRuntimeError,
    with_api_options,
    with_options,
)
from sagemaker_rt.emulator import Emulator, echo, failing, tokens
from sagemaker_rt.stack import BuildInput, Handler, Output, Stack
from tests.faults.client_calls import make_client
from tests.faults.fault import Fault
from tests.faults.server import GOOD
from tests.faults.table import FAULTS
from tests.transport.servers import serve

KEY: Final = "wJalrXUtnFEMI-the-secret-key"
TOKEN: Final = "FwoGZXIvYXdzE-the-session-token"
BODY: Final = b"the-secret-body"
ATTRIBUTES: Final = "the-custom-attributes"
PASSWORD: Final = "the-password-of-a-proxy"
CREDENTIALS: Final = Credentials("AKIDSECRETS", KEY, TOKEN)
SECRETS: Final = (KEY, TOKEN, BODY.decode(), ATTRIBUTES, PASSWORD)
MEMBERS: Final[dict[str, Any]] = {"body": BODY, "custom_attributes": ATTRIBUTES}

SIGNATURE: Final = re.compile(rb"Signature=([0-9a-f]{64})", re.IGNORECASE)
ALL_LOGS: Final = with_options(
    log_level="INFO", log_mode=~LogMode.OFF, credentials=CREDENTIALS
)
TESTS: Final = str(Path(__file__).parent.parent)


def shown(value: object) -> Iterator[str]:
    """Yield every text that may be shown of *value*."""
    yield repr(value)
    yield str(value)
    if (
        type(value).__module__ != InvokeEndpointOutput.__module__
    ):  # the output is meant to be read
        with suppress(TypeError, pickle.PicklingError, AttributeError):
            yield pickle.dumps(value).decode("latin-1")
    if isinstance(value, BaseException):
        yield from shown_in_error(value)


def shown_in_error(error: BaseException) -> Iterator[str]:
    yield from getattr(error, "__notes__", [])
    yield "".join(traceback.format_exception(error))
    yield from (repr(value) for value in vars(error).values())
    for cause in (error.__cause__, error.__context__):
        if cause is not None:
            yield from shown(cause)
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if not frame.f_code.co_filename.startswith(TESTS):
            # a URL that is refused for its password was passed by the caller
            texts = (f"{name}={value!r}" for name, value in frame.f_locals.items())
            yield from (text.replace(PASSWORD, "") for text in texts)
    metadata = getattr(error, "metadata", None)
    if metadata is not None:
        yield repr(metadata)
        for attempt in metadata.attempts:
            yield from shown(attempt)


def leaks(texts: Iterator[str], signatures: set[str]) -> list[tuple[str, str]]:
    """Return each secret in *texts*, with the text before it."""
    text = "\0".join(texts)
    places = ((secret, text.find(secret)) for secret in (*SECRETS, *signatures))
    return [
        (secret, text[max(0, at - 120) : at + len(secret)].rpartition("\0")[-1])
        for secret, at in places
        if at >= 0
    ]


class AllAttributes(LogFormatter):
    """Formats all attributes of a record."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)} {vars(record)}"


@asynccontextmanager
async def everything_logged() -> AsyncIterator[io.StringIO]:
    """Set every logger to DEBUG, and yield what they write."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(AllAttributes())
    loggers = [logging.root, *map(logging.getLogger, logging.root.manager.loggerDict)]
    levels = [logger.level for logger in loggers]
    logging.root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        logging.root.removeHandler(handler)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


async def outcome(call: Awaitable[object]) -> object:
    """Return what *call* returns or raises."""
    try:
        async with asyncio.timeout(5):
            return await call
    except Exception as error:  # noqa: BLE001 - searched, whatever it is
        return error


async def read(client: Client, endpoint_name: str = "m") -> object:
    """Return a stream, its output and its events."""
    stream = await client.invoke_endpoint_with_response_stream(
        endpoint_name=endpoint_name, **MEMBERS
    )
    async with stream:
        return [stream, stream.output, [event async for event in stream]]


async def every_call(client: Client, endpoint_name: str = "m") -> list[object]:
    """Call each operation; return the results and errors."""
    names: dict[str, Any] = {"endpoint_name": endpoint_name}
    request = client.request("invoke_endpoint", **names, **MEMBERS)
    aborted = client.request("invoke_endpoint", **names, **MEMBERS)
    aborted.abort()
    return [
        *(request, repr(await outcome(request.prepare()))),
        *(await outcome(request.send()), await outcome(aborted.send())),
        await outcome(client.invoke_endpoint(**names, **MEMBERS)),
        await outcome(read(client, endpoint_name)),
        await outcome(client.invoke_endpoint_async(**names, **MEMBERS)),
    ]


async def results_of_fault(fault: Fault, folder: Path) -> tuple[list[object], set[str]]:
    """Return the results of a call with *fault*, and the signatures that were sent."""
    async with fault.setup(folder) as faulty:
        client = make_client(faulty, fault.call, "auto")[0]
        async with client:
            logging_client = client.with_options(ALL_LOGS)
            call: Callable[..., Awaitable[object]] = logging_client.invoke_endpoint
            if fault.call.operation == "async":
                call = logging_client.invoke_endpoint_async
            if fault.call.operation == "stream":
                outcomes = [await outcome(read(logging_client))]
            else:
                outcomes = [await outcome(call(endpoint_name="m", **MEMBERS))]
        sent = b"".join(faulty.requests)
    return [*outcomes, client, client.options], set(
        map(bytes.decode, SIGNATURE.findall(sent))
    )


async def of_all_faults(folder: Path) -> list[tuple[list[object], set[str]]]:
    """Run `results_of_fault` for every fault, 16 at a time since most wait."""
    limit = asyncio.Semaphore(16)

    async def limited(number: int, fault: Fault) -> tuple[list[object], set[str]]:
        own = folder / str(number)
        own.mkdir()
        async with limit:
            return await results_of_fault(fault, own)

    return await asyncio.gather(*map(limited, count(), FAULTS))


class Failing:
    """A provider, a signer and a middleware that fails."""

    async def retrieve(self) -> Credentials:
        message = "the provider failed"
        raise OSError(message)

    def sign(self, *_: object, **__: object) -> None:
        message = "the signer failed"
        raise OSError(message)

    async def __call__(
        self, ctx: Any, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        message = "the middleware failed"
        raise OSError(message)


class WrongType:
    async def retrieve(self) -> Credentials:
        return KEY  # type: ignore[return-value] # what is tested


def refuse(*_: object) -> None:
    raise KeyError


class Full:
    """A file that cannot be written to."""

    def fileno(self) -> int:
        raise OSError

    def write(self, data: bytes) -> None:
        message = "full"
        raise OSError(message)


FULL: Final = Full()


def fail_in_build(stack: Stack) -> None:
    stack.build.add(Failing())


def fail_to_edit(stack: Stack) -> None:
    stack.build.remove("NotThere")


async def results_of_emulator() -> list[object]:
    """Return the results of successful calls, and of components that fail."""
    models = {"m": echo, "failing": failing(), "tokens": tokens()}
    async with Emulator(models=models) as emulator:
        client = Client(
            ALL_LOGS,
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
        )
        async with client:
            good = client.with_options(credentials=emulator.credentials)
            found = [*await every_call(good), *await every_call(client)]
            found += await every_call(good, "failing")
            found += await every_call(good, "tokens")
            found += await every_call(good, "a..b")
            for option in (
                with_options(credentials=Failing()),
                with_options(credentials=WrongType()),
                with_options(signer=Failing()),
                with_api_options(fail_in_build),
                with_api_options(fail_to_edit),
                with_options(endpoint_url=f"http://user:{PASSWORD}@127.0.0.1"),
                with_options(endpoint_url="http://example.com"),
                with_options(on_chunk_sent=refuse),
                with_options(on_chunk_received=refuse),
                with_options(response_target=refuse),
                with_options(response_target="/dev/null/no-folder/answer"),
                with_options(response_target="/dev/full"),
                with_options(response_target=FULL),
            ):
                found += await every_call(good.with_options(option))
        return [*found, *await every_call(client), client, client.options, emulator]


async def results_of_proxies_and_options() -> list[object]:
    """Return the results with a proxy that has a password, and of invalid options."""
    proxy = f"http://user:{PASSWORD}@127.0.0.1:9"
    fields: dict[str, Any] = {
        "region": "us-east-1",
        "endpoint_url": "http://127.0.0.1:9",
        "environ": {"AWS_SECRET_ACCESS_KEY": KEY, "AWS_SESSION_TOKEN": TOKEN},
        "max_attempts": 1,
    }
    found: list[object] = [Options(proxy=proxy, credentials=CREDENTIALS, **fields)]
    async with Client(ALL_LOGS, proxy=proxy, **fields) as client:
        found += [client, client.options, *await every_call(client)]
        found += [client.explain("InvokeEndpoint"), client.stack("InvokeEndpoint")]
    for wrong in (f"nothing://user:{PASSWORD}@x", f"user:{PASSWORD}@x:port"):
        with pytest.raises(OptionsError) as refused:
            Client(ALL_LOGS, proxy=wrong, **fields)
        # not its frames: the caller's argument is in them
        found += [str(refused.value), repr(refused.value)]
    async with serve(GOOD) as server:
        url = f"http://127.0.0.1:{server.port}"
        async with Client(ALL_LOGS, **{**fields, "endpoint_url": url}) as client:
            found += await every_call(client)
            members: dict[str, Any] = {"body": [KEY], "custom_attributes": f"{TOKEN}\n"}
            wrong_input = client.invoke_endpoint(endpoint_name="m", **members)
            found += [await outcome(wrong_input), server.requests and None]
    return found


def test_the_search_finds_a_secret_in_every_place() -> None:
    def raise_with_local() -> None:
        error = SageMakerRuntimeError("clean")
        error.add_note(f"note: {KEY}")
        raise error from ValueError(TOKEN)

    with pytest.raises(SageMakerRuntimeError) as caught:
        raise_with_local()

    assert {KEY, TOKEN} == {secret for secret, _ in leaks(shown(caught.value), set())}
    assert [(KEY, KEY)] == leaks(iter([KEY]), set())
    assert [("ab", "cab")] == leaks(iter(["cab"]), {"ab"})
    assert ATTRIBUTES in {s for s, _ in leaks(shown([ATTRIBUTES]), set())}


async def test_no_secret_is_shown_anywhere(tmp_path: Path) -> None:
    signatures: set[str] = set()
    found: list[object] = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with everything_logged() as log:
            for outcomes, signed in await of_all_faults(tmp_path):
                found += outcomes
                signatures |= signed
            found += await results_of_emulator()
            found += await results_of_proxies_and_options()

    texts = [log.getvalue(), *(str(warning.message) for warning in warned)]
    for value in found:
        texts += shown(value)

    assert len(found) > 3 * len(FAULTS)
    assert len(signatures) > len(FAULTS) / 2
    assert "x-amz-date" in texts[0]
    assert set() == {around for _, around in leaks(iter(texts), signatures)}
