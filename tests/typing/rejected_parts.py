"""Parts that are refused."""

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


class PlainVault:
    """Retrieve without being async."""

    def retrieve(self) -> Credentials:
        """Return the set."""
        return KEYS


class Desk:
    """Retrieve something else."""

    async def retrieve(self) -> Token:
        """Return a token."""
        return Token("a-token")


class ShortSigner:
    """Sign without what is needed for it."""

    def sign(self, request: Request, credentials: Credentials) -> None:
        """Sign."""


class Bytes:
    """Send, and return no response."""

    async def send(self, request: Request) -> bytes:
        """Return bytes."""
        return b""

    async def aclose(self) -> None:
        """Close nothing."""


class Unclosable:
    """Send, and have no end."""

    async def send(self, request: Request) -> Request:
        """Return what came."""
        return request


class Waiting:
    """Decide late."""

    max_attempts = 2

    async def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: list[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        """Wait for a decision."""
        return NoRetry()

    def succeeded(self, last: RetryDecision | None) -> None:
        """Keep no count."""

    def give_back(self, decision: RetryDecision) -> None:
        """Have taken nothing."""


def to_text(region: str, options: EndpointResolverOptions) -> str:
    """Return no endpoint."""
    return f"https://{region}.example.com"


def by_region(region: str) -> Endpoint:
    """Take too little."""
    return Endpoint(f"https://{region}.example.com")


CREDENTIALS: CredentialsProvider = PlainVault()  # error
TOKENS: TokenProvider = StaticCredentials(KEYS)  # error
SIGNER: Signer = ShortSigner()  # error
HTTP_CLIENT: HTTPClient = Bytes()  # error
RETRYER: Retryer = Waiting()  # error
FIRST: EndpointResolver = DefaultEndpointResolverV2()  # error
SECOND: EndpointResolverV2 = endpoint_resolver_from_url("https://a.example")  # error
TRACERS: TracerProvider = KEYS  # error


def by_keyword() -> None:
    """Give parts that do not fit."""
    Client(credentials=PlainVault())  # error
    Client(credentials=Desk())  # error
    Client(credentials=StaticCredentials)  # error
    Client(token_provider=StaticCredentials(KEYS))  # error
    Client(signer=ShortSigner())  # error
    Client(http_client=Bytes())  # error
    Client(http_client=Unclosable())  # error
    Client(http_client=AiohttpClient)  # error
    Client(retryer=Waiting())  # error
    Client(endpoint_resolver=to_text)  # error
    Client(endpoint_resolver=by_region)  # error
    Client(endpoint_resolver=DefaultEndpointResolverV2())  # error
    Client(endpoint_resolver_v2=to_text)  # error
    Client(custom_backoff=by_region)  # error
    Client(auth_scheme_resolver=by_region)  # error
    Client(tracer_provider=Desk())  # error
    Client(meter_provider=Desk())  # error


def by_function() -> None:
    """Give them by functions."""
    with_options(credentials=PlainVault())  # error
    with_options(token_provider=KEYS)  # error
    with_options(signer=ShortSigner())  # error
    with_options(http_client=Unclosable())  # error
    with_options(retryer=Waiting())  # error
    with_endpoint_resolver(to_text)  # error
    with_endpoint_resolver_v2(by_region)  # error
    with_options(tracer_provider=Desk())  # error
    with_options(meter_provider=Desk())  # error


def made_of_the_wrong(parameters: EndpointParameters) -> None:
    """Make parts of what they are not made of."""
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
    ResolveEndpoint(to_text, EndpointResolverOptions(), region="r")  # error
    ResolveEndpoint(lambda region, options: Endpoint(region), region="r")  # error
    DefaultEndpointResolverV2().resolve_endpoint("r", parameters)  # error
