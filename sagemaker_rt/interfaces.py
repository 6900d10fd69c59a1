"""The components that can be replaced, as protocols.

A component is any object with the right methods; it does not inherit from a protocol.
Methods whose result type contains ``Awaitable`` may be plain or async functions. The
methods of a retryer are plain, because it only decides and never waits.

Exceptions that a custom component raises are wrapped, with the name of its option in
``component``: see `ComponentError`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

from sagemaker_rt.identity import Credentials, Token

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter
    from opentelemetry.trace import Tracer

    from sagemaker_rt.context import AttemptResult
    from sagemaker_rt.errors import SageMakerRuntimeError
    from sagemaker_rt.http import Endpoint, Request, Response
    from sagemaker_rt.sansio.endpoint_parameters import (
        EndpointParameters,
        EndpointResolverOptions,
    )
    from sagemaker_rt.sansio.retry import NoRetry, RetryDecision

__all__ = [
    "ChunkWriter",
    "Clock",
    "CredentialsProvider",
    "CredentialsStore",
    "EndpointResolver",
    "EndpointResolverFunction",
    "EndpointResolverV2",
    "HTTPAuthScheme",
    "HTTPClient",
    "HTTPClientName",
    "IdentityStore",
    "MeterProvider",
    "OnChunkReceived",
    "OnChunkSent",
    "ResponseTarget",
    "Retryer",
    "Signer",
    "TokenProvider",
    "TokenStore",
    "TracerProvider",
    "needs_identity",
]

I = TypeVar("I")

Clock: TypeAlias = Callable[[], float]
"""A function that returns the time in seconds since the epoch, like `time.time`."""


HTTPClientName: TypeAlias = Literal["auto", "native", "aiohttp"]
"""An HTTP client of this library.

``native`` needs ``sagemaker-rt[fast]``. ``auto`` is the best one that is installed.
"""


class HTTPClient(Protocol):
    """Sends requests and receives responses; the only component that uses sockets."""

    async def send(self, request: Request) -> Response:
        """Send *request*, and return the response when its headers are received.

        All statuses are returned, and redirects are not followed. The caller reads the
        body to its end or releases it. Cancellation closes the connection. The header
        ``Host`` is ``request.endpoint.host``: it has no final dot, which the host of
        ``request.url`` may have.

        Raises:
            TransportError: There was no response. ``request_sent`` and
                ``may_have_executed`` of the error are set.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections; a second call does nothing."""
        ...


class Signer(Protocol):
    """Signs requests with AWS credentials.

    A signer with the attribute ``needs_identity = False`` has its own credentials. The
    client does not look for any then, and `sign` gets None in their place.
    """

    def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> Awaitable[None] | None:
        """Add the signature to the headers of *request*, which is otherwise complete.

        Args:
            request: The request, with its endpoint, and its payload hash if known.
            credentials: The credentials to sign with.
            service: The service name in the signature, usually ``sagemaker``.
            region: The region in the signature.
            signing_time: Seconds since the epoch, corrected for clock skew.
        """
        ...


def needs_identity(signer: Signer) -> bool:
    """Return whether *signer* signs with the credentials of the client."""
    return bool(getattr(signer, "needs_identity", True))


class CredentialsProvider(Protocol):
    """Retrieves credentials. The client caches them until they expire."""

    async def retrieve(self) -> Credentials:
        """Return credentials that are valid now.

        Raises:
            CredentialsError: None are configured, or they could not be retrieved.
        """
        ...


class IdentityStore(Protocol[I]):
    """A cache of credentials or of a token, which a provider fills."""

    @property
    def can_renew(self) -> bool:
        """Whether `renew` may return another identity."""
        ...

    def peek(self) -> I | None:
        """Return a cached identity that is valid now, or None: call `retrieve` then."""
        ...

    async def retrieve(self) -> I:
        """Return an identity that is valid now.

        Raises:
            CredentialsError: None is configured, or it could not be retrieved.
        """
        ...

    async def renew(self, rejected: I) -> I | None:
        """Return a new identity to replace *rejected*, or None if it has none.

        The provider is called at once, unless that happened since it returned
        *rejected*. Concurrent calls share one call of the provider.

        Args:
            rejected: An identity from this store that the service rejected.

        Raises:
            CredentialsError: The new identity could not be retrieved.
        """
        ...


class TokenProvider(Protocol):
    """Retrieves bearer tokens. The client caches them until they expire."""

    async def retrieve(self) -> Token:
        """Return a token that is valid now.

        Raises:
            CredentialsError: None is configured, or it could not be retrieved.
        """
        ...


CredentialsStore: TypeAlias = IdentityStore[Credentials]
"""A cache of credentials."""
TokenStore: TypeAlias = IdentityStore[Token]
"""A cache of a bearer token."""


class HTTPAuthScheme(Protocol):
    """A custom authentication scheme, for the option ``auth_schemes``."""

    @property
    def id(self) -> str:
        """The Smithy ID of the scheme, such as ``example.com#apiKey``."""
        ...

    async def retrieve_identity(self) -> Any:
        """Return the identity to pass to `sign`; called in every attempt.

        Raises:
            CredentialsError: None is configured, or it could not be retrieved.
        """
        ...

    def sign(self, request: Request, identity: Any) -> Awaitable[None] | None:
        """Add to *request* what authenticates *identity*, such as a header."""
        ...


class EndpointResolverV2(Protocol):
    """Resolves endpoints by parameters, as the current AWS SDKs do."""

    def resolve_endpoint(
        self, parameters: EndpointParameters
    ) -> Endpoint | Awaitable[Endpoint]:
        """Return the endpoint for *parameters*.

        It is called in each attempt. ``parameters.attempt``, ``last_failure`` and
        ``endpoint_name`` are those of the attempt, so that a retry may go to another
        endpoint. Such a retry takes nothing from the retry quota.

        Raises:
            EndpointResolutionError: The parameters conflict with each other.
        """
        ...


class EndpointResolver(Protocol):
    """Resolves endpoints by region, as the first generation of the Go SDK does."""

    def resolve_endpoint(
        self, region: str, options: EndpointResolverOptions
    ) -> Endpoint | Awaitable[Endpoint]:
        """Return the endpoint for *region*.

        Raises:
            EndpointNotFoundError: The region is unknown; the `EndpointResolverV2` is
                called instead.
        """
        ...


class EndpointResolverFunction(Protocol):
    """An `EndpointResolver` as a function, plain or async."""

    def __call__(
        self, region: str, options: EndpointResolverOptions, /
    ) -> Endpoint | Awaitable[Endpoint]:
        """Return the endpoint for *region*."""
        ...


class Retryer(Protocol):
    """Decides whether and when a failed attempt is followed by another; never waits.

    All concurrent calls of a client share one retryer, on one event loop.
    """

    @property
    def max_attempts(self) -> int:
        """The largest number of attempts per call, including the first."""
        ...

    def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: Sequence[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        """Return the decision after an attempt that failed with *error*.

        Args:
            error: The error of the attempt number ``len(past) + 1``.
            past: The failed attempts before it, including timeouts of the wait for a
                pooled connection.
            elapsed: Seconds since the start of the first attempt.
        """
        ...

    def succeeded(self, last: RetryDecision | None) -> None:
        """Record that a call succeeded.

        Args:
            last: The decision before its last attempt; None if the first succeeded.
        """
        ...

    def give_back(self, decision: RetryDecision) -> None:
        """Undo *decision*, because its attempt was not started or is not counted.

        The call was cancelled or timed out before that, or the attempt goes to another
        endpoint than the failed one.
        """
        ...


class TracerProvider(Protocol):
    """Creates tracers, like a tracer provider of OpenTelemetry."""

    def get_tracer(self, name: str, version: str | None = None, /) -> Tracer:
        """Return the tracer of the library *name*."""
        ...


class MeterProvider(Protocol):
    """Creates meters, like a meter provider of OpenTelemetry."""

    def get_meter(self, name: str, version: str | None = None, /) -> Meter:
        """Return the meter of the library *name*."""
        ...


class ChunkWriter(Protocol):
    """A binary file or an `asyncio.StreamWriter` that receives a response body.

    ``write`` may be a plain or an async method. If the object has a ``fileno``, it is
    called in a thread. If it has a ``drain``, that is awaited after each chunk.
    """

    def write(self, data: bytes, /) -> object:
        """Write *data*; a result that is awaitable is awaited."""
        ...


ResponseTarget: TypeAlias = (
    str | PathLike[str] | ChunkWriter | Callable[[bytes], Awaitable[None] | None]
)
"""A path, a writer, or a plain or async function that is called with each chunk."""

OnChunkSent: TypeAlias = Callable[[bytes, int, int], Awaitable[None] | None]
"""A function of a chunk that was sent, the bytes sent so far, and the total bytes."""
OnChunkReceived: TypeAlias = Callable[[bytes, int, int | None], Awaitable[None] | None]
"""A function of a chunk that was received, the bytes received so far, and the total
bytes, or None if the response has no ``Content-Length``."""
