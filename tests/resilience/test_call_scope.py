from __future__ import annotations

import asyncio
from typing import Any

from sagemaker_rt import (
    AnonymousCredentials,
    Context,
    Credentials,
    CredentialsError,
    Endpoint,
    EndpointParameters,
    Failover,
    FailoverTarget,
    StaticTokenProvider,
    with_failover,
    with_options,
)
from sagemaker_rt.http import Request
from sagemaker_rt.resilience.call_scope import CallScope
from sagemaker_rt.resilience.failover_targets import TARGET_INDEX
from tests.doubles import CountingProvider
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import context, stack_of

EU = with_options(region="eu-west-1")
OTHER = with_options(credentials=Credentials("AKIDOTHER", "s"))


def scope_of(*opts: Any, **options: Any) -> CallScope:
    return CallScope(stack_of(*opts, **options))


async def value(scope: CallScope, index: int = 0, url: str | None = None) -> Any:
    request = Request(endpoint=None if url is None else Endpoint(url))
    found = scope.of(context().with_value(TARGET_INDEX, index), request)
    return await found if asyncio.iscoroutine(found) else found


async def test_equal_options_have_one_scope() -> None:
    assert await value(scope_of()) == await value(scope_of())


async def test_regions_and_callers_have_different_scopes() -> None:
    scopes = [scope_of(), scope_of(EU), scope_of(OTHER), scope_of(EU, OTHER)]

    assert 4 == len({await value(scope) for scope in scopes})


async def test_measured_middlewares_make_no_difference() -> None:
    measured = scope_of(meter_provider=RecordingMeterProvider())

    assert await value(scope_of()) == await value(measured)


async def test_an_endpoint_of_the_request_counts() -> None:
    scope = scope_of()
    urls = [None, "https://a.example", "https://b.example"]

    assert 3 == len({await value(scope, url=url) for url in urls})


async def test_the_credentials_of_a_target_count() -> None:
    failover = Failover(
        FailoverTarget(), FailoverTarget(credentials=Credentials("AKIDOTHER", "s"))
    )
    scope = scope_of(with_failover(failover))

    assert await value(scope_of()) == await value(scope, 0)
    assert await value(scope_of(OTHER)) == await value(scope, 1)


async def test_credentials_are_retrieved_once() -> None:
    provider = CountingProvider()
    scope = scope_of(with_options(credentials=provider))

    assert await value(scope) == await value(scope)
    assert 1 == provider.count


async def test_without_credentials_the_caller_is_unknown() -> None:
    class Failing:
        async def retrieve(self) -> Credentials:
            message = "none"
            raise CredentialsError(message)

    assert await value(scope_of(with_options(credentials=Failing()))) is None


async def test_tokens_count_and_are_not_kept() -> None:
    scopes = [
        await value(
            scope_of(
                with_options(
                    token_provider=StaticTokenProvider(token),
                    auth_scheme_preference=["httpBearerAuth"],
                )
            )
        )
        for token in ("token-1", "token-2")
    ]

    assert scopes[0] != scopes[1]
    assert "token" not in repr(scopes).replace("token_", "")


async def test_anonymous_calls_and_custom_resolvers_share_nothing() -> None:
    class Resolver:
        def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
            return Endpoint("https://a.example")

    for option in (
        with_options(credentials=AnonymousCredentials()),
        with_options(endpoint_resolver_v2=Resolver()),
    ):
        scope = scope_of(option)
        assert await value(scope) == await value(scope)
        assert await value(scope) != await value(scope_of(option))


async def test_a_replaced_middleware_is_a_scope_of_the_stack() -> None:
    async def resolve(ctx: Context, input: Any, next: Any) -> Any:
        return await next(ctx, input)

    stack = stack_of()
    stack.finalize.replace_or_add(resolve, id="ResolveEndpointV2")
    scope = CallScope(stack)

    assert await value(scope) != await value(scope_of())
