"""The default HTTP client: aiohttp, configured for signed requests.

Only this module and those that it imports from this folder use aiohttp's client. They
use its connection pool, parser and TLS. What would change a request, or end it early,
is turned off: redirects, cookies, decompression, automatic headers, proxies and
passwords from the environment, and the total timeout, which would end long streams.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import aiohttp
from yarl import URL

from sagemaker_rt.errors import ClientStateError, OptionsError
from sagemaker_rt.http import Request, Response
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.transport import error_mapping
from sagemaker_rt.transport.aiohttp_response import convert_response
from sagemaker_rt.transport.connection_pool import BorrowedConnector, CheckedConnector
from sagemaker_rt.transport.connection_socket import keepalive_socket, plain_socket
from sagemaker_rt.transport.expect_continue import add_expect_header, min_body_bytes
from sagemaker_rt.transport.name_resolution import new_resolver
from sagemaker_rt.transport.pooled_client import PooledClient, SSLContextLoader
from sagemaker_rt.transport.proxy_routing import (
    ProxyRouting,
    RequestArguments,
    url_to_send,
)
from sagemaker_rt.transport.request_body import RequestBody
from sagemaker_rt.transport.request_stage import Stage

if TYPE_CHECKING:
    import ssl

__all__ = ["AiohttpClient"]

_SKIPPED_HEADERS: Final = ("Accept", "Content-Type", "User-Agent")


class AiohttpClient(PooledClient[aiohttp.ClientSession]):
    """An `interfaces.HTTPClient` on aiohttp.

    It is bound to the event loop of its first request. Once that loop is closed, it
    can be used in another one. The connection pool is made at the first request. It is
    closed by `aclose`, or when the event loop shuts down its asynchronous generators,
    as `asyncio.run` does.

    Args:
        session: A session that the caller owns and closes. Its connector and trace
            configs are used, with the limits and TLS settings of the connector. None
            of its headers, cookies and timeouts are used.
        max_connections: The maximum number of open connections.
        max_connections_per_host: The maximum to one host and port; 0 for no limit.
        keepalive_timeout: Seconds after which an idle connection is closed.
        tcp_keepalive: Whether silent connections send TCP keep-alive probes.
        expect_continue: Whether requests with bodies of 2 MiB or more send
            ``Expect: 100-continue``.
        continue_timeout: Seconds to wait for ``100 Continue``; then the body is sent.
        ssl_context: The TLS configuration, or an async function that returns it, which
            is called before the first TLS connection; None trusts the certificates of
            the system.
        proxy: The URL of a proxy, with user name and password if it requires them; or
            the proxies by scheme, and the hosts that are reached directly.
        process_id: Returns the id of the current process, to detect a fork.

    Raises:
        OptionsError: Both *session* and *ssl_context* are set, or *proxy* is not a
            valid URL.
    """

    library: Final = "aiohttp"
    """The library that is named in ``User-Agent``."""

    def __init__(  # noqa: PLR0913 - one parameter for each option
        self,
        session: aiohttp.ClientSession | None = None,
        *,
        max_connections: int = 256,
        max_connections_per_host: int = 0,
        keepalive_timeout: float | None = 10.0,
        tcp_keepalive: bool = True,
        expect_continue: bool = False,
        continue_timeout: float = 1.0,
        ssl_context: ssl.SSLContext | SSLContextLoader | None = None,
        proxy: str | Proxies | None = None,
        process_id: Callable[[], int] = os.getpid,
    ) -> None:
        if session is not None and ssl_context is not None:
            message = (
                "ssl_context cannot be combined with session; configure TLS on the "
                "connector of the session"
            )
            raise OptionsError(message)
        super().__init__(process_id)
        self._caller_session = session
        self._max_connections = max_connections
        self._max_connections_per_host = max_connections_per_host
        self._keepalive_timeout = keepalive_timeout
        self._new_socket = keepalive_socket if tcp_keepalive else plain_socket
        self._expect_continue_from = min_body_bytes(is_enabled=expect_continue)
        self._continue_timeout = continue_timeout
        self._ssl_context: ssl.SSLContext | SSLContextLoader | Literal[True] | None = (
            ssl_context
        )
        self._proxy_routing = ProxyRouting(proxy)
        self._has_own_pool = session is None

    async def send(self, request: Request) -> Response:
        """Send *request*, and return when the response headers are received.

        The caller owns the body of the response, and must read it to its end or
        release it. If the task is cancelled, the connection is closed.

        Raises:
            TransportError: There was no response. Its attributes show whether
                the request was sent, and whether the model may have been invoked.
            DeserializationError: The response headers are invalid, or the response
                body could be truncated without notice.
            SerializationError: The request is not valid HTTP, or its file cannot be
                read.
            ClientStateError: The client is closed, or was used in another process, or
                in another event loop that is not closed. Nothing was sent.
        """
        bound = self._usable_pool() or await self._bind_pool()
        url = _url(request.url)  # raises if the endpoint is missing
        host = "" if request.endpoint is None else request.endpoint.host
        if request.deadline is not None and request.deadline <= bound.loop.time():
            raise error_mapping.timeout_error(Stage.READY, None, host=host)
        must_wait = len(request.body) >= self._expect_continue_from or (
            request.headers.lower.get("expect", "").lower() == "100-continue"
        )
        body = RequestBody(
            request,
            bound.watchdog,
            host=host,
            has_own_pool=self._has_own_pool,
            continue_timeout=self._continue_timeout if must_wait else None,
        )
        try:
            arguments = self._request_arguments(request, url)
            if self._ssl_context is not None and _uses_tls(url, arguments):
                arguments["ssl"] = await self._tls(self._ssl_context)
            response = await bound.pool.request(
                request.method,
                url_to_send(url) if "proxy" in arguments else url,
                headers=_headers(request, host, arguments, must_wait=must_wait),
                data=body,
                allow_redirects=False,
                **arguments,
            )
        except BaseException as error:  # noqa: BLE001 - it is raised again or mapped
            mapped = await body.fail(error, is_session_closed=bound.pool.closed)
            if mapped is None:  # a cancellation; frames of aiohttp hold the signature
                raise error.with_traceback(None) from error.__cause__
        else:
            body.finish(response.status)
            return convert_response(response, body, bound.watchdog)
        raise mapped  # here, so that the exception of aiohttp is not its context

    def _new_pool(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        """Return a session with our settings, on the connector of the caller if set."""
        given = self._caller_session
        try:
            connector = self._connector() if given is None else _borrowed(given, loop)
            return aiohttp.ClientSession(
                loop=loop,
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_SKIPPED_HEADERS,
                auto_decompress=False,
                timeout=_connect_timeout(None),
                trace_configs=None if given is None else given.trace_configs,
            )
        except RuntimeError as error:
            message = f"session cannot be used here: {error}"
            raise ClientStateError(message) from error

    def _request_arguments(self, request: Request, url: URL) -> RequestArguments:
        """Return the proxy; and the connect timeout, which a caller's pool enforces."""
        arguments = self._proxy_routing.arguments(url)
        if self._has_own_pool:
            return RequestArguments(**arguments)
        return {**arguments, "timeout": _connect_timeout(request.timeouts.connect)}

    async def _tls(
        self, context: ssl.SSLContext | SSLContextLoader | Literal[True]
    ) -> ssl.SSLContext | Literal[True]:
        """Return *context*, loaded; True stands for the default one of aiohttp."""
        if callable(context):
            context = self._ssl_context = await context() or True
        return context

    def _connector(self) -> aiohttp.TCPConnector:
        return CheckedConnector(
            limit=self._max_connections,
            limit_per_host=self._max_connections_per_host,
            keepalive_timeout=self._keepalive_timeout,
            socket_factory=self._new_socket,
            resolver=new_resolver(),
        )


def _uses_tls(url: URL, arguments: RequestArguments) -> bool:
    if url.scheme == "https":
        return True
    return "proxy" in arguments and arguments["proxy"].scheme == "https"


def _headers(
    request: Request, host: str, arguments: RequestArguments, *, must_wait: bool
) -> dict[str, str]:
    """Return all headers of *request*.

    They are never kept in a local variable of `AiohttpClient`, where a traceback with
    variables would show the signature.
    """
    headers = {
        "host": host,
        "accept-encoding": "identity",
        **request.headers.lower,
        "content-length": str(len(request.body)),
    }
    if must_wait:
        add_expect_header(headers)
    if "proxy_headers" in arguments and request.url.startswith("http:"):
        headers |= arguments["proxy_headers"]  # aiohttp only sends them with CONNECT
    return headers


def _borrowed(
    session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop
) -> BorrowedConnector:
    if session.connector is None or session.connector.closed:
        message = "it is closed"
        raise RuntimeError(message)
    # raises if the connector is bound to another event loop
    aiohttp.ClientSession(loop=loop, connector=session.connector).detach()
    return BorrowedConnector(session.connector)


@lru_cache(maxsize=256)
def _url(text: str) -> URL:
    return URL(text, encoded=True)


@lru_cache(maxsize=16)
def _connect_timeout(seconds: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None, connect=None, sock_connect=seconds, sock_read=None
    )
