"""The body of a request while it waits to be sent over HTTP/2."""

from __future__ import annotations

from collections import deque
from typing import Final

from sagemaker_rt.transport.http2_session import Http2Session

__all__ = ["Outgoing"]


class Outgoing:
    """Queues pieces of a request body, and writes them as flow control allows."""

    def __init__(self, session: Http2Session) -> None:
        self._session: Final = session
        self._pieces: Final[deque[bytes]] = deque()
        self._offset = 0  # of the first piece
        self.size = 0
        """Bytes that wait to be sent."""
        self.is_ending = False
        """Whether the end of the body is queued."""
        self.is_finished = False
        """Whether the end of the body was written."""

    def append(self, data: bytes) -> None:
        """Queue *data*, as a piece that gets a frame for itself if it fits."""
        self._pieces.append(data)
        self.size += len(data)

    def end(self) -> None:
        """Queue the end of the body."""
        self.is_ending = True

    def clear(self) -> None:
        """Discard what waits to be sent."""
        self._pieces.clear()
        self.size = self._offset = 0

    def write(self) -> bool:
        """Write to the session what flow control allows; return whether it was any."""
        has_written = False
        while self._pieces:
            limit = self._session.send_limit
            if limit <= 0:
                return has_written
            piece, start = self._pieces[0], self._offset
            if len(piece) - start <= limit:
                self._pieces.popleft()
                self._offset = 0
                data = piece[start:] if start else piece
            else:
                self._offset += limit
                data = piece[start : start + limit]
            self.size -= len(data)
            self._session.send(data)
            has_written = True
        if self.is_ending and not self.is_finished:
            self.is_finished = True
            self._session.send(b"", end=True)
        return has_written
