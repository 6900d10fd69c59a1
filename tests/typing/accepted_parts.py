"""Parts of the caller's own, in the place of each that can be swapped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from random import random
from typing import assert_type

import aiohttp
from opentelemetry.metrics import Meter, get_meter
from opentelemetry.trace import Tracer, get_tracer

from sagemaker_rt import (
    AiohttpClient,
    AttemptResult,
    Client,
    Credentials,
    CredentialsProvider,
    CustomBackoff,
    DefaultEndpointResolver,
    DefaultEndpointResolverV2,
    Endpoint,
    EndpointNotFoundError,
    EndpointParameters,
    EndpointResolver,
    EndpointResolverOptions,
    EndpointResolverV2,
    Headers,
    HTTPClient,
    MeterProvider,
    NopRetryer,
    NoRetry,
    Options,
    Request,
    ResolveEndpoint,
    Response,
    RetryDecision,
    Retryer,
    RetryPolicy,
    RetryQuota,
    RetryRules,
    RetryTerms,
    SageMakerRuntimeError,
    Signer,
    SigV4Signer,
    Stack,
    StandardRetryer,
    Token,
    TokenProvider,
    TracerProvider,
    endpoint_resolver_from_url,
)
from sagemaker_rt.sansio.retry import RETRY_RULES, FailureClass


class Vault:
    """Know where credentials come from."""

    async def retrieve(self) -> Credentials:
        """Return the set of today."""
        return Credentials("AKIDEXAMPLE", "a-secret")


class Desk:
    """Know where tokens come from."""

    async def retrieve(self) -> Token:
        """Return the token of today."""
        return Token("a-token")


class HMACSigner:
    """Sign at once."""

    def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> None:
        """Write a header."""
        scope = f"{service}/{region}/{signing_time}"
        request.headers["authorization"] = f"{credentials.access_key_id} {scope}"


class RemoteSigner:
    """Sign elsewhere, and wait for it."""

    async def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> None:
        """Sign as the other does, and say so."""
        SigV4Signer().sign(
            request,
            credentials,
            service=service,
            region=region,
            signing_time=signing_time,
        )


class Answer:
    """A body that is there already."""

    def read_nowait(self) -> bytes | None:
        """Return it."""
        return b"out"

    async def read(self, limit: int) -> bytes:
        """Return no more than *limit* bytes of it."""
        return b"out"[:limit]

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        """Yield it in one."""
        yield b"out"

    def release(self) -> None:
        """Have nothing to give back."""


class Replaying:
    """Answer without a socket."""

    async def send(self, request: Request) -> Response:
        """Return the same answer to all."""
        return Response(200, Headers({"x-path": request.full_path}), Answer())

    async def aclose(self) -> None:
        """Have nothing to close."""


class OnceMore:
    """Retry once what was not sent."""

    max_attempts = 2

    def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: Sequence[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        """Look at what is known of the failure."""
        if error.request_sent or past or elapsed > 1:
            return NoRetry("that was all")
        return RetryDecision(delay=0.1)

    def succeeded(self, last: RetryDecision | None) -> None:
        """Keep no count."""

    def give_back(self, decision: RetryDecision) -> None:
        """Have taken nothing."""


def by_table(region: str, options: EndpointResolverOptions) -> Endpoint:
    """A resolver of the first generation that is a function."""
    if options.use_fips:
        message = f"{region} is not known here"
        raise EndpointNotFoundError(message)
    return Endpoint(f"https://{region}.example.com", signing_region=region)


async def by_service(region: str, options: EndpointResolverOptions) -> Endpoint:
    """Another, which waits."""
    return by_table(options.resolved_region or region, options)


class Directory:
    """A resolver of the first generation that is an object."""

    def resolve_endpoint(
        self, region: str, options: EndpointResolverOptions
    ) -> Endpoint:
        """Look it up."""
        return by_table(region, options)


class Failover:
    """A resolver of the second generation, which waits."""

    async def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        """Ask the rules, and go elsewhere."""
        endpoint = DefaultEndpointResolverV2().resolve_endpoint(parameters)
        return Endpoint(endpoint.url, headers={"x-failover": parameters.region or ""})


class Telemetry:
    """Make tracers and meters."""

    def get_tracer(self, name: str, version: str | None = None, /) -> Tracer:
        """Return OpenTelemetry's."""
        return get_tracer(name, version)

    def get_meter(self, name: str, version: str | None = None, /) -> Meter:
        """Return OpenTelemetry's."""
        return get_meter(name, version or "")


CREDENTIALS: CredentialsProvider = Vault()
TOKENS: TokenProvider = Desk()
SIGNERS: list[Signer] = [HMACSigner(), RemoteSigner(), SigV4Signer()]
HTTP_CLIENT: HTTPClient = Replaying()
RETRYERS: list[Retryer] = [OnceMore(), NopRetryer()]
FIRST: list[EndpointResolver] = [
    Directory(),
    DefaultEndpointResolver(),
    endpoint_resolver_from_url("https://example.com", signing_name="sagemaker"),
]
SECOND: list[EndpointResolverV2] = [Failover(), DefaultEndpointResolverV2()]
BACKOFFS: list[CustomBackoff] = [lambda retry, _error: 0.1 * retry]
TRACERS: TracerProvider = Telemetry()
METERS: MeterProvider = Telemetry()


def swapped() -> list[Client]:
    """Give parts by keyword."""
    return [
        Client(credentials=CREDENTIALS, signer=SIGNERS[0], http_client=HTTP_CLIENT),
        Client(token_provider=TOKENS, retryer=RETRYERS[0]),
        Client(endpoint_resolver=by_table, custom_backoff=BACKOFFS[0]),
        Client(endpoint_resolver=by_service, tracer_provider=TRACERS),
        Client(endpoint_resolver=FIRST[0], endpoint_resolver_v2=SECOND[0]),
        Client(meter_provider=METERS, retryer=StandardRetryer(RetryQuota(), random)),
    ]


def a_standard_retryer(chance: Callable[[], float]) -> Retryer:
    """Choose the numbers."""
    quota = RetryQuota(capacity=100)
    terms = {**RETRY_RULES["2026"].terms, FailureClass.TIMEOUT: RetryTerms(10, 1.0)}
    assert_type(quota.available, int)
    return StandardRetryer(
        quota,
        chance,
        max_attempts=4,
        max_backoff=5,
        rules=RetryRules(terms, heeds_retry_after=True),
        policy=RetryPolicy(retry_ambiguous=True, retry_model_errors=frozenset({503})),
        custom_backoff=lambda retry, error: error.retry_after or float(retry),
    )


def ask_in_any_stack(stack: Stack, options: Options) -> None:
    """Put a public middleware into a stack."""
    asked = EndpointResolverOptions(use_dualstack=True)
    stack.serialize.add(ResolveEndpoint(by_table, asked, region=options.region))


async def a_session_of_ones_own() -> bytes:
    """Wrap a session, or choose the client's limits."""
    async with aiohttp.ClientSession() as session:
        client = Client(http_client=AiohttpClient(session), region="eu-west-1")
        output = await client.invoke_endpoint(endpoint_name="m", body=b"")
        other = AiohttpClient(max_connections=4, keepalive_timeout=None)
        await other.aclose()
        endpoint = await client.resolve_endpoint()
        assert_type(endpoint, Endpoint)
        return output.body
