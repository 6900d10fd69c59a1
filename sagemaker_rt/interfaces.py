"""Every part that can be swapped, as a Protocol.

A part is anything of the right shape: none of these is a base class. What has to wait
is async, and what may have to is either: its method is plain or async, as its maker
likes. The retryer is plain, since it only decides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter
    from opentelemetry.trace import Tracer

    from sagemaker_rt.context import AttemptResult
    from sagemaker_rt.errors import SageMakerRuntimeError
    from sagemaker_rt.http import Endpoint, Request, Response
    from sagemaker_rt.identity import Credentials, Token
    from sagemaker_rt.sansio.endpoints import (
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
]

I = TypeVar("I")

Clock: TypeAlias = Callable[[], float]
"""Seconds since the epoch."""


class HTTPClient(Protocol):
    """Exchanges one request for one response; the only part that touches a socket."""

    async def send(self, request: Request) -> Response:
        """Send *request*, and return as soon as the response's head is there.

        Statuses are the caller's business, redirects among them. The response's body
        is the caller's to end. Cancellation closes the connection.

        Raises:
            TransportError: There was no response; the error knows what was sent.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection; a second call does nothing."""
        ...


class Signer(Protocol):
    """Puts a signature on a request."""

    def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> Awaitable[None] | None:
        """Write the headers that prove who sends *request*, which is otherwise whole.

        Args:
            request: Has its endpoint, and its payload hash if that is known.
            service: The signing name, ``sagemaker``.
            signing_time: Seconds since the epoch, by the service's clock.
        """
        ...


class CredentialsProvider(Protocol):
    """Knows where credentials come from."""

    async def retrieve(self) -> Credentials:
        """Return credentials that are good now.

        Raises:
            CredentialsError: There are none, or their source failed.
        """
        ...


class IdentityStore(Protocol[I]):
    """A provider that mostly has at hand what it provides: credentials, or a token."""

    @property
    def can_renew(self) -> bool:
        """Whether `renew` may return anything."""
        ...

    def peek(self) -> I | None:
        """Return one that is good now, or None if `retrieve` must be asked."""
        ...

    async def retrieve(self) -> I:
        """Return one that is good now.

        Raises:
            CredentialsError: There is none, or its source failed.
        """
        ...

    async def renew(self, rejected: I) -> I | None:
        """Return another in the place of *rejected*, or None.

        The source is asked at once, unless that has been done since *rejected* came
        from it; however many calls had theirs rejected, it is asked by one of them.

        Args:
            rejected: One that came from here, and that the service has refused.

        Raises:
            CredentialsError: The source failed.
        """
        ...


class TokenProvider(Protocol):
    """Knows where bearer tokens come from."""

    async def retrieve(self) -> Token:
        """Return a token that is good now.

        Raises:
            CredentialsError: There is none, or its source failed.
        """
        ...


CredentialsStore: TypeAlias = "IdentityStore[Credentials]"
"""What holds credentials."""
TokenStore: TypeAlias = "IdentityStore[Token]"
"""What holds a bearer token."""


class HTTPAuthScheme(Protocol):
    """A way of the caller's own to prove who sends a request."""

    @property
    def id(self) -> str:
        """As Smithy names schemes: ``example.com#apiKey``."""
        ...

    async def retrieve_identity(self) -> Any:
        """Return what `sign` is given; it is asked for in every attempt.

        Raises:
            CredentialsError: There is none, or its source failed.
        """
        ...

    def sign(self, request: Request, identity: Any) -> Awaitable[None] | None:
        """Write on *request* what proves that it is from *identity*."""
        ...


class EndpointResolverV2(Protocol):
    """Turns parameters into an endpoint, by rules."""

    def resolve_endpoint(
        self, parameters: EndpointParameters
    ) -> Endpoint | Awaitable[Endpoint]:
        """Return where to send.

        Raises:
            EndpointResolutionError: The parameters contradict each other.
        """
        ...


class EndpointResolver(Protocol):
    """The first generation of resolvers: a region, and options, to an endpoint."""

    def resolve_endpoint(
        self, region: str, options: EndpointResolverOptions
    ) -> Endpoint | Awaitable[Endpoint]:
        """Return where to send.

        Raises:
            EndpointNotFoundError: Not known here; the second generation is asked.
        """
        ...


EndpointResolverFunction: TypeAlias = Callable[
    [str, "EndpointResolverOptions"], "Endpoint | Awaitable[Endpoint]"
]
"""An `EndpointResolver` that is one function, plain or async."""


class Retryer(Protocol):
    """Decides whether there is another attempt, and when; never waits.

    One retryer serves all calls of a client at once, on one event loop.
    """

    @property
    def max_attempts(self) -> int:
        """How many attempts a call may have at most, the first among them."""
        ...

    def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: Sequence[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        """Return how to go on after an attempt failed with *error*.

        Args:
            past: The failures before that one, so that it was number
                ``len(past) + 1``, and retry ``len(past)``, from 0, would be next. A
                wait for a pooled connection that took too long is among them.
            elapsed: Seconds since the first attempt began.
        """
        ...

    def succeeded(self, last: RetryDecision | None) -> None:
        """Note that a call succeeded, after *last*, or None, at the first attempt."""
        ...

    def give_back(self, decision: RetryDecision) -> None:
        """Undo *decision*, whose attempt was never begun.

        The call was cancelled while it waited, or its deadline left no time to wait.
        """
        ...


class TracerProvider(Protocol):
    """Makes tracers; OpenTelemetry's providers are of this shape."""

    def get_tracer(self, name: str, version: str | None = None, /) -> Tracer:
        """Return what makes the spans of the library *name*."""
        ...


class MeterProvider(Protocol):
    """Makes meters; OpenTelemetry's providers are of this shape."""

    def get_meter(self, name: str, version: str | None = None, /) -> Meter:
        """Return what makes the instruments of the library *name*."""
        ...


class ChunkWriter(Protocol):
    """What takes an answer, chunk by chunk: a binary file, say, or a stream's writer.

    ``write`` may be plain or async. A file's, which is known by its ``fileno``, is
    called in a thread. A ``drain`` is awaited after each chunk.
    """

    def write(self, data: bytes, /) -> object:
        """Take *data*; an awaitable that is returned is awaited."""
        ...


ResponseTarget: TypeAlias = (
    str | PathLike[str] | ChunkWriter | Callable[[bytes], Awaitable[None] | None]
)
"""A path, something to write to, or a function of each chunk, plain or async."""

OnChunkSent: TypeAlias = Callable[[bytes, int, int], Awaitable[None] | None]
"""Takes a chunk that was sent, the bytes sent with it, and the bytes that there are."""
OnChunkReceived: TypeAlias = Callable[[bytes, int, int | None], Awaitable[None] | None]
"""Takes a chunk that came, the bytes that came with it, and the bytes that are to come
in all, or None where the answer does not say that."""
