"""The options of clients and calls, from arguments and the environment."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.context import Context, Key
from sagemaker_rt.errors import (
    ClientStateError,
    CredentialsError,
    EndpointResolutionError,
    OptionsError,
    SageMakerRuntimeError,
    StackError,
)
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.options import (
    Option,
    Options,
    with_api_options,
    with_context_value,
    with_options,
)
from sagemaker_rt.stack import (
    BuildInput,
    FinalizeInput,
    Handler,
    Output,
    Stack,
    hook,
)
from tests.doubles import ScriptedHTTPClient, response

TENANT: Key[str] = Key("tenant")
CREDENTIALS: Final = Credentials("AKID", "a-secret", "a-token")
CALL: Final[Any] = {"endpoint_name": "m", "body": b"abc"}
KEYS: Final = {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "a-secret"}
REGIONAL: Final = {**KEYS, "AWS_REGION": "eu-west-1"}


class Compilations:
    """A function for ``api_options`` that counts how often a stack is compiled."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, stack: Stack) -> None:
        self.count += 1


def wire(count: int = 1) -> ScriptedHTTPClient:
    """Return an HTTP client with *count* successful answers."""
    return ScriptedHTTPClient(*(response() for _ in range(count)))


def client(http_client: ScriptedHTTPClient, *opts: Option, **fields: Any) -> Client:
    """Return a client without an environment, which sends with *http_client*."""
    defaults = {"region": "eu-west-1", "credentials": CREDENTIALS, "environ": {}}
    options = Options(**{**defaults, "http_client": http_client, **fields})
    return Client(options, *opts)


def test_fields_are_applied_before_functional_options() -> None:
    base = Options(region="us-east-1", app_id="a", max_attempts=1)

    made = Client(
        base, with_options(region="eu-west-2"), region="eu-west-1", max_attempts=2
    )

    assert Options(region="eu-west-2", app_id="a", max_attempts=2) == made.options


def test_the_first_argument_may_be_an_option_or_missing() -> None:
    option = with_options(region="eu-west-1") | with_options(max_attempts=2)

    assert Options(region="eu-west-1", max_attempts=2) == Client(option).options
    assert Options(app_id="a") == Client(app_id="a").options
    assert Options() == Client().options


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Client(regoin="a"), "'regoin'"),  # type: ignore[call-arg] # what is tested
        (lambda: Client(max_attempts=0), "max_attempts"),
        (lambda: Client("eu-west-1"), "eu-west-1|str"),  # type: ignore[arg-type] # what is tested
        (lambda: Client().with_options("a"), "'a'|str"),  # type: ignore[arg-type] # what is tested
    ],
)
def test_an_invalid_option_is_refused_at_once(make: Any, message: str) -> None:
    with pytest.raises(OptionsError, match=message):
        make()


async def test_options_of_a_call_apply_to_that_call_only() -> None:
    http_client, other = wire(2), wire()
    caller = client(http_client, read_timeout=7)

    await caller.invoke_endpoint(
        with_options(read_timeout=5),
        with_options(http_client=other),
        with_options(region="a"),
        **CALL,
    )
    await caller.invoke_endpoint(with_options(endpoint_url="https://b.example"), **CALL)
    await caller.invoke_endpoint(**CALL)

    (first,), (second, third) = other.requests, http_client.requests
    assert (5, 7, 7) == (
        first.timeouts.read,
        second.timeouts.read,
        third.timeouts.read,
    )
    assert ["runtime.sagemaker.a.amazonaws.com", "b.example"] == [
        first.url.split("/")[2],
        second.url.split("/")[2],
    ]
    assert "eu-west-1" in third.url
    assert 7 == caller.options.timeouts.read_timeout


async def test_equal_options_are_compiled_once() -> None:
    compilations = Compilations()
    http_client = wire(60)
    caller = client(http_client, api_options=[compilations])

    for _ in range(10):
        await caller.invoke_endpoint(**CALL)
        await caller.invoke_endpoint(with_options(read_timeout=5), **CALL)
        await caller.invoke_endpoint(
            with_options(read_timeout=5), with_options(app_id="a"), **CALL
        )
        await caller.invoke_endpoint(
            with_options(read_timeout=5) | with_options(app_id="a"), **CALL
        )
        await caller.invoke_endpoint(with_options(credentials=CREDENTIALS), **CALL)
        await caller.invoke_endpoint_with_response_stream(**CALL)

    assert 6 == compilations.count


def see_tenant(seen: list[str | None]) -> Option:
    """Return an option that adds a middleware, which notes the tenant of each call."""

    @hook(FinalizeInput, id="SeeTenant")
    def see(ctx: Context, _: FinalizeInput) -> None:
        seen.append(ctx.get(TENANT))

    return with_api_options(lambda stack: stack.finalize.add(see))


async def test_a_call_passes_values_to_its_middleware() -> None:
    seen: list[str | None] = []
    caller = client(wire(6), see_tenant(seen), with_context_value(TENANT, "client"))
    derived = caller.with_options(with_context_value(TENANT, "derived"))

    def as_function(options: Options) -> Options:
        return with_context_value(TENANT, "function")(options)

    await caller.invoke_endpoint(**CALL)
    await caller.invoke_endpoint(with_context_value(TENANT, "call"), **CALL)
    await caller.invoke_endpoint(
        with_options(app_id="a") | with_context_value(TENANT, "chain"), **CALL
    )
    await caller.invoke_endpoint(with_options(context_values={}), **CALL)
    await derived.invoke_endpoint(**CALL)
    await derived.request(
        "invoke_endpoint", with_context_value(TENANT, "request"), **CALL
    ).prepare()
    await caller.invoke_endpoint(as_function, **CALL)

    assert [
        "client",
        "call",
        "chain",
        None,
        "derived",
        "request",
        "function",
    ] == seen


async def test_values_of_concurrent_calls_are_compiled_once_and_not_mixed() -> None:
    seen: list[str | None] = []
    compilations = Compilations()
    caller = client(wire(100), see_tenant(seen)).with_options(
        with_api_options(compilations)
    )
    names = [f"tenant-{n}" for n in range(50)]

    await asyncio.gather(
        *(caller.invoke_endpoint(with_context_value(TENANT, n), **CALL) for n in names),
        *(
            caller.invoke_endpoint(
                with_context_value(TENANT, n), with_options(app_id="a"), **CALL
            )
            for n in names
        ),
    )

    assert sorted([*names, *names]) == sorted(map(str, seen))
    assert 2 == compilations.count


async def test_a_value_for_the_context_may_be_unhashable() -> None:
    facts: Key[dict[str, int]] = Key("facts")
    given: dict[str, int] = {}

    @hook(BuildInput)
    def count(ctx: Context, _: BuildInput) -> None:
        ctx[facts]["calls"] = ctx[facts].get("calls", 0) + 1

    compilations = Compilations()
    caller = client(
        wire(2), with_api_options(lambda stack: stack.build.add(count), compilations)
    )

    for _ in range(2):
        await caller.invoke_endpoint(with_context_value(facts, given), **CALL)

    assert {"calls": 2} == given
    assert 1 == compilations.count


async def test_the_endpoint_is_resolved_with_the_values_of_the_context() -> None:
    seen: list[str | None] = []

    async def see(
        ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        seen.append(ctx.get(TENANT))
        input.request.endpoint = Endpoint("https://a.example")
        return await next(ctx, input)

    def edit(stack: Stack) -> None:
        stack.finalize.swap("ResolveEndpointV2", see, new_id="ResolveEndpointV2")

    caller = client(wire(0), with_api_options(edit))

    await caller.resolve_endpoint(with_context_value(TENANT, "acme"))

    assert ["acme"] == seen


async def test_concurrent_calls_are_compiled_once() -> None:
    compilations = Compilations()
    caller = client(wire(50), api_options=[compilations])

    await asyncio.gather(*(caller.invoke_endpoint(**CALL) for _ in range(50)))

    assert 1 == compilations.count


async def test_an_option_that_is_a_plain_function_is_compiled_each_time() -> None:
    """The function may return something else each time."""
    compilations = Compilations()
    caller = client(wire(4), api_options=[compilations])

    def in_ireland(options: Options) -> Options:
        return options.replace(region="eu-west-1")

    for option in (in_ireland, with_options(app_id="a") | in_ireland):
        await caller.invoke_endpoint(option, **CALL)
        await caller.invoke_endpoint(option, **CALL)

    assert 4 == compilations.count


async def test_an_unhashable_option_is_compiled_each_time() -> None:
    class Unhashable(Compilations):
        __hash__ = None  # type: ignore[assignment] # what is tested

    compilations = Unhashable()
    caller = client(wire(2))

    await caller.invoke_endpoint(with_api_options(compilations), **CALL)
    await caller.invoke_endpoint(with_api_options(compilations), **CALL)

    assert 2 == compilations.count


async def test_a_thousand_different_options_are_cached() -> None:
    compilations = Compilations()
    caller = client(wire(2100), api_options=[compilations])

    async def call_with(*numbers: int) -> int:
        """Return how many of the calls were compiled."""
        before = compilations.count
        for number in numbers:
            await caller.invoke_endpoint(with_options(app_id=str(number)), **CALL)
        return compilations.count - before

    assert 1024 == await call_with(*range(1024))
    assert 0 == await call_with(*range(1024))
    assert 1 == await call_with(1024)
    assert 0 == await call_with(1023, 1024)
    assert 1 == await call_with(0)


async def test_a_failed_compilation_is_not_cached() -> None:
    compilations = Compilations()

    def broken_at_first(stack: Stack) -> None:
        compilations(stack)
        if compilations.count == 1:
            message = "not yet"
            raise ValueError(message)

    http_client = wire(1)
    caller = client(http_client, with_api_options(broken_at_first))

    with pytest.raises(StackError, match="broken_at_first") as caught:
        await caller.invoke_endpoint(**CALL)
    assert [] == http_client.requests
    assert "InvokeEndpoint" == caught.value.operation

    await caller.invoke_endpoint(**CALL)
    assert 2 == compilations.count


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_connections", 5),
        ("keepalive_timeout", 1.0),
        ("proxy", "http://proxy.example:3128"),
        ("environ", {"AWS_REGION": "eu-west-2"}),
    ],
)
async def test_options_of_the_client_cannot_be_set_per_call(
    name: str, value: object
) -> None:
    http_client = wire()
    caller = client(http_client)

    def change(options: Options) -> Options:
        return options.replace(**{name: value})

    for call in (
        caller.invoke_endpoint(change, **CALL),
        caller.with_options(change).invoke_endpoint(**CALL),
    ):
        with pytest.raises(OptionsError, match=name):
            await call
    assert [] == http_client.requests


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"region": None}, EndpointResolutionError, "Region"),
        (
            {
                "credentials": None,
                "environ": {"AWS_EC2_METADATA_DISABLED": "true"},
            },
            CredentialsError,
            "AWS_ACCESS_KEY_ID",
        ),
        (
            {"region": None, "endpoint_url": "https://a.example"},
            OptionsError,
            "region",
        ),
        ({"region": "a b"}, EndpointResolutionError, "'a b'"),
        (
            {"endpoint_url": "http://a.example"},
            EndpointResolutionError,
            "http://a.example",
        ),
        (
            {"endpoint_url": "https://a.example", "use_fips_endpoint": True},
            EndpointResolutionError,
            "FIPS",
        ),
    ],
    ids=["region", "credentials", "signing region", "label", "plain text", "fips"],
)
async def test_an_incomplete_configuration_fails_the_first_call_before_sending(
    fields: dict[str, Any], error: type[SageMakerRuntimeError], message: str
) -> None:
    http_client = wire()
    caller = client(http_client, **fields)

    with pytest.raises(error, match=message) as caught:
        await caller.invoke_endpoint(**CALL)

    assert "InvokeEndpoint" == caught.value.operation
    assert not caught.value.request_sent
    assert not caught.value.may_have_executed
    assert [] == http_client.requests


async def test_anonymous_calls_to_a_custom_url_need_no_region() -> None:
    http_client = wire()
    caller = client(
        http_client,
        region=None,
        endpoint_url="http://localhost:8080",
        credentials=AnonymousCredentials(),
    )

    await caller.invoke_endpoint(**CALL)

    assert "authorization" not in http_client.requests[0].headers


@pytest.mark.parametrize(
    ("environ", "host"),
    [
        (REGIONAL, "runtime.sagemaker.eu-west-1.amazonaws.com"),
        (
            {**KEYS, "AWS_DEFAULT_REGION": "eu-west-2"},
            "runtime.sagemaker.eu-west-2.amazonaws.com",
        ),
        (
            {**REGIONAL, "AWS_USE_FIPS_ENDPOINT": "true"},
            "runtime-fips.sagemaker.eu-west-1.amazonaws.com",
        ),
        (
            {**REGIONAL, "AWS_USE_DUALSTACK_ENDPOINT": "true"},
            "runtime.sagemaker.eu-west-1.api.aws",
        ),
        ({**REGIONAL, "AWS_ENDPOINT_URL": "https://a.example"}, "a.example"),
        (
            {
                **REGIONAL,
                "AWS_ENDPOINT_URL": "https://a.example",
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "https://b.example",
            },
            "b.example",
        ),
        (
            {
                **REGIONAL,
                "AWS_ENDPOINT_URL": "https://a.example",
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            },
            "runtime.sagemaker.eu-west-1.amazonaws.com",
        ),
    ],
)
async def test_the_environment_sets_region_and_endpoint(
    environ: dict[str, str], host: str
) -> None:
    http_client = wire()

    await Client(http_client=http_client, environ=environ).invoke_endpoint(**CALL)

    request = http_client.requests[0]
    assert f"https://{host}/endpoints/m/invocations" == request.url
    assert "Credential=ENV/" in request.headers["authorization"]


async def test_the_environment_sets_other_options() -> None:
    environ = {**REGIONAL, "AWS_MAX_ATTEMPTS": "7", "AWS_SDK_UA_APP_ID": "my-app"}
    http_client = wire(2)
    caller = Client(http_client=http_client, environ=environ)

    await caller.invoke_endpoint(**CALL)
    await caller.invoke_endpoint(
        with_options(max_attempts=2), with_options(app_id="b"), **CALL
    )

    sent = [
        (r.headers["amz-sdk-request"], r.headers["user-agent"].split()[-1])
        for r in http_client.requests
    ]
    assert [
        ("attempt=1; max=7", "app/my-app"),
        ("attempt=1; max=2", "app/b"),
    ] == sent


async def test_an_invalid_variable_fails_the_first_call_before_sending() -> None:
    http_client = wire()
    caller = client(http_client, environ={"AWS_MAX_ATTEMPTS": "many"})

    with pytest.raises(OptionsError) as caught:
        await caller.invoke_endpoint(**CALL)

    assert "AWS_MAX_ATTEMPTS" in str(caught.value)
    assert "InvokeEndpoint" == caught.value.operation
    assert [] == http_client.requests


@pytest.mark.parametrize(
    ("variable", "option"),
    [
        ("AWS_MAX_ATTEMPTS", {"max_attempts": 1}),
        (
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            {"ignore_configured_endpoint_urls": True},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_invalid_variable_is_ignored_if_the_option_is_set(
    variable: str, option: dict[str, Any]
) -> None:
    caller = client(wire(), environ={variable: "many"})

    with pytest.raises(OptionsError, match=variable):
        await caller.invoke_endpoint(**CALL)
    await caller.invoke_endpoint(with_options(**option), **CALL)


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({}, "https://runtime.sagemaker.eu-west-1.amazonaws.com"),
        ({"region": "us-east-1"}, "https://runtime.sagemaker.us-east-1.amazonaws.com"),
        ({"endpoint_url": "https://a.example/p"}, "https://a.example/p"),
        (
            {"endpoint_resolver": lambda region, _: Endpoint(f"https://{region}.a")},
            "https://eu-west-1.a",
        ),
    ],
    ids=["no option", "region", "endpoint_url", "endpoint_resolver"],
)
async def test_resolve_endpoint_uses_the_client_options(
    fields: dict[str, Any], url: str
) -> None:
    options: dict[str, Any] = {"environ": {}, "region": "eu-west-1", **fields}

    endpoint = await Client(**options).resolve_endpoint()

    assert url == endpoint.url


async def test_resolve_endpoint_uses_options_of_the_call() -> None:
    client = Client(environ={"AWS_REGION": "eu-west-1"})

    endpoint = await client.resolve_endpoint(with_options(region="us-east-2"))

    assert "https://runtime.sagemaker.us-east-2.amazonaws.com" == endpoint.url


async def test_the_option_clock_offset_is_used_from_the_first_call() -> None:
    http_client = ScriptedHTTPClient(response(), response())
    client = Client(
        http_client=http_client,
        region="eu-west-1",
        credentials=Credentials("AKID", "a-secret"),
        environ={},
        clock=lambda: 1_700_000_000.0,
        clock_offset=3600,
    )

    await client.invoke_endpoint(endpoint_name="m", body=b"")
    await client.invoke_endpoint(
        with_options(correct_clock_skew=False), endpoint_name="m", body=b""
    )

    dates = [request.headers["x-amz-date"] for request in http_client.requests]
    assert ["20231114T231320Z"] * 2 == dates


async def test_the_options_in_force_have_the_configuration_and_the_components() -> None:
    async with Client(environ=REGIONAL, read_timeout=5) as caller:
        options = await caller.resolved_options()
        again = await caller.with_options(region="eu-west-2").resolved_options()

        async with Client(options) as other:
            of_other = await other.resolved_options()

    assert ("eu-west-1", 5) == (options.region, options.timeouts.read_timeout)
    retrieve = getattr(options.credentials, "retrieve", None)
    assert retrieve is not None
    assert "ENV" == (await retrieve()).access_key_id
    assert options.http.http_client is not None
    assert options.auth.signer is not None
    assert "eu-west-2" == again.region
    for found in (again, of_other):
        assert options.credentials is found.credentials
        assert options.auth.signer is found.auth.signer
        assert options.http.http_client is found.http.http_client


@pytest.mark.parametrize("credentials", [CREDENTIALS, AnonymousCredentials()])
async def test_credentials_that_are_values_stay_as_they_are(credentials: Any) -> None:
    caller = client(wire(), credentials=credentials)

    options = await caller.resolved_options()

    assert credentials == options.credentials


async def test_a_closed_client_has_no_options_in_force() -> None:
    caller = client(wire())
    await caller.aclose()

    with pytest.raises(ClientStateError):
        await caller.resolved_options()
