"""Writes requests with exactly the headers that were signed.

aiohttp would add headers, and reorder or replace some. Small requests are
written in one piece, without the task that aiohttp starts for each body.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp.http import StreamWriter
from multidict import CIMultiDict

from sagemaker_rt.transport.request_body import RequestBody

if TYPE_CHECKING:
    from aiohttp.connector import Connection
    from aiohttp.typedefs import LooseHeaders
    from yarl import URL

__all__ = ["IS_SUPPORTED_RELEASE", "ExactRequest", "ProxiedRequest"]

IS_SUPPORTED_RELEASE: Final = aiohttp.__version__.startswith("3.14.")
"""Whether the private names of aiohttp used here were tested with its version.

With any other version, aiohttp's own code is used throughout, which is slower.
"""


class ExactRequest(aiohttp.ClientRequest):
    """A request that is sent with the given headers, and no others."""

    def update_headers(self, headers: LooseHeaders | None) -> None:
        """Use *headers* as they are, including Host."""
        self.headers = (
            headers if isinstance(headers, CIMultiDict) else CIMultiDict(headers or ())
        )

    def update_auto_headers(
        self,
        skip_auto_headers: Iterable[str] | None,  # noqa: ARG002 - of the base class
    ) -> None:
        """Add no headers; aiohttp would add Accept and User-Agent."""
        self._skip_auto_headers = _CONTENT_TYPE

    def update_body_from_data(self, body: Any, _stacklevel: int = 3) -> None:
        """Use *body* as it is; the headers have its length already."""
        self._body = body

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write the request, in one piece if it is small."""
        request_body = self._body
        if not isinstance(request_body, RequestBody):
            return await super().send(conn)
        content = request_body.use_connection(conn)
        if self._continue is not None:
            request_body.wait_for_continue(self._continue)
        elif content is not None and self.proxy is None and IS_SUPPORTED_RELEASE:
            start_line = f"{self.method} {self.url.raw_path_qs} HTTP/1.1"
            request_body.write_request(_head(start_line, self.headers) + content)
            return self.response_class(  # as the base class does
                self.method,
                self.original_url,
                writer=None,
                continue100=None,
                timer=self._timer,
                request_info=self.request_info,
                traces=self._traces,
                loop=self.loop,
                session=self._session,
                stream_writer=_WRITTEN,
            )
        return await super().send(conn)


class ProxiedRequest(ExactRequest):
    """A request through a proxy that requires user name and password."""

    def update_proxy(
        self,
        proxy: URL | None,
        proxy_auth: aiohttp.BasicAuth | None,
        proxy_headers: LooseHeaders | None,
    ) -> None:
        """Send *proxy_headers* with plain HTTP too; aiohttp only sends them to CONNECT.

        With HTTPS they are part of the request for a tunnel, which is the only one
        that the proxy can read.
        """
        super().update_proxy(proxy, proxy_auth, proxy_headers)
        if proxy_headers and not self.is_ssl():
            self.headers.update(proxy_headers)


_CONTENT_TYPE: Final[CIMultiDict[None]] = CIMultiDict({"Content-Type": None})


class _FinishedWriter(StreamWriter):
    """The writer of a request that is written already."""

    def __init__(self) -> None:
        """Skip the constructor of the base class, since nothing will be written."""


_WRITTEN: Final = _FinishedWriter()


def _head(start_line: str, headers: Mapping[str, str]) -> bytes:
    """Return the start line and *headers* as bytes.

    Raises:
        ValueError: One of them contains a line break or NUL, which could inject
            another header or request.
    """
    lines = [start_line, *[f"{name}: {value}" for name, value in headers.items()]]
    text = "".join(lines)
    if "\n" in text or "\r" in text or "\0" in text:
        message = "a header contains a line break or NUL"
        raise ValueError(message)
    return "\r\n".join([*lines, "", ""]).encode()
