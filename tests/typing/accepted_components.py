"""Custom components for all protocols."""

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
    NativeClient,
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


class MyCredentialsProvider:
    """A credentials provider."""

    async def retrieve(self) -> Credentials:
        """Return static credentials."""
        return Credentials("AKIDEXAMPLE", "a-secret")


class MyTokenProvider:
    """A token provider."""

    async def retrieve(self) -> Token:
        """Return a static token."""
        return Token("a-token")


class HMACSigner:
    """A plain signer."""

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
    """An async signer."""

    async def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> None:
        """Sign with the standard signer."""
        SigV4Signer().sign(
            request,
            credentials,
            service=service,
            region=region,
            signing_time=signing_time,
        )


class MemoryBody:
    """A response body that is in memory."""

    def read_nowait(self) -> bytes | None:
        """Return it."""
        return b"out"

    async def read(self, limit: int) -> bytes:
        """Return at most *limit* bytes."""
        return b"out"[:limit]

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        """Yield one chunk."""
        yield b"out"

    def release(self) -> None:
        """There is no connection to release."""


class MemoryHTTPClient:
    """An HTTP client without a network."""

    async def send(self, request: Request) -> Response:
        """Return the same response to all requests."""
        return Response(200, Headers({"x-path": request.full_path}), MemoryBody())

    async def aclose(self) -> None:
        """There is nothing to close."""


class RetryOnce:
    """A retryer that retries unsent requests once."""

    max_attempts = 2

    def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: Sequence[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        """Decide by the attributes of the error."""
        if error.request_sent or past or elapsed > 1:
            return NoRetry("retried once already")
        return RetryDecision(delay=0.1)

    def succeeded(self, last: RetryDecision | None) -> None:
        """There is no quota."""

    def give_back(self, decision: RetryDecision) -> None:
        """There is no quota."""


def resolve(region: str, options: EndpointResolverOptions) -> Endpoint:
    """A resolver of the first generation: a plain function."""
    if options.use_fips:
        message = f"{region} is not known here"
        raise EndpointNotFoundError(message)
    return Endpoint(f"https://{region}.example.com", signing_region=region)


async def resolve_later(region: str, options: EndpointResolverOptions) -> Endpoint:
    """A resolver of the first generation: an async function."""
    return resolve(options.resolved_region or region, options)


class Resolver:
    """A resolver of the first generation: an object."""

    def resolve_endpoint(
        self, region: str, options: EndpointResolverOptions
    ) -> Endpoint:
        """Return the endpoint for *region*."""
        return resolve(region, options)


class Failover:
    """An async resolver of the second generation."""

    async def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        """Add a header to the endpoint of the rule set."""
        endpoint = DefaultEndpointResolverV2().resolve_endpoint(parameters)
        return Endpoint(endpoint.url, headers={"x-failover": parameters.region or ""})


class Telemetry:
    """A tracer provider and meter provider."""

    def get_tracer(self, name: str, version: str | None = None, /) -> Tracer:
        """Return OpenTelemetry's."""
        return get_tracer(name, version)

    def get_meter(self, name: str, version: str | None = None, /) -> Meter:
        """Return OpenTelemetry's."""
        return get_meter(name, version or "")


CREDENTIALS: CredentialsProvider = MyCredentialsProvider()
TOKENS: TokenProvider = MyTokenProvider()
SIGNERS: list[Signer] = [HMACSigner(), RemoteSigner(), SigV4Signer()]
HTTP_CLIENT: HTTPClient = MemoryHTTPClient()
RETRYERS: list[Retryer] = [RetryOnce(), NopRetryer()]
FIRST: list[EndpointResolver] = [
    Resolver(),
    DefaultEndpointResolver(),
    endpoint_resolver_from_url("https://example.com", signing_name="sagemaker"),
]
SECOND: list[EndpointResolverV2] = [Failover(), DefaultEndpointResolverV2()]
BACKOFFS: list[CustomBackoff] = [lambda retry, _error: 0.1 * retry]
TRACERS: TracerProvider = Telemetry()
METERS: MeterProvider = Telemetry()


def custom_clients() -> list[Client]:
    """Create clients with custom components."""
    return [
        Client(credentials=CREDENTIALS, signer=SIGNERS[0], http_client=HTTP_CLIENT),
        Client(token_provider=TOKENS, retryer=RETRYERS[0]),
        Client(endpoint_resolver=resolve, custom_backoff=BACKOFFS[0]),
        Client(endpoint_resolver=resolve_later, tracer_provider=TRACERS),
        Client(endpoint_resolver=FIRST[0], endpoint_resolver_v2=SECOND[0]),
        Client(meter_provider=METERS, retryer=StandardRetryer(RetryQuota(), random)),
    ]


def standard_retryer(chance: Callable[[], float]) -> Retryer:
    """Configure the standard retryer."""
    quota = RetryQuota(capacity=100)
    terms = {**RETRY_RULES["2026"].terms, FailureClass.TIMEOUT: RetryTerms(10, 1.0)}
    assert_type(quota.available, int)
    return StandardRetryer(
        quota,
        chance,
        max_attempts=4,
        max_backoff=5,
        rules=RetryRules(terms, uses_retry_after=True),
        policy=RetryPolicy(retry_ambiguous=True, retry_model_errors=frozenset({503})),
        custom_backoff=lambda retry, error: error.retry_after or float(retry),
    )


def add_to_stack(stack: Stack, options: Options) -> None:
    """Add a public middleware to a stack."""
    options_v1 = EndpointResolverOptions(use_dualstack=True)
    stack.serialize.add(ResolveEndpoint(resolve, options_v1, region=options.region))


async def wrap_session() -> bytes:
    """Wrap an aiohttp session, or set the limits of the HTTP client."""
    async with aiohttp.ClientSession() as session:
        client = Client(http_client=AiohttpClient(session), region="eu-west-1")
        output = await client.invoke_endpoint(endpoint_name="m", body=b"")
        http_client = AiohttpClient(max_connections=4, keepalive_timeout=None)
        await http_client.aclose()
        endpoint = await client.resolve_endpoint()
        assert_type(endpoint, Endpoint)
    async with NativeClient(max_connections=4) as native:
        Client(http_client=native, region="eu-west-1")
        Client(http_client="native")
        Client(http_client="aiohttp").with_options(http_client="auto")
        return output.body
