"""Writes responses to connections, with the faults that apply to them."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from aiohttp import web

from sagemaker_rt.emulator.event_stream import rechunk
from sagemaker_rt.emulator.faults import BodyFault, Ending, SlowDrip
from sagemaker_rt.emulator.responses import Answer, ResponseBroken, StreamedAnswer

__all__ = ["disconnect", "write_answer"]

# struct linger: on, for 0 seconds; Windows declares its members as unsigned short
_NO_LINGER: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


async def write_answer(
    request: web.BaseRequest,
    answer: Answer | StreamedAnswer,
    *,
    fault: BodyFault | None,
    write_bytes: int | None,
) -> web.StreamResponse:
    """Send *answer* as the response to *request*.

    Args:
        fault: Changes the body.
        write_bytes: Size of the writes of an event stream; None writes one message at
            a time.
    """
    if isinstance(answer, Answer):
        if fault is None:
            return web.Response(
                status=answer.status, body=answer.body, headers=answer.headers
            )
        response = web.StreamResponse(status=answer.status, headers=answer.headers)
        # the declared length stays that of the whole body, so that a cut is visible
        response.content_length = len(answer.body)
        return await _send(request, response, _single(answer.body), fault=fault)
    response = web.StreamResponse(headers=answer.headers)
    # the first message was generated already: close the generator in any case
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
    """Write *frames* as the body of *response*, and end it as *fault* demands.

    The rest is not written if the client has closed the connection.
    """
    if fault is not None:
        frames = fault.spoil(frames)
    size = None if isinstance(fault, SlowDrip) else write_bytes
    ending = Ending.FINISH if fault is None else fault.ending
    async with aclosing(rechunk(frames, size)) as pieces:
        try:
            await response.prepare(request)
            async for piece in pieces:
                await response.write(piece)
            if ending is Ending.FINISH:
                await response.write_eof()
        except ResponseBroken:
            disconnect(request, Ending.HANG_UP)
            return response
        except ConnectionResetError:  # the client; aiohttp would log a traceback
            return response
    if ending is not Ending.FINISH:
        disconnect(request, ending)
    return response


async def _single(body: bytes) -> AsyncGenerator[bytes]:
    yield body


def disconnect(request: web.BaseRequest, ending: Ending) -> None:
    """Close or reset the connection of *request*; bytes written so far may be lost."""
    transport = request.transport
    if transport is None:
        return
    if ending is Ending.HANG_UP:
        transport.close()
        return
    endpoint: socket.socket = transport.get_extra_info("socket")
    # with a linger time of 0, closing sends RST instead of FIN: socket(7), SO_LINGER
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
