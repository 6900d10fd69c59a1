"""Mutated HTTP/2 frames, received by the connection of a stream in both directions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hpack import Encoder

from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.http import Endpoint, Request, Response
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.eventstream import encode_message
from sagemaker_rt.sansio.stream_deadlines import StreamDeadlines, StreamLimits
from sagemaker_rt.streaming.event_receiver import EventReceiver
from sagemaker_rt.transport.http2_connection import Http2Connection
from tests.fuzz.frames import EVENTS, PAYLOADS
from tests.fuzz.mutation import (
    INTERESTING,
    BrokenRuleError,
    Chance,
    mutated,
    pieces,
    reframed,
)

__all__ = ["http2"]

_DATA, _HEADERS, _SETTINGS, _CONTINUATION = 0, 1, 4, 9
_ALL_KINDS: Final = 12  # the types of RFC 9113, and two that it does not have
_END_STREAM: Final = 1
_HEADER_SIZE: Final = 9
_NO_LIMITS: Final = StreamLimits(response=None, write=None, ping_interval=None)
_HEADS: Final[Sequence[Mapping[str, str]]] = (
    {":status": "200", "x-amzn-requestid": "id"},
    {":status": "200", "content-length": "5"},
    {":status": "424", "x-amzn-errortype": "ModelError"},
    {":status": "100"},
    {":status": "1e2"},
    {":status": "200", ":path": "/"},
    {":status": "200", "X": "upper case"},
    {"x": "no status"},
    {":status": "200", "x": "a\nb\0"},
    {},
)
_CONTROL: Final[Sequence[tuple[int, int, bytes]]] = (
    (2, 0, bytes(5)),  # PRIORITY
    (3, 0, (7).to_bytes(4)),  # RST_STREAM
    (_SETTINGS, 0, b"\0\4" + (1).to_bytes(4)),  # INITIAL_WINDOW_SIZE
    (_SETTINGS, 0, b"\0\5" + (1 << 14).to_bytes(4)),  # MAX_FRAME_SIZE
    (_SETTINGS, 1, b""),
    (5, 4, bytes(4)),  # PUSH_PROMISE
    (6, 0, bytes(8)),  # PING
    (6, 1, bytes(8)),
    (7, 0, bytes(8)),  # GOAWAY: no stream is processed
    (7, 0, b"\x7f\xff\xff\xff" + bytes(4)),
    (8, 0, ((1 << 31) - 1).to_bytes(4)),  # WINDOW_UPDATE
    (8, 0, (1).to_bytes(4)),
    (10, 0, b"\0\0h2"),  # ALTSVC
)
_ON_CONNECTION: Final = frozenset({_SETTINGS, 6, 7})


class _Wire:
    """A transport that is never full."""

    def write(self, data: bytes) -> None:
        """Discard *data*."""

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        """Do nothing."""

    abort = close


class _Source:
    def __init__(self, connection: Http2Connection) -> None:
        self._connection = connection

    async def response(self) -> Response:
        return await self._connection.response()


async def http2(chance: Chance) -> str:
    """Receive mutated frames, send events meanwhile, and read to the end."""
    connection = Http2Connection(host="a.example")
    wire: Any = _Wire()
    connection.connection_made(wire)
    now = asyncio.get_running_loop().time()
    request = Request(endpoint=Endpoint("https://a.example"))
    connection.start(request, StreamDeadlines(_NO_LIMITS, None, now))
    received = _frames(chance)
    for piece in pieces(chance, received):
        _call(connection.data_received, piece)
        if chance.is_rare(4):
            _send(connection, bytes(chance.some(40_000)))
    _call(connection.connection_lost, OSError() if chance.is_rare(2) else None)
    receiver = EventReceiver(_Source(connection), MODELLED_ERRORS)
    while await receiver.next_event() is not None:
        pass
    if not _has_end(received):
        problem = f"the end of {received!r} was reported"
        raise BrokenRuleError(problem)
    return f"{receiver.count} events"


def _send(connection: Http2Connection, data: bytes) -> None:
    try:
        connection.write(data)
        if len(data) % 7 == 0:
            connection.end()
    except SageMakerRuntimeError:
        pass  # the connection has failed, or the stream has ended


def _call(function: Callable[[Any], object], argument: object) -> None:
    """Call *function* of the protocol, which must not raise."""
    try:
        function(argument)
    except Exception as error:
        problem = f"{error!r} was raised to the event loop"
        raise BrokenRuleError(problem) from error


def _has_end(data: bytes) -> bool:
    """Return whether a frame of *data* can be the end of a response."""
    start = 0
    while len(data) - start >= _HEADER_SIZE:
        if data[start + 3] in {_DATA, _HEADERS} and data[start + 4] & _END_STREAM:
            return True
        start += _HEADER_SIZE + int.from_bytes(data[start : start + 3])
    return False


def _frames(chance: Chance) -> bytes:
    """Return the frames of a response, some of which are invalid."""
    frames = [_frame(_SETTINGS, 0, 0, b"")]
    if not chance.is_rare(8):
        frames += _head(chance)
    frames += _content(chance)
    for _ in range(chance.some(5)):
        frames.insert(chance.randrange(len(frames) + 1), _control(chance))
    for _ in range(chance.some(3)):
        index = chance.randrange(len(frames))
        frames[index] = _damaged(chance, frames[index])
    return b"".join(frames)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    head = len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4)
    return head + payload


def _head(chance: Chance) -> list[bytes]:
    head = _HEADS[chance.some(len(_HEADS)) if chance.is_rare(3) else 0]
    block = Encoder().encode(list(head.items()))
    if not chance.is_rare(4):
        return [_frame(_HEADERS, 4, 1, block)]
    cut = chance.randrange(len(block) + 1)
    return [
        _frame(_HEADERS, 0, 1, block[:cut]),
        _frame(_CONTINUATION, 4, 1, block[cut:]),
    ]


def _content(chance: Chance) -> list[bytes]:
    events = [
        encode_message(chance.choice(EVENTS), chance.choice(PAYLOADS))
        for _ in range(chance.some(8))
    ]
    if events and chance.is_rare(4):
        index = chance.randrange(len(events))
        events[index] = reframed(chance, events[index])
    frames = [_frame(_DATA, 0, 1, piece) for piece in pieces(chance, b"".join(events))]
    if not chance.is_rare(4):
        frames.append(_frame(_DATA, _END_STREAM, 1, b""))
    return frames


def _control(chance: Chance) -> bytes:
    kind, flags, payload = chance.choice(_CONTROL)
    stream = 0 if kind in _ON_CONNECTION else chance.choice((0, 1, 1, 1, 2, 3))
    return _frame(kind, flags, stream, payload)


def _damaged(chance: Chance, frame: bytes) -> bytes:
    """Return *frame* with another field or content, mostly of the right length."""
    if len(frame) < _HEADER_SIZE or chance.is_rare(4):
        return mutated(chance, frame)
    kind, flags = frame[3], frame[4]
    stream, payload = int.from_bytes(frame[5:9]), frame[9:]
    field = chance.randrange(4)
    if field == 0:
        kind = chance.randrange(_ALL_KINDS)
    elif field == 1:
        flags ^= 1 << chance.randrange(8)
    elif field == 2:
        stream = chance.choice(INTERESTING)
    else:
        payload = mutated(chance, payload)
    return _frame(kind, flags, stream % (1 << 32), payload)
