"""Putting answers on a connection, whole, in parts, or as a fault would have them."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from aiohttp import web

from sagemaker_rt.emulator.event_stream import in_pieces
from sagemaker_rt.emulator.faults import BodyFault, Ending, SlowDrip
from sagemaker_rt.emulator.responses import Answer, StreamedAnswer

__all__ = ["deliver", "disconnect"]

# Windows declares the two numbers of its struct linger shorter
_LINGER_NOT: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


async def deliver(
    request: web.BaseRequest,
    answer: Answer | StreamedAnswer,
    *,
    fault: BodyFault | None,
    write_bytes: int | None,
) -> web.StreamResponse:
    """Send *answer*, its body spoilt by *fault*.

    Args:
        write_bytes: How many bytes of a stream are written at once; None is a frame.
    """
    if isinstance(answer, Answer):
        if fault is None:
            return web.Response(
                status=answer.status, body=answer.body, headers=answer.headers
            )
        response = web.StreamResponse(status=answer.status, headers=answer.headers)
        response.content_length = len(answer.body)
        return await _send(request, response, _whole(answer.body), fault=fault)
    response = web.StreamResponse(headers=answer.headers)
    # the frames have begun: they are closed here, whatever becomes of the rest
    async with aclosing(answer.frames):
        return await _send(
            request, response, answer.frames, fault=fault, write_bytes=write_bytes
        )


async def _send(
    request: web.BaseRequest,
    response: web.StreamResponse,
    frames: AsyncGenerator[bytes],
    *,
    fault: BodyFault | None,
    write_bytes: int | None = None,
) -> web.StreamResponse:
    """Write *frames* as the body of *response*, and end it as *fault* wants it."""
    if fault is not None:
        frames = fault.spoil(frames)
    size = None if isinstance(fault, SlowDrip) else write_bytes
    async with aclosing(in_pieces(frames, size)) as pieces:
        await response.prepare(request)
        async for piece in pieces:
            await response.write(piece)
    if fault is None or fault.ending is Ending.FINISH:
        await response.write_eof()
        return response
    disconnect(request, fault.ending)
    return response


async def _whole(body: bytes) -> AsyncGenerator[bytes]:
    """Yield *body*."""
    yield body


def disconnect(request: web.BaseRequest, ending: Ending) -> None:
    """End the connection of *request* after what was written so far."""
    transport = request.transport
    if transport is None:
        return
    if ending is Ending.HANG_UP:
        transport.close()
        return
    endpoint: socket.socket = transport.get_extra_info("socket")
    # with no time to linger, closing sends RST instead of FIN: socket(7), SO_LINGER
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()
