"""Plain classes and functions implement the protocols; type checkers read this too."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Sequence

import pytest

from sagemaker_rt import interfaces
from sagemaker_rt.context import AttemptResult
from sagemaker_rt.errors import ConnectError, SageMakerRuntimeError
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.identity import Credentials, Token
from sagemaker_rt.interfaces import (
    Clock,
    CredentialsProvider,
    EndpointResolver,
    EndpointResolverFunction,
    EndpointResolverV2,
    HTTPClient,
    Retryer,
    Signer,
    TokenProvider,
)
from sagemaker_rt.sansio.endpoint_parameters import (
    EndpointParameters,
    EndpointResolverOptions,
)
from sagemaker_rt.sansio.retry import NoRetry, RetryDecision
from tests.doubles import ManualClock, ScriptedHTTPClient, response

PROTOCOLS = [
    member
    for name in interfaces.__all__
    if inspect.isclass(member := getattr(interfaces, name))
]
LOCAL = Endpoint("http://localhost:8080")


class StaticKeys:
    async def retrieve(self) -> Credentials:
        return Credentials("AKID", "a-secret")


class StaticToken:
    async def retrieve(self) -> Token:
        return Token("badge")


class HeaderSigner:
    async def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> None:
        request.headers["Authorization"] = f"{credentials.access_key_id}/{region}"


class Local:
    async def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        return LOCAL


class LocalV1:
    def resolve_endpoint(
        self, region: str, options: EndpointResolverOptions
    ) -> Endpoint:
        return LOCAL


class AsyncLocalV1:
    async def resolve_endpoint(
        self, region: str, options: EndpointResolverOptions
    ) -> Endpoint:
        return LOCAL


class RetryOnce:
    max_attempts = 2

    def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: Sequence[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        return NoRetry("retried once already") if past else RetryDecision(delay=0.0)

    def succeeded(self, last: RetryDecision | None) -> None:
        """There is no quota."""

    def give_back(self, decision: RetryDecision) -> None:
        """There is no quota."""


def test_interfaces_are_protocols() -> None:
    assert [True] * len(PROTOCOLS) == [
        vars(protocol).get("_is_protocol") for protocol in PROTOCOLS
    ]


def test_every_method_of_a_protocol_has_a_docstring(
    subtests: pytest.Subtests,
) -> None:
    for protocol in PROTOCOLS:
        with subtests.test(protocol.__name__):
            members = {
                name: member
                for name, member in vars(protocol).items()
                if not name.startswith("_") or name == "__call__"
            }

            assert members
            assert [] == [
                name for name, member in members.items() if not member.__doc__
            ]


async def test_plain_classes_are_a_provider_and_a_signer() -> None:
    provider: CredentialsProvider = StaticKeys()
    signer: Signer = HeaderSigner()
    request = Request()

    pending = signer.sign(
        request,
        await provider.retrieve(),
        service="sagemaker",
        region="eu-west-1",
        signing_time=0.0,
    )
    assert pending is not None
    await pending

    assert {"Authorization": "AKID/eu-west-1"} == request.headers


async def test_a_plain_class_is_a_token_provider() -> None:
    provider: TokenProvider = StaticToken()

    assert Token("badge") == await provider.retrieve()


async def test_a_resolver_of_the_second_generation_may_be_async() -> None:
    resolver: EndpointResolverV2 = Local()

    pending = resolver.resolve_endpoint(EndpointParameters(region="x"))

    assert isinstance(pending, Awaitable)
    assert LOCAL is await pending


@pytest.mark.parametrize("resolver", [LocalV1(), AsyncLocalV1()])
async def test_a_resolver_of_the_first_generation_may_be_async(
    resolver: EndpointResolver,
) -> None:
    function: EndpointResolverFunction = resolver.resolve_endpoint

    endpoint = function("eu-west-1", EndpointResolverOptions())

    assert LOCAL == (await endpoint if isinstance(endpoint, Awaitable) else endpoint)


def test_a_retryer_decides_without_waiting() -> None:
    retryer: Retryer = RetryOnce()
    error = ConnectError("refused")
    first = AttemptResult(number=1, error=error, delay=0.0)

    decisions = [
        retryer.decide(error, past=past, elapsed=0.0) for past in ([], [first])
    ]

    assert [RetryDecision(delay=0.0), NoRetry("retried once already")] == decisions
    assert retryer.max_attempts == 2


async def test_the_doubles_are_an_http_client_and_a_clock() -> None:
    client: HTTPClient = ScriptedHTTPClient(response(204))
    clock: Clock = ManualClock(12.5)

    answer = await client.send(Request(path="/a"))

    assert (204, 12.5) == (answer.status, clock())
