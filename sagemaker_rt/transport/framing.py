"""How the end of a response's body is found, so that a part is not taken for the whole.

A length ends a body, or a last chunk does. Where the end of the connection is all that
would, nobody could tell that it came too early.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import aiohttp

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

__all__ = ["NotedResponse", "unfit"]

_INTERIM: Final = frozenset(range(100, 200)) - {101}


class NotedResponse(aiohttp.ClientResponse):
    """A response that knows how the parser finds the end of its body.

    What the headers say is not enough: the parsers of aiohttp differ about which
    spellings of a coding they take for chunks.
    """

    is_chunked = False
    """Whether the parser reads the body as chunks."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Wait for the head, and note what aiohttp does not."""
        if connection.protocol is not None:
            # what fails here fails there again, as aiohttp tells it
            with contextlib.suppress(aiohttp.http.HttpProcessingError):
                await self._note(connection.protocol)
        return await super().start(connection)

    async def _note(self, protocol: ResponseHandler) -> None:
        message, payload = await protocol.read()
        while message.code in _INTERIM:
            leave, self._continue = self._continue, None
            if leave is not None and not leave.done():
                leave.set_result(True)  # which a request with a body to come waits for
            message, payload = await protocol.read()
        self.is_chunked = message.chunked
        behind = [await protocol.read() for _ in range(len(protocol))]
        for item in ((message, payload), *behind):
            protocol.feed_data(item, 0)


def unfit(response: aiohttp.ClientResponse) -> str | None:
    """Return why the body of *response* cannot be told to be whole, if so."""
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
