"""The signed events of a request."""

from __future__ import annotations

import pytest

from sagemaker_rt.emulator.http2_stream import Http2Stream
from sagemaker_rt.emulator.incoming_events import EventsRefused, IncomingEvents
from sagemaker_rt.emulator.websocket_models import Incoming
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.bidirectional_events import encode_event
from sagemaker_rt.sansio.event_signing import (
    EventSigner,
    EventVerifier,
    SignatureChain,
)
from sagemaker_rt.sansio.eventstream import encode_message
from tests.emulator.stream_connections import Recorded


def chain() -> SignatureChain:
    keys = Credentials("AKIDEXAMPLE", "a-secret")
    return SignatureChain(keys, region="r", service="s", prior="ab" * 32)


async def passed(*frames: bytes, end: bool = True) -> list[str | bytes]:
    """Return the messages that a model receives for signed *frames*."""
    stream, signer = Http2Stream(Recorded(), 1, {}), EventSigner(chain())
    for frame in (*frames, b"") if end else frames:
        data = signer.sign(frame, at=1_700_000_000_000)
        stream.feed(data, len(data))
    stream.feed_end()
    incoming = Incoming(path="", query="", variant="")
    await IncomingEvents(stream, EventVerifier(chain())).pass_to(incoming)
    return [message async for message in incoming]


async def test_events_become_messages() -> None:
    text = {"data_type": "UTF8"}

    assert ["ab", b"c"] == await passed(
        encode_event(b"a", completion_state="PARTIAL", **text),
        encode_event(b"b", **text),
        encode_event(b"c"),
    )


@pytest.mark.parametrize(
    "frame",
    [
        encode_event(b"\xff", data_type="UTF8"),
        encode_message({":message-type": "event", ":event-type": "Other"}),
    ],
)
async def test_an_invalid_event_is_refused(frame: bytes) -> None:
    with pytest.raises(EventsRefused):
        await passed(frame)


async def test_the_end_must_be_signed() -> None:
    with pytest.raises(EventsRefused):
        await passed(encode_event(b"x"), end=False)
