"""What a live endpoint does in a stream in both directions, without secrets.

A capture has the HTTP/2 frames of the service without their contents, the sizes and
times of events, and the text of errors. It has no request headers, no bodies and no
credentials.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from sagemaker_rt.errors import ModelStreamError, SageMakerRuntimeError
from sagemaker_rt.sansio.close_codes import close_code

__all__ = ["EventClock", "StreamCapture", "redact"]

Entry: TypeAlias = dict[str, Any]

_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_%-]{16,}")
_NAME: Final = re.compile(r"[A-Za-z_]{1,39}")  # a secret key has 40 characters
_HEADER_SIZE: Final = 9
_STREAM_ID: Final = 0x7FFF_FFFF
_SETTING_SIZE: Final = 6
_FRAMES: Final = {
    0: "DATA",
    1: "HEADERS",
    3: "RST_STREAM",
    4: "SETTINGS",
    6: "PING",
    7: "GOAWAY",
    8: "WINDOW_UPDATE",
    9: "CONTINUATION",
}
_SHOWN_HEADERS: Final = frozenset({"content-type", "x-amzn-errortype", "server"})


class StreamCapture:
    """Collects what happens in a stream.

    Args:
        clock: Returns seconds of a monotonic clock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock: Final = clock
        self._started: Final = clock()
        self._buffer = b""
        self._errors: Final[list[SageMakerRuntimeError]] = []
        self.entries: Final[list[Entry]] = []
        """What happened, in order."""

    def add(self, what: str, **facts: object) -> None:
        """Add an entry with the time since the start."""
        seconds = round(self._clock() - self._started, 4)
        self.entries.append({"seconds": seconds, "what": what, **facts})

    def received(self, data: bytes) -> None:
        """Add the HTTP/2 frames that *data* completes."""
        self._buffer += data
        while len(self._buffer) >= _HEADER_SIZE:
            end = _HEADER_SIZE + int.from_bytes(self._buffer[:3], "big")
            if len(self._buffer) < end:
                return
            frame, self._buffer = self._buffer[:end], self._buffer[end:]
            self._add_frame(frame)

    def response(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Add the names of response headers, and the values that identify nobody."""
        shown = {
            name: value if name.lower() in _SHOWN_HEADERS else "<redacted>"
            for name, value in headers
        }
        self.add("response headers", status=status, headers=shown)

    def error(self, error: SageMakerRuntimeError) -> None:
        """Add *error* with its text, unless it was added before."""
        if error in self._errors:
            return
        self._errors.append(error)
        self.add(
            "error",
            type=type(error).__name__,
            text=redact(str(error)),
            code=redact(str(getattr(error, "error_code", "") or "")),
            close_code=close_code(error)
            if isinstance(error, ModelStreamError)
            else None,
        )

    def as_json(self) -> str:
        """Return the entries as lines of JSON."""
        return "".join(json.dumps(entry) + "\n" for entry in self.entries)

    def _add_frame(self, frame: bytes) -> None:
        kind, payload = frame[3], frame[_HEADER_SIZE:]
        facts: Entry = {
            "bytes": len(payload),
            "flags": frame[4],
            "stream": int.from_bytes(frame[5:9], "big") & _STREAM_ID,
        }
        name = _FRAMES.get(kind, str(kind))
        if name == "SETTINGS":
            facts["settings"] = _settings(payload)
        elif name in {"RST_STREAM", "WINDOW_UPDATE"}:
            facts["value"] = int.from_bytes(payload, "big")
        elif name == "GOAWAY":
            facts["last_stream"] = int.from_bytes(payload[:4], "big") & _STREAM_ID
            facts["error_code"] = int.from_bytes(payload[4:8], "big")
            facts["debug"] = redact(payload[8:].decode("utf-8", "replace"))
        self.add(f"received {name}", **facts)


class EventClock:
    """The time of signatures, which is wrong for events and right for the request.

    A capture shows how closely the service checks the ``:date`` of events.

    Args:
        clock: Returns seconds since the epoch.
        offset: Seconds to add for events.
    """

    def __init__(self, clock: Callable[[], float], offset: float) -> None:
        self._clock: Final = clock
        self._offset: Final = offset
        self.is_connected = False
        """Whether the request has been signed, so that events follow."""

    def __call__(self) -> float:
        """Return the time of the next signature."""
        return self._clock() + (self._offset if self.is_connected else 0)


def redact(text: str) -> str:
    """Return *text* without account ids, keys, tokens and signatures."""
    text = _ACCOUNT.sub("<account>", text)
    return _TOKEN.sub(
        lambda found: found[0] if _NAME.fullmatch(found[0]) else "<redacted>", text
    )


def _settings(payload: bytes) -> dict[str, int]:
    """Return the values of SETTINGS by their numbers (RFC 9113, section 6.5.2)."""
    return {
        str(int.from_bytes(payload[at : at + 2], "big")): int.from_bytes(
            payload[at + 2 : at + _SETTING_SIZE], "big"
        )
        for at in range(0, len(payload), _SETTING_SIZE)
    }
