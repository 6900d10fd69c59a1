"""Values in and out: JSON bodies, decoded outputs, and codecs."""

from __future__ import annotations

from datetime import date
from typing import Any, assert_type

import numpy as np

from sagemaker_rt import (
    Client,
    Codec,
    CSVCodec,
    InvokeEndpointAsyncOutput,
    InvokeEndpointOutput,
    JSONCodec,
    JSONLinesCodec,
    NPYCodec,
    NPZCodec,
    RawCodec,
    StreamCall,
    TextCodec,
    UnsentRequest,
    register_codec,
    with_options,
)
from sagemaker_rt.errors import OutputDecodingError, SerializationError

CODECS: list[Codec] = [
    JSONCodec(),
    JSONLinesCodec(),
    CSVCodec(header=True, numbers=False),
    NPYCodec(),
    NPZCodec(max_bytes=1000),
    TextCodec(),
    RawCodec(content_type="image/png", accept="application/json"),
]


class DateCodec:
    """A codec that is registered."""

    content_type = "application/x-date"
    accept = "application/x-date"

    def encode(self, value: date) -> bytes:
        """Return a date as text."""
        return value.isoformat().encode()

    def decode(self, body: bytes, content_type: str | None) -> date:
        """Return the date in a response."""
        return date.fromisoformat(body.decode())


async def send_json(client: Client) -> str:
    """Send JSON by all operations."""
    output = await client.invoke_endpoint(
        with_options(max_attempts=1), endpoint_name="m", json={"inputs": [1, None]}
    )
    assert_type(output, InvokeEndpointOutput)
    assert_type(output.json(), Any)
    queued = await client.invoke_endpoint_async(
        endpoint_name="m", json=[1], filename="answer"
    )
    assert_type(queued, InvokeEndpointAsyncOutput)
    call = client.invoke_endpoint_with_response_stream(
        endpoint_name="m", json="text", content_type="application/vnd.acme+json"
    )
    assert_type(call, StreamCall)
    request = client.request("invoke_endpoint", endpoint_name="m", json={})
    assert_type(request, UnsentRequest[InvokeEndpointOutput])
    return output.text


async def predict(client: Client) -> Any:
    """Send and receive values."""
    await client.predict("m", {"inputs": "text"})
    await client.predict("m", np.zeros(3), with_options(read_timeout=5))
    await client.predict("m", [[1, 2]], codec="csv", target_model="t.tar.gz")
    try:
        return await client.predict(
            "m", b"", codec=CODECS[-1], session_id="s", accept="text/csv"
        )
    except SerializationError as error:
        assert_type(error.path, str | None)
    except OutputDecodingError as error:
        return error.output


def register() -> None:
    """Register a codec, and one for a class."""
    register_codec(
        DateCodec(), name="date", types=[date], media_types=["application/x-day"]
    )
    register_codec(JSONCodec(accept="application/x-json"))
