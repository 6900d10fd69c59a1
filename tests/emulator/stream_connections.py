"""A connection in memory, which records what a stream writes."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Recorded"]


class Recorded:
    """A `StreamConnection` whose window the test sets."""

    def __init__(self, window: int = 1 << 20) -> None:
        self.window = window
        self.calls: list[object] = []
        self.data = b""

    def write_headers(
        self, stream_id: int, headers: Sequence[tuple[str, str]], *, end: bool
    ) -> None:
        self.calls.append(("headers", end))

    def write_data(self, stream_id: int, data: bytes) -> int:
        size = min(self.window, len(data))
        self.window -= size
        self.data += data[:size]
        return size

    def write_end(self, stream_id: int) -> None:
        self.calls.append("end")

    def write_reset(self, stream_id: int, error_code: int) -> None:
        self.calls.append(("reset", error_code))

    def write_goaway(self, last_stream_id: int, error_code: int) -> None:
        self.calls.append(("goaway", last_stream_id, error_code))

    def return_credit(self, stream_id: int, size: int) -> None:
        self.calls.append(("credit", size))

    def disconnect(self, *, abort: bool) -> None:
        self.calls.append(("disconnect", abort))
