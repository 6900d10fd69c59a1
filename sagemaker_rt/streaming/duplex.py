"""The HTTP client of streams in both directions, as protocols.

It is a seam beside `HTTPClient`: a request is sent while its response is received.
"""

from __future__ import annotations

from typing import Protocol

from sagemaker_rt.http import Request, Response
from sagemaker_rt.sansio.stream_deadlines import StreamLimits

__all__ = ["DuplexClient", "DuplexConnection"]


class DuplexConnection(Protocol):
    """One request whose body is sent in pieces, and its response."""

    @property
    def has_room(self) -> bool:
        """Whether `write` may be called now."""
        ...

    async def wait_for_room(self) -> None:
        """Return when `has_room` is true; cancelling it has no effect.

        Raises:
            SageMakerRuntimeError: The connection failed, or was closed.
        """
        ...

    def write(self, data: bytes) -> None:
        """Queue *data*, the next piece of the request body; it does not wait.

        Raises:
            SageMakerRuntimeError: The connection failed, or was closed.
        """
        ...

    def end(self) -> None:
        """Queue the end of the request body; it does not wait."""
        ...

    async def drain(self) -> None:
        """Return when everything that is queued was sent.

        Raises:
            SageMakerRuntimeError: The connection failed, or was closed.
        """
        ...

    async def response(self) -> Response:
        """Return the response when its headers are received.

        The chunks of its body are cancel-safe. They end only after the server has
        ended the stream.

        Raises:
            TransportError: There was no response.
            DeserializationError: It is not valid HTTP/2.
        """
        ...

    @property
    def is_ended(self) -> bool:
        """Whether the server has ended the response."""
        ...

    def close(self) -> None:
        """Close the connection; it is aborted unless both directions have ended."""
        ...


class DuplexClient(Protocol):
    """Opens connections for streams in both directions."""

    async def open(self, request: Request, limits: StreamLimits) -> DuplexConnection:
        """Connect, send the headers of *request*, and return the connection.

        The caller closes it. Cancellation closes what was opened.

        Args:
            request: Its body is not sent.
            limits: The time limits after the headers; `Request.timeouts` and
                `Request.deadline` limit the time before.

        Raises:
            ConnectError: No connection could be made; nothing was sent.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections; a second call does nothing."""
        ...
