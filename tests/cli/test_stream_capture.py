"""What a live endpoint does in a stream, without secrets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from hyperframe.frame import GoAwayFrame, PingFrame, RstStreamFrame, SettingsFrame

from sagemaker_rt import Credentials
from sagemaker_rt.cli.stream_capture import EventClock, StreamCapture, redact
from sagemaker_rt.emulator import CloseWebSocket, Emulator, Incoming
from sagemaker_rt.errors import ModelStreamError
from tests.cli.running import Result, run, variables

KEYS: Final = Credentials(
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "FwoGZXIvYXdzEBYaDH4secret+session/token==",
)
TEXT: Final = "the spoken words"


async def converse(path: Path, *, code: int) -> tuple[Result, Emulator]:
    """Capture a conversation with a model that closes with *code* in a file."""

    async def model(incoming: Incoming) -> AsyncIterator[str]:
        yield f"you said {await anext(incoming)}"
        reason = f"arn:aws:sagemaker:us-east-1:123456789012:{KEYS.session_token}"
        raise CloseWebSocket(code, reason)

    async with Emulator(credentials=KEYS, websocket_models={"m": model}) as emulator:
        result = await run(
            *("converse", "m", "--capture", str(path)),
            environ=variables(emulator),
            stdin=f"{TEXT}\n".encode(),
        )
    return result, emulator


@pytest.mark.parametrize(("code", "exit_code"), [(1000, 0), (4000, 1)])
def test_a_close_is_captured_without_secrets(
    code: int, exit_code: int, tmp_path: Path
) -> None:
    path = tmp_path / "capture"
    result, emulator = asyncio.run(converse(path, code=code))
    text = path.read_text(encoding="utf-8")
    entries = [json.loads(line) for line in text.splitlines()]
    (error,) = [entry for entry in entries if entry["what"] == "error"]
    (head,) = [entry for entry in entries if entry["what"] == "response headers"]
    what = [entry["what"] for entry in entries]

    assert exit_code == bool(result.code)
    assert ("ModelStreamError", code) == (error["type"], error["close_code"])
    assert f"closed by the model with code {code}" in error["text"]
    assert 200 == head["status"]
    assert {"received SETTINGS", "received DATA", "sent event"} <= set(what)
    (request,) = emulator.requests
    signature = request.headers["authorization"].rpartition("=")[2]
    secrets = (KEYS.access_key_id, KEYS.secret_access_key, KEYS.session_token)
    for secret in (*secrets, signature, TEXT, "123456789012"):
        assert secret is not None
        assert secret not in text


def captured(*frames: Any) -> list[dict[str, Any]]:
    """Return the entries of *frames*, which arrive byte by byte."""
    capture = StreamCapture(clock=lambda: 1.0)
    for byte in b"".join(frame.serialize() for frame in frames):
        capture.received(bytes([byte]))
    return capture.entries


def test_frames_of_the_service_are_captured_with_their_values() -> None:
    settings, ping, reset, goaway = captured(
        SettingsFrame(0, settings={3: 100, 4: 65_535}),
        PingFrame(0, opaque_data=b"12345678", flags=["ACK"]),
        RstStreamFrame(1, error_code=8),
        GoAwayFrame(0, 1, 2, additional_data=b"key AKIAIOSFODNN7EXAMPLE"),
    )

    assert {"3": 100, "4": 65_535} == settings["settings"]
    assert ("received PING", 1, 8) == (ping["what"], ping["flags"], ping["bytes"])
    assert (1, 8) == (reset["stream"], reset["value"])
    assert (1, 2, "key <redacted>") == tuple(
        goaway[name] for name in ("last_stream", "error_code", "debug")
    )


def test_an_error_is_captured_once() -> None:
    capture = StreamCapture()
    error = ModelStreamError("no")
    capture.error(error)
    capture.error(error)

    assert 1 == len(capture.entries)


def test_names_are_kept_and_keys_are_not() -> None:
    assert "INTERNAL_FAILURE_FROM_MODEL" == redact("INTERNAL_FAILURE_FROM_MODEL")
    assert "Signature=<redacted>" != redact("Signature=" + "0a" * 32)
    assert "0a0a" not in redact("Signature=" + "0a" * 32)


def test_the_clock_of_events_is_wrong_only_while_a_connection_is_open() -> None:
    clock = EventClock(lambda: 1000.0, -600.0)

    times = []
    for is_connected in (False, True, False):
        clock.is_connected = is_connected
        times.append(clock())

    assert [1000.0, 400.0, 1000.0] == times
