"""How the end of a response's body is found, so that a part is not taken for the whole.

A length ends a body, or a last chunk does. Where the end of the connection is all that
would, nobody could tell that it came too early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp

if TYPE_CHECKING:
    from aiohttp.connector import Connection

__all__ = ["NotedResponse", "unfit"]

_FINAL: Final = 200
_SWITCHING: Final = 101
_PART: Final = 206


class NotedResponse(aiohttp.ClientResponse):
    """A response that knows how the parser finds the end of its body.

    What the headers say is not enough: the parsers of aiohttp differ about which
    spellings of a coding they take for chunks.
    """

    is_chunked = False
    """Whether the parser reads the body as chunks."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Wait for the head, and note what aiohttp does not."""
        protocol = connection.protocol
        if protocol is None:
            return await super().start(connection)
        try:
            head = await protocol.read()
            while head[0].code < _FINAL and head[0].code != _SWITCHING:
                self._give_leave()
                head = await protocol.read()
        except aiohttp.http.HttpProcessingError:
            pass  # it is raised there again, as aiohttp tells it
        else:
            self.is_chunked = head[0].chunked
            behind = [await protocol.read() for _ in range(len(protocol))]
            protocol.feed_data(head, 0)
            for item in behind:
                protocol.feed_data(item, 0)
        return await super().start(connection)

    def _give_leave(self) -> None:
        """Let a body go that waits for an interim answer."""
        leave, self._continue = self._continue, None
        if leave is not None and not leave.done():
            leave.set_result(True)


def unfit(response: aiohttp.ClientResponse) -> str | None:
    """Return why the body of *response* cannot be told to be whole, if so."""
    if response.status == _PART:
        return f"is a part, which nobody asked for: HTTP {_PART}"
    if response.content is aiohttp.EMPTY_PAYLOAD:
        return None
    codings = response.headers.getall("Transfer-Encoding", [])
    is_chunked = isinstance(response, NotedResponse) and response.is_chunked
    if not codings and not is_chunked and "Content-Length" in response.headers:
        return None
    if not codings or not is_chunked:
        return "has no length: a part looks like a whole"
    if [coding.lower() for coding in codings] != ["chunked"]:
        return f"is in a coding that was not asked for: {', '.join(codings)!r:.200}"
    return None
