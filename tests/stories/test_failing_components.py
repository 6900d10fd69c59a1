"""What a caller sees when a custom component raises an exception, over sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, NoReturn

import pytest
from attrs import frozen

from sagemaker_rt import (
    AiohttpClient,
    AuthScheme,
    BuildInput,
    Client,
    ComponentError,
    Context,
    CredentialsError,
    EndpointNotFoundError,
    EndpointResolutionError,
    LogMode,
    RetryDecision,
    SageMakerRuntimeError,
    Stack,
    TransportError,
    hook,
    with_api_options,
    with_options,
)
from sagemaker_rt.emulator import Emulator, throttle
from sagemaker_rt.http import Request, Response

SECRET: Final = "the-secret-text"


class ForeignError(Exception):
    """An exception that is not of this library; its text is a secret."""

    def __init__(self) -> None:
        super().__init__(SECRET)


class Component:
    """A component of any kind: the named method raises, plainly or when awaited."""

    id = "example.com#custom"
    max_attempts = 3

    def __init__(self, error: BaseException, method: str, *, is_async: bool) -> None:
        self._error = error
        self._method = method
        self._is_async = is_async

    def _call(self, method: str, result: object = None) -> Any:
        if method != self._method:
            return result
        return self._fail_later() if self._is_async else self._fail()

    def _fail(self) -> NoReturn:
        raise self._error

    async def _fail_later(self) -> NoReturn:
        raise self._error

    def __call__(self, *_: object) -> Any:
        return self._call("__call__")

    def sign(self, *_: object, **__: object) -> Any:
        return self._call("sign")

    def resolve_endpoint(self, *_: object) -> Any:
        return self._call("resolve_endpoint")

    def retrieve(self) -> Any:
        return self._call("retrieve")

    async def retrieve_identity(self) -> Any:
        return self._call("retrieve_identity")

    def decide(self, *_: object, **__: object) -> Any:
        return self._call("decide", RetryDecision(delay=60))

    def succeeded(self, last: object) -> None:
        self._call("succeeded")

    def give_back(self, decision: object) -> None:
        self._call("give_back")


class HTTPClient(Component):
    """A custom HTTP client on that of this library."""

    def __init__(self, error: BaseException, method: str, *, is_async: bool) -> None:
        super().__init__(error, method, is_async=is_async)
        self._client = AiohttpClient()
        self._body: Any = None

    async def send(self, request: Request) -> Response:
        if self._method == "send":
            raise self._error
        response = await self._client.send(request)
        self._body, response.body = response.body, self
        return response

    def read_nowait(self) -> None:
        return None

    async def read(self, limit: int) -> bytes:
        raise self._error

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        raise self._error
        yield b""

    def release(self) -> None:
        self._body.release()

    async def aclose(self) -> None:
        await self._client.aclose()


class Logger(logging.Logger):
    """A logger with a filter that raises."""

    def __init__(self, error: BaseException) -> None:
        super().__init__("custom")
        self._error = error
        self.addFilter(self._raise)

    def _raise(self, _: logging.LogRecord) -> bool:
        raise self._error


Make = Callable[[BaseException], dict[str, Any]]


def component(option: str, method: str = "__call__", **fields: Any) -> Make:
    def make(error: BaseException) -> dict[str, Any]:
        return {option: Component(error, method, is_async=False), **fields}

    return make


def async_component(option: str, method: str = "__call__") -> Make:
    return lambda error: {option: Component(error, method, is_async=True)}


def http_client(method: str) -> Make:
    return lambda error: {"http_client": HTTPClient(error, method, is_async=True)}


def auth_scheme(method: str, *, is_async: bool = False) -> Make:
    return lambda error: {
        "auth_schemes": (Component(error, method, is_async=is_async),),
        "auth_scheme_resolver": lambda *_: [AuthScheme(Component.id)],
    }


def unknown(region: str, options: object) -> NoReturn:
    raise EndpointNotFoundError


def logger(**fields: Any) -> Make:
    return lambda error: {"logger": Logger(error), **fields}


@frozen
class Row:
    """A component that raises, and the error that the caller gets."""

    make: Make
    kind: type[SageMakerRuntimeError]
    component: str
    is_sent: bool = False
    is_throttled: bool = False
    is_stream: bool = False


ROWS: Final = {
    "signer": Row(component("signer", "sign"), ComponentError, "signer"),
    "async signer": Row(async_component("signer", "sign"), ComponentError, "signer"),
    "resolver": Row(
        component("endpoint_resolver", "resolve_endpoint"),
        EndpointResolutionError,
        "endpoint_resolver",
    ),
    "async resolver": Row(
        async_component("endpoint_resolver", "resolve_endpoint"),
        EndpointResolutionError,
        "endpoint_resolver",
    ),
    "resolver v2": Row(
        component("endpoint_resolver_v2", "resolve_endpoint"),
        EndpointResolutionError,
        "endpoint_resolver_v2",
    ),
    "async resolver v2": Row(
        async_component("endpoint_resolver_v2", "resolve_endpoint"),
        EndpointResolutionError,
        "endpoint_resolver_v2",
    ),
    "HTTP client": Row(
        http_client("send"), TransportError, "http_client", is_sent=True
    ),
    "response body": Row(
        http_client("read"), TransportError, "http_client", is_sent=True
    ),
    "streamed response body": Row(
        http_client("read"),
        TransportError,
        "http_client",
        is_sent=True,
        is_stream=True,
    ),
    "identity": Row(auth_scheme("retrieve_identity"), CredentialsError, "auth_schemes"),
    "auth scheme": Row(auth_scheme("sign"), ComponentError, "auth_schemes"),
    "async auth scheme": Row(
        auth_scheme("sign", is_async=True), ComponentError, "auth_schemes"
    ),
    "auth scheme resolver": Row(
        component("auth_scheme_resolver"), ComponentError, "auth_scheme_resolver"
    ),
    "credentials": Row(
        component("credentials", "retrieve"), CredentialsError, "credentials"
    ),
    "async credentials": Row(
        async_component("credentials", "retrieve"), CredentialsError, "credentials"
    ),
    "token provider": Row(
        lambda error: {
            "token_provider": Component(error, "retrieve", is_async=True),
            "auth_scheme_preference": ("httpBearerAuth",),
        },
        CredentialsError,
        "token_provider",
    ),
    "decide": Row(
        component("retryer", "decide"),
        ComponentError,
        "retryer",
        is_sent=True,
        is_throttled=True,
    ),
    "give_back": Row(
        component("retryer", "give_back", total_timeout=9),
        ComponentError,
        "retryer",
        is_throttled=True,
    ),
    "succeeded": Row(
        component("retryer", "succeeded"), ComponentError, "retryer", is_sent=True
    ),
    "backoff": Row(
        component("custom_backoff"),
        ComponentError,
        "custom_backoff",
        is_sent=True,
        is_throttled=True,
    ),
    "jitter": Row(
        component("retry_jitter", retry_mode="legacy"),
        ComponentError,
        "retry_jitter",
        is_sent=True,
        is_throttled=True,
    ),
    "logger of calls": Row(
        logger(log_level="INFO"), ComponentError, "logger", is_sent=True
    ),
    "logger of requests": Row(
        logger(log_mode=LogMode.REQUEST), ComponentError, "logger", is_sent=True
    ),
    "logger of deprecations": Row(
        logger(log_mode=LogMode.DEPRECATED_USAGE, endpoint_resolver=unknown),
        ComponentError,
        "logger",
        is_sent=True,
    ),
    "logger of retries": Row(
        logger(log_mode=LogMode.RETRIES),
        ComponentError,
        "logger",
        is_sent=True,
        is_throttled=True,
    ),
    "logger of events": Row(
        logger(log_mode=LogMode.RESPONSE_EVENT_MESSAGE),
        ComponentError,
        "logger",
        is_sent=True,
        is_stream=True,
    ),
    "clock": Row(component("clock"), ComponentError, "clock"),
}
each_row: Final = pytest.mark.parametrize("name", list(ROWS))


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


async def call(emulator: Emulator, row: Row, error: BaseException) -> None:
    """Make a call with the component of *row*, which raises *error*."""
    if row.is_throttled:
        emulator.fail_next(throttle())
    fields: dict[str, Any] = {
        "region": emulator.region,
        "endpoint_url": emulator.url,
        "credentials": emulator.credentials,
        "environ": {},
        **row.make(error),
    }
    custom = fields.get("http_client")
    try:
        async with Client(**fields) as client:
            if not row.is_stream:
                await client.invoke_endpoint(endpoint_name="echo", body=b"x")
                return
            async with client.invoke_endpoint_with_response_stream(
                endpoint_name="tokens", body=b"x"
            ) as stream:
                async for _ in stream:
                    pass
    finally:
        if custom is not None:
            await custom.aclose()


@each_row
async def test_an_exception_of_a_custom_component_is_wrapped(
    emulator: Emulator, name: str
) -> None:
    row, cause = ROWS[name], ForeignError()

    with pytest.raises(SageMakerRuntimeError) as caught:
        await call(emulator, row, cause)

    error = caught.value
    assert (row.kind, row.component) == (type(error), error.component)
    assert cause is error.__cause__
    assert error.operation is not None
    assert row.is_sent <= error.request_sent
    assert not error.is_retryable
    is_of_credentials = row.component in {"credentials", "token_provider"}
    assert is_of_credentials or SECRET not in str(error)


@each_row
async def test_a_cancellation_in_a_custom_component_propagates(
    emulator: Emulator, name: str
) -> None:
    with pytest.raises(asyncio.CancelledError):
        await call(emulator, ROWS[name], asyncio.CancelledError())


@each_row
async def test_an_error_of_this_library_in_a_custom_component_propagates(
    emulator: Emulator, name: str
) -> None:
    cause = CredentialsError("nothing to sign with")

    with pytest.raises(CredentialsError) as caught:
        await call(emulator, ROWS[name], cause)

    assert str(cause) == str(caught.value)
    assert caught.value.component is None


async def test_a_failed_retryer_keeps_the_facts_of_the_attempt(
    emulator: Emulator,
) -> None:
    with pytest.raises(ComponentError) as caught:
        await call(emulator, ROWS["decide"], ForeignError())

    error = caught.value
    assert (429, 1) == (error.http_status, error.attempts)
    assert emulator.requests[0].attempt == 1
    assert error.request_id is not None
    (attempt,) = error.metadata.attempts
    assert attempt.error is not None
    assert attempt.error.is_throttle


async def test_exceptions_of_middleware_and_progress_functions_are_not_wrapped(
    emulator: Emulator,
) -> None:
    cause = ForeignError()

    def fail(*_: object) -> None:
        raise cause

    def edit(stack: Stack) -> None:
        @hook(BuildInput)
        def failing(_: Context, __: BuildInput) -> None:
            raise cause

        stack.build.add(failing)

    opts = [
        with_api_options(edit),
        with_options(on_chunk_sent=fail),
        with_options(on_chunk_received=fail),
        with_options(response_target=fail),
    ]
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
    ) as client:
        for opt in opts:
            with pytest.raises(ForeignError) as caught:
                await client.invoke_endpoint(opt, endpoint_name="echo", body=b"x")
            assert cause is caught.value
