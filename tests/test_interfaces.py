"""A plain class or a function is enough of a part; the checkers read this file too."""

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
from sagemaker_rt.sansio.endpoints import EndpointParameters, EndpointResolverOptions
from sagemaker_rt.sansio.retry import NoRetry, RetryDecision
from tests.doubles import ManualClock, ScriptedHTTPClient, response

SEAMS = [
    part
    for name in interfaces.__all__
    if inspect.isclass(part := getattr(interfaces, name))
]
LOCAL = Endpoint("http://localhost:8080")


class Keys:
    async def retrieve(self) -> Credentials:
        return Credentials("AKID", "a-secret")


class Badge:
    async def retrieve(self) -> Token:
        return Token("badge")


class Initials:
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


class LocalV1ThatWaits:
    async def resolve_endpoint(
        self, region: str, options: EndpointResolverOptions
    ) -> Endpoint:
        return LOCAL


class OnceMore:
    max_attempts = 2

    def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: Sequence[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        return NoRetry("twice is enough") if past else RetryDecision(delay=0.0)

    def succeeded(self, last: RetryDecision | None) -> None:
        """Keep no quota."""

    def give_back(self, decision: RetryDecision) -> None:
        """Keep no quota."""


def test_no_seam_is_a_base_class_to_inherit() -> None:
    assert [True] * len(SEAMS) == [vars(seam).get("_is_protocol") for seam in SEAMS]


def test_every_method_of_a_seam_says_what_is_expected(
    subtests: pytest.Subtests,
) -> None:
    for seam in SEAMS:
        with subtests.test(seam.__name__):
            members = {n: m for n, m in vars(seam).items() if not n.startswith("_")}

            assert members
            assert [] == [
                name for name, member in members.items() if not member.__doc__
            ]


async def test_a_provider_and_a_signer_are_plain_classes() -> None:
    provider: CredentialsProvider = Keys()
    signer: Signer = Initials()
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


async def test_a_provider_of_tokens_is_a_plain_class() -> None:
    provider: TokenProvider = Badge()

    assert Token("badge") == await provider.retrieve()


async def test_a_resolver_of_the_second_generation_waits() -> None:
    resolver: EndpointResolverV2 = Local()

    pending = resolver.resolve_endpoint(EndpointParameters(region="x"))

    assert isinstance(pending, Awaitable)
    assert LOCAL is await pending


@pytest.mark.parametrize("resolver", [LocalV1(), LocalV1ThatWaits()])
async def test_a_resolver_of_the_first_generation_may_wait(
    resolver: EndpointResolver,
) -> None:
    function: EndpointResolverFunction = resolver.resolve_endpoint

    endpoint = function("eu-west-1", EndpointResolverOptions())

    assert LOCAL == (await endpoint if isinstance(endpoint, Awaitable) else endpoint)


def test_a_retryer_decides_without_waiting() -> None:
    retryer: Retryer = OnceMore()
    error = ConnectError("refused")
    first = AttemptResult(number=1, error=error, delay=0.0)

    decisions = [
        retryer.decide(error, past=past, elapsed=0.0) for past in ([], [first])
    ]

    assert [RetryDecision(delay=0.0), NoRetry("twice is enough")] == decisions
    assert retryer.max_attempts == 2


async def test_the_tests_own_client_and_clock_are_parts() -> None:
    client: HTTPClient = ScriptedHTTPClient(response(204))
    clock: Clock = ManualClock(12.5)

    answer = await client.send(Request(path="/a"))

    assert (204, 12.5) == (answer.status, clock())
