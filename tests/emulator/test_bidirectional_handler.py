"""The operation of streams in both directions, over sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.emulator import (
    HANG_UP,
    CloseWebSocket,
    Emulator,
    Incoming,
    Partial,
    StreamFault,
    StreamFaultKind,
    throttle,
)
from sagemaker_rt.errors import ConnectionLostError
from sagemaker_rt.sansio.bidirectional_events import encode_event
from tests.emulator.stream_clients import signed, talk


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


async def test_frames_become_events(emulator: Emulator) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str | bytes | Partial]:
        yield Partial("a")
        yield "b"
        yield b"c"
        await anext(incoming, None)

    emulator.deploy_websocket("echo", model)
    async with talk(emulator) as stream:
        stream.send(b"")
        events = await stream.rest()

    assert [
        ("UTF8", "PARTIAL", b"a"),
        ("UTF8", "COMPLETE", b"b"),
        ("BINARY", "COMPLETE", b"c"),
    ] == [
        (event.headers["DataType"], event.headers["CompletionState"], event.payload)
        for event in events
    ]


@pytest.mark.parametrize(
    ("raised", "text"),
    [
        (None, "code 1000"),
        (CloseWebSocket(1001, "away"), "code 1001: away"),
        (ValueError("odd"), "code 1011: ValueError: odd"),
    ],
)
async def test_a_close_becomes_an_exception(
    raised: Exception | None, text: str, emulator: Emulator
) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str]:
        yield "x"
        if raised is not None:
            raise raised

    emulator.deploy_websocket("echo", model)
    async with talk(emulator) as stream:
        _, event = await stream.rest()

    assert "ModelStreamError" == event.headers[":exception-type"]
    assert text in event.payload.decode()


async def test_a_wrong_signature_is_refused(emulator: Emulator) -> None:
    async with talk(emulator) as stream:
        stream.signer.sign(b"never sent", at=0)
        stream.send(encode_event(b"x"))
        (event,) = await stream.rest()

    assert "InvalidSignatureException" == event.headers[":error-code"]


@pytest.mark.parametrize("path", ["/other", "/endpoints/a/b/c"])
async def test_another_path_is_unknown(path: str, emulator: Emulator) -> None:
    async with talk(emulator, signed(emulator, path=path)) as stream:
        assert 404 == (await stream.response()).status


async def test_faults_of_heads_apply(emulator: Emulator) -> None:
    emulator.fail_next(throttle(), HANG_UP)

    async with talk(emulator) as stream:
        assert 429 == (await stream.response()).status
    async with talk(emulator) as stream:
        with pytest.raises(ConnectionLostError):
            await stream.response()


async def test_a_fault_of_streams_does_not_apply_to_other_operations(
    emulator: Emulator,
) -> None:
    fault = StreamFault(StreamFaultKind.RESET)
    emulator.fail_next(fault)

    assert emulator.faults.take("InvokeEndpoint") is None
    assert fault is emulator.faults.take("InvokeEndpointWithBidirectionalStream")
