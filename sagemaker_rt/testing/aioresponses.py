"""aioresponses for aiohttp 3.14 and the HTTP client of this library.

aioresponses replaces the request method of aiohttp sessions. It sees the calls of a
client that uses a session::

    async with aiohttp.ClientSession() as session:
        client = Client(http_client=AiohttpClient(session), region="eu-west-1")
        with aioresponses() as mocked:
            mocked.post(url, body=b"[0.9]")
            await client.invoke_endpoint(endpoint_name="my-model", body=b"...")

Without ``AiohttpClient``, a client may use an HTTP client that is not aiohttp, and
aioresponses has no effect. This module is for existing tests. For new tests, use
`Stubs`: they need no URLs, and also cover streams and errors.

aioresponses 0.7.9 is incompatible with aiohttp 3.14: its responses have no
``stream_writer``, and reading a body of more than 128 KiB fails. Pull requests 288 and
292 of pnuckowski/aioresponses fix these. This module also adds two things: a
``Content-Length`` header, without which the client rejects a response as possibly
truncated, and the body of a request as bytes.
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

_NO_LIMIT: Final = 1 << 62


class _ClosedWriter(StreamWriter):
    """The writer of a request that is not sent."""

    def __init__(self) -> None:
        """Skip the base class, which needs a connection."""


class _Match(RequestMatch):
    """A mocked response that aiohttp 3.14 and this library can read."""

    def _build_response(self, *args: Any, **kwargs: Any) -> ClientResponse:
        body = kwargs.pop("body", b"")
        if kwargs.get("payload") is not None:
            body = json.dumps(kwargs.pop("payload"))
        if isinstance(body, str):
            body = body.encode()
        headers: CIMultiDict[str] = CIMultiDict(kwargs.get("headers") or {})
        # without it, the client rejects the response as possibly truncated
        headers.setdefault("Content-Length", str(len(body)))
        kwargs["headers"] = headers
        kwargs["response_class"] = partial(
            kwargs.get("response_class") or ClientResponse,
            stream_writer=_ClosedWriter(),
        )
        response = super()._build_response(*args, **kwargs)
        response.content = _complete_body(body)
        return response


class aioresponses(_aioresponses):  # noqa: N801 - the name in aioresponses
    """A replacement of ``aioresponses.aioresponses``, with the same interface.

    Recorded requests and the arguments of callbacks have the body as bytes in ``data``,
    and all headers of the request.
    """

    def add(self, url: URL | str | re.Pattern[str], *args: Any, **kwargs: Any) -> None:
        """Mock the response to requests of *url*; see aioresponses."""
        self._matches[str(uuid4())] = _Match(url, *args, **kwargs)

    async def match(
        self,
        method: str,
        url: URL,
        allow_redirects: bool = True,  # noqa: FBT001, FBT002 - as in the base class
        **kwargs: Any,
    ) -> ClientResponse | None:
        """Return the mocked response to a request; see aioresponses."""
        return await super().match(method, url, allow_redirects, **_with_bytes(kwargs))

    def _build_request_call(
        self, method: str = "GET", *args: Any, **kwargs: Any
    ) -> RequestCall:
        call: RequestCall = super()._build_request_call(
            method, *args, **_with_bytes(kwargs)
        )
        return call


def _with_bytes(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return *kwargs* with the request body as bytes."""
    data = kwargs.get("data")
    if not isinstance(data, RequestBody):
        return kwargs
    body = data.request.body
    if isinstance(body, FileBody):
        body = b"".join(body.chunks())
    return {**kwargs, "data": body}


def _complete_body(body: bytes) -> StreamReader:
    """Return *body* as a stream that was received completely."""
    loop = asyncio.get_running_loop()
    content = StreamReader(BaseProtocol(loop), _NO_LIMIT, loop=loop)
    content.feed_data(body)
    content.feed_eof()
    return content
