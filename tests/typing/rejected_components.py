"""Custom components that checkers reject."""

from __future__ import annotations

from sagemaker_rt import (
    AiohttpClient,
    AttemptResult,
    Client,
    Credentials,
    CredentialsProvider,
    DefaultChain,
    DefaultEndpointResolverV2,
    Endpoint,
    EndpointParameters,
    EndpointResolver,
    EndpointResolverOptions,
    EndpointResolverV2,
    HTTPClient,
    NoRetry,
    Request,
    ResolveEndpoint,
    RetryDecision,
    Retryer,
    SageMakerBearerTokenProvider,
    SageMakerRuntimeError,
    Signer,
    StandardRetryer,
    StaticCredentials,
    Token,
    TokenProvider,
    TracerProvider,
    endpoint_resolver_from_url,
    generate_bearer_token,
    with_endpoint_resolver,
    with_endpoint_resolver_v2,
    with_options,
)

KEYS = Credentials("AKIDEXAMPLE", "a-secret")


class PlainProvider:
    """A credentials provider whose method is not async."""

    def retrieve(self) -> Credentials:
        """Return credentials."""
        return KEYS


class WrongProvider:
    """A provider that returns another type."""

    async def retrieve(self) -> Token:
        """Return a token."""
        return Token("a-token")


class ShortSigner:
    """A signer without the required parameters."""

    def sign(self, request: Request, credentials: Credentials) -> None:
        """Sign."""


class BytesClient:
    """An HTTP client that returns bytes."""

    async def send(self, request: Request) -> bytes:
        """Return bytes."""
        return b""

    async def aclose(self) -> None:
        """There is nothing to close."""


class UnclosableClient:
    """An HTTP client without a method to close it."""

    async def send(self, request: Request) -> Request:
        """Return the request."""
        return request


class AsyncRetryer:
    """A retryer with an async method."""

    max_attempts = 2

    async def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: list[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        """Decide."""
        return NoRetry()

    def succeeded(self, last: RetryDecision | None) -> None:
        """There is no quota."""

    def give_back(self, decision: RetryDecision) -> None:
        """There is no quota."""


def resolve_to_text(region: str, options: EndpointResolverOptions) -> str:
    """A resolver that returns a string."""
    return f"https://{region}.example.com"


def resolve_region_only(region: str) -> Endpoint:
    """A resolver with one parameter."""
    return Endpoint(f"https://{region}.example.com")


CREDENTIALS: CredentialsProvider = PlainProvider()  # error
TOKENS: TokenProvider = StaticCredentials(KEYS)  # error
SIGNER: Signer = ShortSigner()  # error
HTTP_CLIENT: HTTPClient = BytesClient()  # error
RETRYER: Retryer = AsyncRetryer()  # error
FIRST: EndpointResolver = DefaultEndpointResolverV2()  # error
SECOND: EndpointResolverV2 = endpoint_resolver_from_url("https://a.example")  # error
TRACERS: TracerProvider = KEYS  # error


def wrong_options() -> None:
    """Set components as options."""
    Client(credentials=PlainProvider())  # error
    Client(credentials=WrongProvider())  # error
    Client(credentials=StaticCredentials)  # error
    Client(token_provider=StaticCredentials(KEYS))  # error
    Client(signer=ShortSigner())  # error
    Client(http_client=BytesClient())  # error
    Client(http_client=UnclosableClient())  # error
    Client(http_client=AiohttpClient)  # error
    Client(http_client="httpx")  # error
    Client(retryer=AsyncRetryer())  # error
    Client(endpoint_resolver=resolve_to_text)  # error
    Client(endpoint_resolver=resolve_region_only)  # error
    Client(endpoint_resolver=DefaultEndpointResolverV2())  # error
    Client(endpoint_resolver_v2=resolve_to_text)  # error
    Client(custom_backoff=resolve_region_only)  # error
    Client(auth_scheme_resolver=resolve_region_only)  # error
    Client(tracer_provider=WrongProvider())  # error
    Client(meter_provider=WrongProvider())  # error


def wrong_functional_options() -> None:
    """Set components with functional options."""
    with_options(credentials=PlainProvider())  # error
    with_options(token_provider=KEYS)  # error
    with_options(signer=ShortSigner())  # error
    with_options(http_client=UnclosableClient())  # error
    with_options(retryer=AsyncRetryer())  # error
    with_endpoint_resolver(resolve_to_text)  # error
    with_endpoint_resolver_v2(resolve_region_only)  # error
    with_options(tracer_provider=WrongProvider())  # error
    with_options(meter_provider=WrongProvider())  # error


def wrong_arguments(parameters: EndpointParameters) -> None:
    """Create components with wrong arguments."""
    AiohttpClient(max_connections="many")  # error
    AiohttpClient("https://a.example")  # error
    DefaultChain()  # error
    StaticCredentials("AKIDEXAMPLE")  # error
    SageMakerBearerTokenProvider(KEYS)  # error
    generate_bearer_token(KEYS, region="r")  # error
    StandardRetryer()  # error
    RetryDecision()  # error
    RetryDecision(delay="long")  # error
    Endpoint()  # error
    Endpoint("https://a.example", {"x-team": "checkout"})  # error
    ResolveEndpoint(resolve_to_text, EndpointResolverOptions(), region="r")  # error
    ResolveEndpoint(lambda region, options: Endpoint(region), region="r")  # error
    DefaultEndpointResolverV2().resolve_endpoint("r", parameters)  # error
