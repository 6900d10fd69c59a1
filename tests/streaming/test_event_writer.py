from __future__ import annotations

import pytest

from sagemaker_rt.errors import ParamValidationError, SerializationError
from sagemaker_rt.shapes import RequestPayloadPart
from sagemaker_rt.streaming.event_writer import EventWriter


class Sent(EventWriter):
    def __init__(self) -> None:
        self.parts: list[RequestPayloadPart] = []

    async def send(self, part: RequestPayloadPart) -> None:
        self.parts.append(part)


async def test_text_and_bytes_are_sent_as_events_of_their_type() -> None:
    sent = Sent()

    await sent.send_text("é", is_partial=True)
    await sent.send_bytes(b"\xff")
    with pytest.raises(SerializationError):
        await sent.send_text("\ud800")
    with pytest.raises(ParamValidationError):
        await sent.send_text(b"x")  # type: ignore[arg-type] # the case
    with pytest.raises(ParamValidationError):
        await sent.send_bytes(None)  # type: ignore[arg-type] # the case

    assert [
        RequestPayloadPart("é".encode(), data_type="UTF8", completion_state="PARTIAL"),
        RequestPayloadPart(b"\xff", data_type="BINARY", completion_state="COMPLETE"),
    ] == sent.parts
