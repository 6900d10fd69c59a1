"""aioresponses, fit for aiohttp 3.14 and for this library's HTTP client.

aioresponses takes the place of the requests of aiohttp's sessions, so it sees the calls
of a client that was given a session::

    async with aiohttp.ClientSession() as session:
        client = Client(http_client=AiohttpClient(session), region="eu-west-1")
        with aioresponses() as mocked:
            mocked.post(url, body=b"[0.9]")
            await client.invoke_endpoint(endpoint_name="my-model", body=b"...")

(With a session of its own, the client goes to aiohttp's connections directly.) For new
tests there are `Stubs`, which do more and need no URLs; this is for those that exist.

aioresponses 0.7.9 makes responses without the ``stream_writer`` that aiohttp 3.14 asks
for, and with a body whose reading cannot be paused, which one of more than 128 KiB is.
Pull requests 288 and 292 of pnuckowski/aioresponses mend that. With a release that has
both, this module is only there for two more things: a ``Content-Length``, without which
the client refuses an answer as one that may have been cut, and the body of a request as
bytes.
"""

from __future__ import annotations

import asyncio
import json
import re
from functools import partial
from typing import Any, Final
from uuid import uuid4

from aiohttp import ClientResponse, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import StreamWriter
from aioresponses import aioresponses as _aioresponses
from aioresponses.core import RequestCall, RequestMatch
from multidict import CIMultiDict
from yarl import URL

from sagemaker_rt.http import FileBody
from sagemaker_rt.transport.request_body import RequestBody

__all__ = ["aioresponses"]

_NEVER_PAUSED: Final = 1 << 62


class _NothingWritten(StreamWriter):
    """The writer of a request that was not written."""

    def __init__(self) -> None:
        """Need nothing of the base: nobody will write."""


class _Match(RequestMatch):
    """An answer to requests, whose responses this library's client can read."""

    def _build_response(self, *args: Any, **kwargs: Any) -> ClientResponse:
        body = kwargs.pop("body", b"")
        if kwargs.get("payload") is not None:
            body = json.dumps(kwargs.pop("payload"))
        if isinstance(body, str):
            body = body.encode()
        headers: CIMultiDict[str] = CIMultiDict(kwargs.get("headers") or {})
        headers.setdefault("Content-Length", str(len(body)))
        kwargs["headers"] = headers
        kwargs["response_class"] = partial(
            kwargs.get("response_class") or ClientResponse,
            stream_writer=_NothingWritten(),
        )
        response = super()._build_response(*args, **kwargs)
        response.content = _content(body)
        return response


class aioresponses(_aioresponses):  # noqa: N801 - as those who use it know it
    """What aioresponses has under that name; everything is used as it says.

    The requests that it remembers, and those that callbacks are told of, have their
    bodies as bytes in ``data``, and all headers that would have been sent.
    """

    def add(self, url: URL | str | re.Pattern[str], *args: Any, **kwargs: Any) -> None:
        """Answer requests to *url*, as aioresponses does."""
        self._matches[str(uuid4())] = _Match(url, *args, **kwargs)

    async def match(
        self,
        method: str,
        url: URL,
        allow_redirects: bool = True,  # noqa: FBT001, FBT002 - the base's
        **kwargs: Any,
    ) -> ClientResponse | None:
        """Return the response to a request, as aioresponses does."""
        return await super().match(method, url, allow_redirects, **_plain(kwargs))

    def _build_request_call(
        self, method: str = "GET", *args: Any, **kwargs: Any
    ) -> RequestCall:
        call: RequestCall = super()._build_request_call(method, *args, **_plain(kwargs))
        return call


def _plain(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return *kwargs* with the body that they hold as bytes."""
    data = kwargs.get("data")
    if not isinstance(data, RequestBody):
        return kwargs
    body = data.request.body
    if isinstance(body, FileBody):
        body = b"".join(body.chunks())
    return {**kwargs, "data": body}


def _content(body: bytes) -> StreamReader:
    """Return *body* as aiohttp has one that has arrived."""
    loop = asyncio.get_running_loop()
    content = StreamReader(BaseProtocol(loop), _NEVER_PAUSED, loop=loop)
    content.feed_data(body)
    content.feed_eof()
    return content
