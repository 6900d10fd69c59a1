"""A connection of the emulator's HTTP/2 server, by the library `h2`.

Importing this module imports `h2`. GOAWAY frames of a client are taken out before the
library sees them: AWS's JavaScript client sends one and continues its stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from sagemaker_rt.emulator.http2_stream import Http2Stream
from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.sansio.http2_frames import FrameFilter
from sagemaker_rt.transport.hpack_logging import silence_hpack

__all__ = ["Http2Protocol"]

_PREFACE_SIZE: Final = 24
_MAX_WINDOW: Final = (1 << 31) - 1
_DEFAULT_WINDOW: Final = 65_535

silence_hpack()


class Http2Protocol(asyncio.Protocol):
    """Serves the streams of one connection, each in a task.

    Args:
        respond: Serves a stream; it is cancelled when the connection is lost.
        window: Bytes that a client may send before they are read.
        connections: The set of open connections, which this one is in.
    """

    def __init__(
        self,
        respond: Callable[[Http2Stream], Awaitable[None]],
        *,
        window: int,
        connections: set[Http2Protocol],
    ) -> None:
        self._respond: Final = respond
        self._h2: Final = H2Connection(
            H2Configuration(client_side=False, header_encoding="utf-8")
        )
        self._h2.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.INITIAL_WINDOW_SIZE: window,
                SettingCodes.MAX_CONCURRENT_STREAMS: 100,
            },
        )
        self._filter: Final = FrameFilter(preface=_PREFACE_SIZE)
        self._connections: Final = connections
        self._loop: Final = asyncio.get_running_loop()
        self._streams: Final[dict[int, Http2Stream]] = {}
        self._tasks: Final[set[asyncio.Task[None]]] = set()
        self._transport: asyncio.Transport | None = None
        self._is_paused = False
        self._has_scheduled = False

    def connection_made(self, transport: Any) -> None:
        """Send the settings."""
        self._transport = transport
        self._connections.add(self)
        self._h2.initiate_connection()
        # the windows of the streams are the only limits
        self._h2.increment_flow_control_window(_MAX_WINDOW - _DEFAULT_WINDOW)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Handle the frames in *data*."""
        try:
            whole = self._filter.feed(data, now=self._loop.time())
            events = self._h2.receive_data(whole) if whole else []
        except (DeserializationError, ProtocolError):
            self.disconnect(abort=False)
            return
        for event in events:
            self._handle(event)
        self._flush()

    def eof_received(self) -> bool:
        """Close the connection."""
        return False

    def connection_lost(self, _: Exception | None) -> None:
        """Cancel the tasks of the streams."""
        self._transport = None
        self._connections.discard(self)
        for stream in self._streams.values():
            stream.lose()
        for task in self._tasks:
            task.cancel()

    def pause_writing(self) -> None:
        """Stop sending until the client has read."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """Send again."""
        self._is_paused = False
        self._wake_all()

    async def aclose(self) -> None:
        """Close the connection, and wait for its tasks."""
        tasks = list(self._tasks)
        self.disconnect(abort=True)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def write_headers(
        self, stream_id: int, headers: Sequence[tuple[str, str]], *, end: bool
    ) -> None:
        """Write the response headers."""
        with suppress(ProtocolError):
            self._h2.send_headers(stream_id, list(headers), end_stream=end)
        self._flush()

    def write_data(self, stream_id: int, data: bytes) -> int:
        """Write as much of *data* as flow control allows; return how much."""
        if self._is_paused or self._is_closing():
            return 0
        written = 0
        with suppress(ProtocolError):
            while written < len(data):
                limit = min(
                    self._h2.local_flow_control_window(stream_id),
                    self._h2.max_outbound_frame_size,
                )
                if limit <= 0:
                    break
                piece = data[written : written + limit]
                self._h2.send_data(stream_id, piece)
                written += len(piece)
        self._flush()
        return written

    def write_end(self, stream_id: int) -> None:
        """Write the end of the stream."""
        with suppress(ProtocolError):
            self._h2.end_stream(stream_id)
        self._flush()

    def write_reset(self, stream_id: int, error_code: int) -> None:
        """Write RST_STREAM."""
        with suppress(ProtocolError):
            self._h2.reset_stream(stream_id, error_code)
        self._flush()

    def write_goaway(self, last_stream_id: int, error_code: int) -> None:
        """Write GOAWAY; streams go on, which the library would not let them."""
        frame = GoAwayFrame(
            last_stream_id=last_stream_id, error_code=ErrorCodes(error_code)
        )
        self._write_frames()
        self._write(frame.serialize())

    def return_credit(self, stream_id: int, size: int) -> None:
        """Let the client send *size* more bytes."""
        with suppress(ProtocolError):
            self._h2.increment_flow_control_window(size, stream_id)
            self._h2.increment_flow_control_window(size)
        self._flush()

    def disconnect(self, *, abort: bool) -> None:
        """Close the connection: by the end of file, or a reset."""
        self._write_frames()
        transport = self._transport
        if transport is not None and abort:
            transport.abort()
        elif transport is not None:
            transport.close()

    def _handle(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._start(event)
        elif isinstance(event, (WindowUpdated, RemoteSettingsChanged)):
            self._wake_all()
        elif isinstance(event, (DataReceived, StreamEnded, StreamReset)):
            stream = self._streams.get(event.stream_id)
            if isinstance(event, DataReceived):
                self._receive(event, stream)
            elif stream is not None and isinstance(event, StreamEnded):
                stream.feed_end()
            elif stream is not None:
                stream.lose()

    def _receive(self, event: DataReceived, stream: Http2Stream | None) -> None:
        size = event.flow_controlled_length
        if size and stream is not None:
            stream.feed(event.data, size)

    def _start(self, event: RequestReceived) -> None:
        headers: dict[str, str] = {}
        for raw_name, raw_value in event.headers:
            name, value = str(raw_name), str(raw_value)
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        stream = Http2Stream(self, event.stream_id, headers)
        self._streams[stream.id] = stream
        task = self._loop.create_task(self._serve(stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, stream: Http2Stream) -> None:
        try:
            await self._respond(stream)
        finally:
            self._streams.pop(stream.id, None)

    def _wake_all(self) -> None:
        for stream in self._streams.values():
            stream.wake()

    def _flush(self) -> None:
        """Write the frames of this turn of the event loop at its end.

        asyncio logs a warning for each write to a connection that is lost, and a
        connection with TLS only reports in the next turn that it is.
        """
        if not self._has_scheduled:
            self._has_scheduled = True
            self._loop.call_soon(self._write_frames)

    def _write_frames(self) -> None:
        self._has_scheduled = False
        data = self._h2.data_to_send()
        if data:
            self._write(data)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._is_closing():
            self._transport.write(data)

    def _is_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()
