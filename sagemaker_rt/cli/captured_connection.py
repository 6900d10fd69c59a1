"""HTTP/2 connections that are captured. Importing this module imports `h2`."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from sagemaker_rt.cli.stream_capture import EventClock, StreamCapture
from sagemaker_rt.http import Response
from sagemaker_rt.options import Options
from sagemaker_rt.transport.http2_client import Http2Client
from sagemaker_rt.transport.http2_connection import Http2Connection

__all__ = ["CapturedConnection", "capturing_client"]


class CapturedConnection(Http2Connection):
    """A connection whose events are added to *capture*, and are signed by *clock*."""

    def __init__(self, capture: StreamCapture, clock: EventClock, *, host: str) -> None:
        super().__init__(host=host)
        self._capture: Final = capture
        self._clock: Final = clock

    def connection_made(self, transport: Any) -> None:
        """Keep the transport; the request is signed already."""
        super().connection_made(transport)
        self._clock.is_connected = True

    def write(self, data: bytes) -> None:
        """Add the size of the event, and queue it."""
        super().write(data)
        self._capture.add("sent event", bytes=len(data))

    def end(self) -> None:
        """Add the end of the events, and queue it."""
        super().end()
        self._capture.add("sent end of events")

    async def response(self) -> Response:
        """Return the response, and add its headers."""
        response = await super().response()
        self._capture.response(response.status, response.headers.lower.items())
        return response

    def data_received(self, data: bytes) -> None:
        """Add the frames in *data*, and handle them."""
        self._capture.received(data)
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Add the end of the connection."""
        name = None if error is None else type(error).__name__
        self._capture.add("connection closed", error=name)
        self._clock.is_connected = False
        super().connection_lost(error)


def capturing_client(
    options: Options, capture: StreamCapture, clock: EventClock
) -> Http2Client:
    """Return a client with *options*; the caller closes it."""
    return Http2Client(
        partial(options.tls.http2_context, ""),
        proxies=options.http.proxies,
        tcp_keepalive=options.http.tcp_keepalive,
        make_connection=partial(CapturedConnection, capture, clock),
    )
