"""A request that aiohttp sends with the headers that it was given, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp.http import StreamWriter
from multidict import CIMultiDict

from sagemaker_rt.transport.request_body import Upload

if TYPE_CHECKING:
    from aiohttp.connector import Connection
    from aiohttp.typedefs import LooseHeaders
    from yarl import URL

__all__ = ["ExactRequest", "ProxiedRequest"]

# bytes; a piece where each of them is reported
# Writing at once makes the response object that aiohttp's own `send` would make. With a
# release whose `send` is not known to be alike, that one does all the writing.
_IS_KNOWN: Final = aiohttp.__version__.startswith("3.14.")


class ExactRequest(aiohttp.ClientRequest):
    """A request that goes out with the headers that it was given, and no others."""

    def update_headers(self, headers: LooseHeaders | None) -> None:
        """Take *headers* as they are, Host among them."""
        self.headers = (
            headers if isinstance(headers, CIMultiDict) else CIMultiDict(headers or ())
        )

    def update_auto_headers(
        self,
        skip_auto_headers: Iterable[str] | None,  # noqa: ARG002 - the base's
    ) -> None:
        """Add none; aiohttp would say what it accepts, and who it is."""
        self._skip_auto_headers = _CONTENT_TYPE

    def update_body_from_data(self, body: Any, _stacklevel: int = 3) -> None:
        """Take *body* as it is; its length is among the headers already."""
        self._body = body

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write the request; a small one at once, without a task for it."""
        upload = self._body
        body = upload.connected(conn) if isinstance(upload, Upload) else None
        is_plain = self.proxy is None and self._continue is None and _IS_KNOWN
        if isinstance(upload, Upload) and self._continue is not None:
            upload.ask(self._continue)
        if not isinstance(upload, Upload) or body is None or not is_plain:
            return await super().send(conn)
        start = f"{self.method} {self.url.raw_path_qs} HTTP/1.1"
        upload.write_at_once(_head(start, self.headers) + body)
        return self.response_class(
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


class ProxiedRequest(ExactRequest):
    """A request by way of a proxy that asks for a name and a password."""

    def update_proxy(
        self,
        proxy: URL | None,
        proxy_auth: aiohttp.BasicAuth | None,
        proxy_headers: LooseHeaders | None,
    ) -> None:
        """Tell in a plain request what the proxy is told when asked for a tunnel."""
        super().update_proxy(proxy, proxy_auth, proxy_headers)
        if proxy_headers and not self.is_ssl():
            self.headers.update(proxy_headers)


_CONTENT_TYPE: Final[CIMultiDict[None]] = CIMultiDict({"Content-Type": None})


class _Written(StreamWriter):
    """The writer of a request of which nothing is left to write."""

    def __init__(self) -> None:
        """Need nothing of the base: nobody will write."""


_WRITTEN: Final = _Written()


def _head(start: str, headers: Mapping[str, str]) -> bytes:
    """Return a request's head.

    Raises:
        ValueError: A value would end its line, or the head, before its time.
    """
    lines = [start, *[f"{name}: {value}" for name, value in headers.items()]]
    text = "".join(lines)
    if "\n" in text or "\r" in text or "\0" in text:
        message = "a header holds a line break or NUL"
        raise ValueError(message)
    return "\r\n".join([*lines, "", ""]).encode()
