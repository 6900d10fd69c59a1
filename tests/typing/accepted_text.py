"""Streams as text, events, JSON values and text deltas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableSequence
from typing import Any, assert_type

from sagemaker_rt import (
    HEARTBEAT,
    Client,
    ContainerStreamError,
    DecodedStream,
    Decoder,
    DeltaFormat,
    DeltaStream,
    HeartbeatIterator,
    IncompleteOutputError,
    InvalidJSONError,
    InvalidTextError,
    InvokeEndpointInput,
    LineTooLongError,
    OutputDecodingError,
    ResponseStream,
    RuntimeClient,
    ServerSentEvent,
    TextDelta,
    ToolCallDelta,
    UnknownFormatError,
    Usage,
    register_delta_format,
    with_heartbeat,
)


class Words(DeltaFormat):
    """A format of a container."""

    name = "words"

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        """Recognize a word."""
        return "word" in value

    def read(self, value: Mapping[str, Any]) -> Iterable[TextDelta]:
        """Return one delta."""
        return [TextDelta(value["word"], usage=Usage(1, 2), raw=value)]


register_delta_format(Words)
SEEN: list[object] = []


async def read_text(stream: ResponseStream) -> None:
    """Read a stream in several ways."""
    async for text in stream.iter_text("replace"):
        assert_type(text, str)
    async for line in stream.iter_lines(max_line_bytes=1024):
        assert_type(line, str)
    async for event in stream.iter_sse():
        assert_type(event, ServerSentEvent)
        assert_type(event.retry, int | None)
    async for value in stream.iter_json():
        SEEN.extend((value, len(SEEN)))
    assert_type(await stream.read_text(), str)


async def read_deltas(stream: ResponseStream) -> str:
    """Read the text of a language model."""
    deltas = stream.iter_deltas(Words)
    texts: list[str] = []
    calls: list[ToolCallDelta] = []
    try:
        async for delta in deltas:
            assert_type(delta, TextDelta)
            texts.append(delta.text)
            calls.extend(delta.tool_calls)
    except ContainerStreamError as error:
        SEEN.append((error.message, error.error_type, error.error_code, error.text))
    except LineTooLongError as error:
        assert_type(error.limit, int)
    except (InvalidJSONError, InvalidTextError, IncompleteOutputError) as error:
        assert_type(error.text, str)
    except UnknownFormatError as error:
        SEEN.append(error)
    except OutputDecodingError:
        raise
    return "".join(texts) if deltas.ended == "done" else ""


async def send_heartbeats(stream: ResponseStream) -> None:
    """Fill silence with heartbeats."""
    async for item in with_heartbeat(stream.iter_lines(), every=5.0):
        if item is HEARTBEAT:
            SEEN.append(":")
        else:
            assert_type(item, str)


class Bytes:
    """A decoder of the caller's."""

    def feed(self, data: bytes, items: MutableSequence[int], /) -> None:
        """Append all bytes."""
        items.extend(data)

    def close(self, items: MutableSequence[int], /) -> None:
        """Append nothing."""


decoder: Decoder[int] = Bytes()


def annotated(
    stream: ResponseStream,
) -> tuple[DeltaStream, DecodedStream[int], HeartbeatIterator[str]]:
    """Name the types of the iterators."""
    lines = with_heartbeat(stream.iter_lines())
    return stream.iter_deltas(), stream.iter_decoded(decoder), lines


async def echo(client: RuntimeClient) -> object:
    """Call a model by what the conveniences need of a client."""
    params = InvokeEndpointInput(endpoint_name="echo", body=b"")
    return await client.invoke_endpoint(params)


async def echo_by(client: Client) -> object:
    """Pass a client as one."""
    return await echo(client)
