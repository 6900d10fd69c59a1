"""The HTTP client that is there without asking: aiohttp's, made fit for signing.

This module and its neighbours are the only ones that know aiohttp's client. They take
its pool, its parser and its TLS. What else it would do by itself is off: redirects,
cookies, decompression, headers that it makes up, what the environment says of proxies
and passwords, and a total time, which would cut long streams.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from functools import lru_cache
from math import inf
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import aiohttp
from yarl import URL

from sagemaker_rt.errors import ClientStateError, OptionsError
from sagemaker_rt.http import Request, Response
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.transport import error_mapping, fast_path
from sagemaker_rt.transport.aiohttp_request import ExactRequest, ProxiedRequest
from sagemaker_rt.transport.connection_pool import (
    NewestFirstConnector,
    keepalive_socket,
)
from sagemaker_rt.transport.error_mapping import Stage
from sagemaker_rt.transport.proxy_routing import Arguments, Routes
from sagemaker_rt.transport.request_body import Upload
from sagemaker_rt.transport.response_body import received
from sagemaker_rt.transport.response_framing import NotedResponse
from sagemaker_rt.transport.time_limits import Watchdog

if TYPE_CHECKING:
    import ssl

__all__ = ["AiohttpClient"]

_ASKS_FROM: Final = 2 << 20  # bytes, as in the AWS SDKs that ask


class AiohttpClient:
    """An `interfaces.HTTPClient` on aiohttp.

    It is for one event loop at a time: once the loop that it was first used in is
    closed, it may be used in another. Its session is made at the first request, and
    closed by `aclose`, or with the loop where that ends its asynchronous generators, as
    `asyncio.run` does.

    Args:
        session: A session of the caller's, who closes it. Its connector and its trace
            configs are used, with the limits and the TLS settings that those have;
            nothing else of it gets into a request.
        max_connections: How many connections may be open at once.
        max_connections_per_host: How many of them to one host and port; 0 is as many.
        keepalive_timeout: Seconds that an idle connection is kept.
        tcp_keepalive: Whether connections that have gone silent are probed.
        expect_continue: Whether a body of 2 MiB or more waits for leave to be sent.
        continue_timeout: How long it waits, in seconds, and is sent then.
        ssl_context: What to trust; None is the system's trust.
        proxy: The URL of a proxy, with the name and password that it asks for; or which
            proxies there are, and what goes by none of them.
        process_id: Tells the process that runs, to notice a fork.

    Raises:
        OptionsError: *ssl_context* stands beside *session*, or *proxy* is no URL.
    """

    wrap_exceptions: Final = False  # they are typed already

    def __init__(  # noqa: PLR0913 - one parameter, one option
        self,
        session: aiohttp.ClientSession | None = None,
        *,
        max_connections: int = 256,
        max_connections_per_host: int = 0,
        keepalive_timeout: float | None = 10.0,
        tcp_keepalive: bool = True,
        expect_continue: bool = False,
        continue_timeout: float = 1.0,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | Proxies | None = None,
        process_id: Callable[[], int] = os.getpid,
    ) -> None:
        if session is not None and ssl_context is not None:
            message = "ssl_context: TLS is settled by the connector of the session"
            raise OptionsError(message)
        self._given = session
        self._max_connections = max_connections
        self._max_connections_per_host = max_connections_per_host
        self._keepalive_timeout = keepalive_timeout
        self._socket_factory = keepalive_socket if tcp_keepalive else None
        self._asks_from = _ASKS_FROM if expect_continue else inf
        self._continue_timeout = continue_timeout
        self._ssl_context = ssl_context
        self._routes = Routes(proxy)
        is_ours = session is None
        self._is_direct = fast_path.IS_POSSIBLE and is_ours and self._routes.are_direct
        self._process_id = process_id
        self._home: _Home | None = None
        self._is_closed = False

    async def send(self, request: Request) -> Response:
        """Send *request*; return as soon as the head of the response is there.

        Raises:
            TransportError: There was no response; the error knows what was sent.
            DeserializationError: The response's head cannot be read, or its body could
                end anywhere.
            SerializationError: The request cannot be written.
            ClientStateError: The client is closed, or belongs to another event loop
                that lives, or to another process; nothing was sent.
        """
        home = self._home
        if (
            home is None
            or home.loop is not asyncio.get_running_loop()
            or home.process_id != self._process_id()
        ):
            home = await self._settle()
        url = request.url
        if request.deadline is not None and request.deadline <= home.loop.time():
            raise error_mapping.timeout(Stage.READY, "the call's total time", host=url)
        host = "" if request.endpoint is None else request.endpoint.host
        is_observed = self._given is None
        upload = Upload(
            request,
            home.watchdog,
            host=host,
            is_observed=is_observed,
            continue_timeout=self._continue_timeout,
        )
        try:
            response = await self._exchange(home, request, upload, host=host)
        except BaseException as error:
            failed = await upload.failed(error, is_closed=home.session.closed)
            if failed is None:
                raise
        else:
            upload.done()
            return received(response, request, home.watchdog, host=host)
        raise failed

    def _exchange(
        self, home: _Home, request: Request, upload: Upload, *, host: str
    ) -> Awaitable[aiohttp.ClientResponse]:
        """Begin the exchange, on the way that is the shortest."""
        if not self._is_direct:
            return home.session.request(
                request.method,
                _url(request.url),
                headers=self._sent_headers(request, host),
                data=upload,
                allow_redirects=False,
                **self._arguments(request),
            )
        return fast_path.exchange(
            home.session,
            ExactRequest(
                request.method,
                _url(request.url),
                headers=self._sent_headers(request, host),
                data=upload,
                response_class=NotedResponse,
                loop=home.loop,
                session=home.session,
                timer=fast_path.NO_TIMER,
            ),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection, and end the calls that wait; again does nothing.

        A session that was given stays open. In a forked process nothing is closed: the
        connections are the parent's.

        Raises:
            ClientStateError: The client belongs to another event loop, which lives.
        """
        home = self._home
        if home is None or home.process_id != self._process_id():
            self._is_closed = True
            return
        home.require(asyncio.get_running_loop())
        self._is_closed = True
        self._home = None
        await home.close()

    async def _settle(self) -> _Home:
        """Return a new home in the running event loop, if the old one is dead."""
        old, loop = self._home, asyncio.get_running_loop()
        if self._is_closed:
            message = "the HTTP client is closed; make a new one"
            raise ClientStateError(message)
        if old is not None:
            if old.process_id != self._process_id():
                message = (
                    "the HTTP client was used before this process was forked, and "
                    "answers on its connections may be the parent's; make a new one"
                )
                raise ClientStateError(message)
            old.require(loop)
        self._home = home = _Home(loop, self._process_id(), self._session(loop))
        await home.open()
        if old is not None:
            await old.close()
        return home

    def _session(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        """Return a session of our own, be it on the connector of another."""
        given = self._given
        try:
            return aiohttp.ClientSession(
                loop=loop,
                connector=self._connector() if given is None else _open(given),
                connector_owner=given is None,
                request_class=(
                    ProxiedRequest if self._routes.have_passwords else ExactRequest
                ),
                response_class=NotedResponse,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=_connect_within(None),
                trace_configs=None if given is None else given.trace_configs,
            )
        except RuntimeError as error:
            message = f"the session that was given cannot be used here: {error}"
            raise ClientStateError(message) from error

    def _arguments(self, request: Request) -> Arguments:
        """Return the way to go; another's connector is told its time limit, too."""
        way = self._routes.to(_url(request.url))
        if self._given is None:
            return way
        return {**way, "timeout": _connect_within(request.timeouts.connect)}

    def _sent_headers(self, request: Request, host: str) -> dict[str, str]:
        """Return all headers; nobody keeps them where a traceback would show them."""
        headers = {
            "host": host,
            "accept-encoding": "identity",
            **request.headers.lower,
            "content-length": str(len(request.body)),
        }
        if len(request.body) >= self._asks_from:
            headers["expect"] = "100-continue"
        return headers

    def _connector(self) -> aiohttp.TCPConnector:
        return NewestFirstConnector(
            limit=self._max_connections,
            limit_per_host=self._max_connections_per_host,
            keepalive_timeout=self._keepalive_timeout,
            ssl=self._ssl_context or True,
            socket_factory=self._socket_factory,
        )


class _Home:
    """A session, in the one event loop and process that it can be used in."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        process_id: int,
        session: aiohttp.ClientSession,
    ) -> None:
        self.loop: Final = loop
        self.process_id: Final = process_id
        self.session: Final = session
        self.watchdog: Final = Watchdog(loop)
        self._life = _life(session)

    async def open(self) -> None:
        """Bind the session's life to the event loop's."""
        await anext(self._life)

    def require(self, loop: asyncio.AbstractEventLoop) -> None:
        """Refuse *loop*, unless it is the home's or that is closed."""
        if loop is not self.loop and not self.loop.is_closed():
            message = (
                "the HTTP client belongs to another event loop, which is not closed; "
                "use one client for each loop"
            )
            raise ClientStateError(message)

    async def close(self) -> None:
        """End all waits, and close the session."""
        if self.loop.is_closed():
            # what was going on in there has gone with it
            with suppress(RuntimeError):
                await self.session.close()
        else:
            self.watchdog.close()
            await self._life.aclose()


async def _life(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    """Close *session* when this generator ends, be it with its event loop."""
    try:
        yield
    finally:
        await session.close()


def _open(given: aiohttp.ClientSession) -> aiohttp.BaseConnector:
    if given.connector is None or given.connector.closed:
        message = "it is closed"
        raise RuntimeError(message)
    return given.connector


@lru_cache(maxsize=256)
def _url(text: str) -> URL:
    return URL(text, encoded=True)


@lru_cache(maxsize=16)
def _connect_within(limit: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None, connect=None, sock_connect=limit, sock_read=None
    )
