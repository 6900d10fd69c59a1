"""Retries go to another endpoint, and cost no quota there, over sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from sagemaker_rt import (
    Client,
    ConnectError,
    Context,
    Credentials,
    Endpoint,
    EndpointParameters,
    EndpointResolverOptions,
    FinalizeInput,
    Output,
    SageMakerRuntimeError,
    Stack,
    with_api_options,
    with_options,
)
from sagemaker_rt.emulator import Emulator

KEYS: Final = Credentials("AKIDEXAMPLE", "shh")
CALLS: Final = 40


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS) as emulator:
        yield emulator


@pytest.fixture
def dead() -> str:
    """The URL of a port that nothing listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


class Failover:
    """Resolves to the first URL in the first attempt, and to the next ones later."""

    def __init__(self, *urls: str) -> None:
        self.endpoints = [Endpoint(url, signing_region="us-east-1") for url in urls]
        self.received: list[EndpointParameters] = []

    def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        self.received.append(parameters)
        return self.endpoints[min(parameters.attempt, len(self.endpoints)) - 1]


class AsyncFailover(Failover):
    async def resolve_endpoint(  # type: ignore[override] # it may be async
        self, parameters: EndpointParameters
    ) -> Endpoint:
        await asyncio.sleep(0)
        return super().resolve_endpoint(parameters)


def client_of(**options: Any) -> Client:
    return Client(
        region="us-east-1",
        credentials=KEYS,
        environ={},
        custom_backoff=lambda _, __: 0.0,
        **options,
    )


async def outcomes(client: Client, *opts: Any) -> list[object]:
    """Return the attempts, or the error, of many concurrent calls."""

    async def call() -> object:
        output = await client.invoke_endpoint(*opts, endpoint_name="echo", body=b"x")
        return len(output.metadata.attempts)

    return await asyncio.gather(*(call() for _ in range(CALLS)), return_exceptions=True)


@pytest.mark.parametrize("kind", [Failover, AsyncFailover])
async def test_all_calls_go_on_at_the_second_endpoint(
    kind: type[Failover], dead: str, emulator: Emulator
) -> None:
    async with client_of(endpoint_resolver_v2=kind(dead, emulator.url)) as client:
        for _ in range(3):
            assert [2] * CALLS == await outcomes(client)


async def test_the_attempts_at_a_third_endpoint_are_limited(dead: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        other = f"http://127.0.0.1:{unused.getsockname()[1]}"
        resolver = Failover(dead, other, dead, other, dead)
        async with client_of(endpoint_resolver_v2=resolver, max_attempts=4) as client:
            errors = await outcomes(client)

    assert {ConnectError} == {type(error) for error in errors}
    assert {4} == {e.attempts for e in errors if isinstance(e, ConnectError)}


async def test_retries_at_the_same_endpoint_exhaust_the_quota(dead: str) -> None:
    async with client_of(endpoint_resolver_v2=Failover(dead)) as client:
        errors = await outcomes(client)

    assert 1 in {e.attempts for e in errors if isinstance(e, SageMakerRuntimeError)}


async def test_a_middleware_that_changes_the_endpoint_uses_no_quota(
    dead: str, emulator: Emulator
) -> None:
    """Its choice is known after the attempt only, so the calls are one by one."""
    second = Endpoint(emulator.url, signing_region="us-east-1")

    async def fail_over(ctx: Context, input: FinalizeInput, next: Any) -> Output:
        if ctx.attempt > 1:
            input.request.endpoint = second
        output: Output = await next(ctx, input)
        return output

    def edit(stack: Stack) -> None:
        stack.finalize.insert(fail_over, after="Retry")

    async with client_of(endpoint_url=dead) as client:
        for _ in range(CALLS):
            output = await client.invoke_endpoint(
                with_api_options(edit), endpoint_name="echo", body=b"x"
            )
            assert b"x" == output.body


async def test_a_resolver_knows_the_call_and_the_last_failure(
    dead: str, emulator: Emulator
) -> None:
    resolver = Failover(dead, emulator.url)
    async with client_of(endpoint_resolver_v2=resolver) as client:
        await client.invoke_endpoint(endpoint_name="echo", body=b"x")
        await client.resolve_endpoint()

    first, second, outside = resolver.received
    assert ("echo", 1, None) == (first.endpoint_name, first.attempt, first.last_failure)
    assert ("echo", 2) == (second.endpoint_name, second.attempt)
    assert isinstance(second.last_failure, ConnectError)
    assert (None, 1) == (outside.endpoint_name, outside.attempt)
    assert "us-east-1" == second.region


async def test_a_resolver_of_the_first_generation_knows_the_endpoint_name(
    emulator: Emulator,
) -> None:
    names: list[str | None] = []

    def resolve(region: str, options: EndpointResolverOptions) -> Endpoint:
        names.append(options.endpoint_name)
        return Endpoint(emulator.url, signing_region=region)

    async with client_of() as client:
        await client.invoke_endpoint(
            with_options(endpoint_resolver=resolve), endpoint_name="echo", body=b"x"
        )

    assert ["echo"] == names
