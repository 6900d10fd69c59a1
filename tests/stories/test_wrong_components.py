"""A component that breaks a rule of its interface is a typed error that names it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from math import nan
from typing import Any, Final

import pytest

from sagemaker_rt import (
    AuthScheme,
    Client,
    ComponentError,
    Credentials,
    CredentialsError,
    Endpoint,
    EndpointResolutionError,
    OptionsError,
    RetryDecision,
    SageMakerRuntimeError,
    StackError,
    TransportError,
)
from sagemaker_rt.http import Headers, Response
from tests.doubles import BufferedBody, ScriptedHTTPClient

NUMBER: Final[Any] = 1
KEYS: Final = Credentials("AKIDEXAMPLE", "shh")


def thing(**members: Any) -> Any:
    """Return an object with these class attributes."""
    return type("Thing", (), members)()


def returning(value: object) -> Any:
    """Return a function that ignores its arguments."""
    return lambda *_, **__: value


def coroutine_returning(value: object) -> Any:
    async def function(*_: object, **__: object) -> object:
        return value

    return function


def answering(response: object) -> Any:
    return thing(send=coroutine_returning(response))


def ok(status: Any = 200, headers: Any = None, body: Any = None) -> Response:
    return Response(
        status,
        Headers() if headers is None else headers,
        BufferedBody(b"x") if body is None else body,
    )


class TextBody(BufferedBody):
    def read_nowait(self) -> Any:
        return "text"

    async def iter_chunks(self) -> AsyncIterator[Any]:
        yield "text"


def scheme(**members: Any) -> Any:
    standard = {
        "id": "example.com#key",
        "retrieve_identity": coroutine_returning("key"),
        "sign": returning(None),
    }
    return thing(**{**standard, **members})


def retryer(**members: Any) -> Any:
    standard = {
        "max_attempts": 3,
        "decide": returning(RetryDecision(0.0)),
        "succeeded": returning(None),
        "give_back": returning(None),
    }
    return thing(**{**standard, **members})


def failing(self: object) -> object:
    raise KeyError("a bug")  # noqa: EM101, TRY003 - any exception


BROKEN: Final = property(failing)
REFUSED: Final = {
    "scheme without id": {"auth_schemes": [scheme(id=None)]},
    "scheme with a number as id": {"auth_schemes": [scheme(id=3)]},
    "scheme whose id fails": {"auth_schemes": [scheme(id=BROKEN)]},
    "retryer without max_attempts": {"retryer": retryer(max_attempts=None)},
    "retryer with text as max_attempts": {"retryer": retryer(max_attempts="3")},
    "retryer whose max_attempts fails": {"retryer": retryer(max_attempts=BROKEN)},
    "retryer without succeeded": {"retryer": retryer(succeeded=None)},
    "retryer without give_back": {"retryer": retryer(give_back=None)},
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_incomplete_component_is_refused(name: str) -> None:
    fields: dict[str, Any] = REFUSED[name]
    (option,) = fields

    with pytest.raises(OptionsError, match=option):
        Client(**fields)


BAD: Final[dict[str, tuple[type[SageMakerRuntimeError], dict[str, Any]]]] = {
    "signer": (ComponentError, {"signer": thing(sign=returning("x"))}),
    "sync identity": (
        CredentialsError,
        {"auth_schemes": [scheme(retrieve_identity=returning("key"))]},
    ),
    "scheme": (ComponentError, {"auth_schemes": [scheme(sign=returning("x"))]}),
    "schemes None": (ComponentError, {"auth_scheme_resolver": returning(None)}),
    "schemes of text": (ComponentError, {"auth_scheme_resolver": returning(["x"])}),
    "schemes mixed": (
        ComponentError,
        {"auth_scheme_resolver": returning([AuthScheme("a#b"), None])},
    ),
    "endpoint None": (
        EndpointResolutionError,
        {"endpoint_resolver_v2": thing(resolve_endpoint=returning(None))},
    ),
    "endpoint as text": (
        EndpointResolutionError,
        {"endpoint_resolver": returning("https://example.com")},
    ),
    "endpoint with a number as header": (
        EndpointResolutionError,
        {
            "endpoint_resolver_v2": thing(
                resolve_endpoint=returning(
                    Endpoint("https://example.com", headers={"a": 1})  # type: ignore[dict-item] # the point
                )
            )
        },
    ),
    "response None": (TransportError, {"http_client": answering(None)}),
    "sync send": (TransportError, {"http_client": thing(send=returning(ok()))}),
    "status as text": (TransportError, {"http_client": answering(ok("200"))}),
    "status None": (TransportError, {"http_client": answering(ok(None))}),
    "headers as dict": (TransportError, {"http_client": answering(ok(headers={}))}),
    "header as number": (
        TransportError,
        {"http_client": answering(ok(headers=Headers({"a": NUMBER})))},
    ),
    "body as bytes": (TransportError, {"http_client": answering(ok(body=b"x"))}),
    "body of text": (TransportError, {"http_client": answering(ok(body=TextBody()))}),
    "credentials None": (
        CredentialsError,
        {"credentials": thing(retrieve=coroutine_returning(None))},
    ),
    "sync credentials": (
        CredentialsError,
        {"credentials": thing(retrieve=returning(KEYS))},
    ),
    "token None": (
        CredentialsError,
        {
            "token_provider": thing(retrieve=coroutine_returning(None)),
            "auth_scheme_preference": ["httpBearerAuth"],
        },
    ),
    "clock None": (ComponentError, {"clock": returning(None)}),
    "clock nan": (ComponentError, {"clock": returning(nan)}),
    "clock in milliseconds": (ComponentError, {"clock": returning(1.7e12)}),
    "no decision": (ComponentError, {"retryer": retryer(decide=returning(None))}),
    "delay as text": (
        ComponentError,
        {"retryer": retryer(decide=returning(RetryDecision("1")))},  # type: ignore[arg-type] # the point
    ),
    "backoff None": (ComponentError, {"custom_backoff": returning(None)}),
    "backoff nan": (ComponentError, {"custom_backoff": returning(nan)}),
    "jitter None": (
        ComponentError,
        {"retry_jitter": returning(None), "retry_mode": "legacy"},
    ),
}


async def unary(client: Client) -> None:
    await client.invoke_endpoint(endpoint_name="m", body=b"x")


async def stream_of(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="m", body=b"x"
    ) as stream:
        [_ async for _ in stream]


@pytest.mark.parametrize("is_stream", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize("name", BAD)
async def test_a_wrong_result_of_a_component_is_a_typed_error(
    name: str, *, is_stream: bool
) -> None:
    kind, fields = BAD[name]
    option = next(iter(fields))
    needs_failure = option in {"retryer", "custom_backoff", "retry_jitter"}
    answer = ok(500 if needs_failure else 200)
    standard = {
        "region": "us-east-1",
        "credentials": KEYS,
        "environ": {},
        "http_client": ScriptedHTTPClient(answer, answer, answer),
    }
    client = Client(**{**standard, **fields})

    call = stream_of if is_stream else unary
    with pytest.raises(kind) as caught:
        await call(client)

    operation = "InvokeEndpoint" + ("WithResponseStream" if is_stream else "")
    assert (option, operation) == (caught.value.component, caught.value.operation)


@pytest.mark.parametrize("step", ["initialize", "build", "finalize", "deserialize"])
async def test_a_middleware_that_returns_nothing_is_named_as_such(step: str) -> None:
    async def forget(ctx: Any, input: Any, next: Any) -> Any:
        await next(ctx, input)

    client = Client(
        region="us-east-1",
        credentials=KEYS,
        environ={},
        http_client=ScriptedHTTPClient(ok()),
        api_options=[lambda stack: getattr(stack, step).add(forget)],
    )

    with pytest.raises(StackError, match="returned NoneType"):
        await client.invoke_endpoint(endpoint_name="m", body=b"x")
