"""The state of one HTTP/2 stream on its connection, by the library `h2`.

Bytes in, events out: nothing here waits or uses sockets. Importing this module imports
`h2`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final, TypeAlias

from attrs import field, frozen
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hpack import HeaderTuple, NeverIndexedHeaderTuple

from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.http import Headers, Request
from sagemaker_rt.sansio.http2_frames import MAX_HEADER_BLOCK, FrameFilter, GoAway
from sagemaker_rt.transport.hpack_logging import silence_hpack

__all__ = [
    "Content",
    "Ended",
    "Http2Session",
    "Reset",
    "ResponseHead",
    "SessionEvent",
    "code_name",
]

WINDOW: Final = 1 << 20
"""Bytes of a response that may be received before they are read."""
_MAX_WINDOW: Final = (1 << 31) - 1
_DEFAULT_WINDOW: Final = 65_535
_SECRET: Final = frozenset({"authorization", "x-amz-security-token"})
# RFC 9113, section 8.2.2; the host is sent as :authority
_NOT_SENT: Final = frozenset(
    {"host", "connection", "keep-alive", "transfer-encoding", "upgrade", "expect"}
)

silence_hpack()


@frozen
class ResponseHead:
    """The response headers were received."""

    status: int
    headers: Headers


@frozen
class Content:
    """A piece of the response body was received."""

    data: bytes = field(repr=False)
    size: int
    """The bytes that it takes of the window, with padding."""


@frozen
class Ended:
    """The server ended the response."""


@frozen
class Reset:
    """The server reset the stream."""

    error_code: int


SessionEvent: TypeAlias = ResponseHead | Content | Ended | Reset | GoAway


class Http2Session:
    """One stream of a client; its bytes are taken from `data_to_send`."""

    def __init__(self) -> None:
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._h2.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: WINDOW,
                SettingCodes.MAX_HEADER_LIST_SIZE: MAX_HEADER_BLOCK,
            },
        )
        self._filter = FrameFilter()
        self._unreturned = 0
        self.stream_id: Final = 1
        self.data_to_send: Final = self._h2.data_to_send

    def start(self, request: Request) -> None:
        """Write the preface, the settings and the headers of *request*."""
        self._h2.initiate_connection()
        # the window of the stream is the only limit
        self._h2.increment_flow_control_window(_MAX_WINDOW - _DEFAULT_WINDOW)
        self._h2.send_headers(self.stream_id, _header_list(request))

    @property
    def send_limit(self) -> int:
        """The bytes that `send` accepts now; 0 or less for none."""
        window = self._h2.local_flow_control_window(self.stream_id)
        return min(window, self._h2.max_outbound_frame_size)

    def send(self, data: bytes | memoryview, *, end: bool = False) -> None:
        """Write a frame with *data*, and the end of the request if *end* is set."""
        self._h2.send_data(self.stream_id, bytes(data), end_stream=end)

    def ping(self) -> None:
        """Write a PING."""
        self._h2.ping(bytes(8))

    def return_credit(self, size: int) -> None:
        """Let the server send *size* more bytes, since as many were read."""
        self._unreturned += size
        if self._unreturned >= WINDOW // 2:
            returned, self._unreturned = self._unreturned, 0
            with suppress(ProtocolError):  # the server ended the stream
                self._h2.increment_flow_control_window(returned, self.stream_id)
                self._h2.increment_flow_control_window(returned)

    def reset(self) -> None:
        """Write RST_STREAM, if the stream is open."""
        with suppress(ProtocolError):  # it is closed
            self._h2.reset_stream(self.stream_id, ErrorCodes.CANCEL)

    def go_away(self) -> None:
        """Write GOAWAY: no further frame is sent after it."""
        with suppress(ProtocolError):  # a protocol error was answered with one
            self._h2.close_connection()

    def receive(self, data: bytes, *, now: float) -> list[SessionEvent]:
        """Return the events in *data*.

        Args:
            now: Seconds of a monotonic clock.

        Raises:
            DeserializationError: The server violates the protocol, or a limit.
        """
        whole = self._filter.feed(data, now=now)
        events: list[SessionEvent] = []
        try:
            received = self._h2.receive_data(whole) if whole else []
        except ProtocolError as error:
            message = f"the server violates HTTP/2: {type(error).__name__}"
            raise DeserializationError(message) from error
        # h2 relies on the form of some frames that it does not check
        except Exception as error:
            message = f"the server sent invalid HTTP/2: {type(error).__name__}"
            raise DeserializationError(message) from error
        for event in received:
            if isinstance(event, DataReceived):
                size = event.flow_controlled_length or 0
                events.append(Content(event.data or b"", size))
            elif isinstance(event, ResponseReceived):
                events.append(_response_head(event.headers or []))
            elif isinstance(event, StreamEnded):
                events.append(Ended())
            elif isinstance(event, StreamReset):
                events.append(Reset(int(event.error_code or 0)))
        events.extend(self._filter.goaways)
        self._filter.goaways.clear()
        return events


def code_name(error_code: int) -> str:
    """Return the name of an HTTP/2 error code, or its number."""
    try:
        return ErrorCodes(error_code).name
    except ValueError:
        return str(error_code)


def _header_list(request: Request) -> list[HeaderTuple]:
    """Return the headers of *request* as HTTP/2 sends them."""
    endpoint = request.endpoint
    assert endpoint is not None  # noqa: S101 - Http2Client checks it
    headers = request.headers.lower
    path = request.full_path + (f"?{request.query}" if request.query else "")
    items = [
        (":method", request.method),
        (":scheme", endpoint.url.partition(":")[0]),
        (":authority", headers.get("host", endpoint.host)),
        (":path", path),
        *((name, value) for name, value in headers.items() if name not in _NOT_SENT),
    ]
    return [
        (NeverIndexedHeaderTuple if name in _SECRET else HeaderTuple)(
            name.encode(), value.strip(" \t").encode()
        )
        for name, value in items
    ]


def _response_head(headers: Iterable[tuple[bytes, bytes]]) -> ResponseHead:
    lower: dict[str, str] = {}
    status = 0
    for raw_name, raw_value in headers:
        name = bytes(raw_name).decode("utf-8", "surrogateescape")
        value = bytes(raw_value).decode("utf-8", "surrogateescape")
        if name == ":status":
            status = int(value) if value.isascii() and value.isdigit() else 0
        else:
            lower[name] = f"{lower[name]}, {value}" if name in lower else value
    if not 200 <= status <= 599:  # noqa: PLR2004 - final statuses
        message = f"the server responded with the status {status}"
        raise DeserializationError(message)
    return ResponseHead(status, Headers.of(lower))
