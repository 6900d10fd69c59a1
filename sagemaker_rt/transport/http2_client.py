"""The HTTP client of streams in both directions: HTTP/2 by the library `h2`.

Each stream has a connection, which is never reused. It is TLS with the protocol ``h2``,
or plain TCP with prior knowledge for ``http`` URLs. Importing this module imports `h2`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.errors import (
    ClientStateError,
    EndpointResolutionError,
    HTTP2NotSupportedError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.sansio.proxy_servers import ProxyServer
from sagemaker_rt.sansio.stream_deadlines import StreamDeadlines, StreamLimits
from sagemaker_rt.transport.error_mapping import (
    ErrorTables,
    is_unknown_name,
    text_of,
    timeout_error,
)
from sagemaker_rt.transport.http2_connection import Http2Connection
from sagemaker_rt.transport.http2_tunnel import open_tunnel
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.socket_options import set_options
from sagemaker_rt.transport.system_certificates import missing_certificates_hint

__all__ = ["Http2Client"]

_ALPN: Final = "h2"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_CLOSE_SECONDS: Final = 1.0  # for the end of TLS
_NO_PROXIES: Final = Proxies()


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{error.verify_message}{missing_certificates_hint(error)}"
    return text_of(error)


_ERRORS: Final = ErrorTables(
    certificate=(ssl.SSLCertVerificationError,),
    proxy=(),
    request=(ValueError,),
    response=(),
    connection=(OSError,),
    reason=_reason,
    is_temporary=lambda error: not is_unknown_name(error),
)


class Http2Client:
    """Opens connections; a `DuplexClient`.

    Args:
        make_ssl_context: Returns the TLS context, which offers ``h2`` alone. It is
            called once, in a thread.
        proxies: The proxies by scheme.
        tcp_keepalive: Whether silent connections send TCP keep-alive probes.
        make_connection: Returns a new connection to a host.
    """

    wrap_exceptions: Final = False  # its exceptions are typed already

    def __init__(
        self,
        make_ssl_context: Callable[[], ssl.SSLContext],
        *,
        proxies: Proxies = _NO_PROXIES,
        tcp_keepalive: bool = True,
        make_connection: Callable[..., Http2Connection] = Http2Connection,
    ) -> None:
        self._make_ssl_context: Final = make_ssl_context
        self._ssl_context: ssl.SSLContext | None = None
        self._proxies: Final = proxies
        self._tcp_keepalive: Final = tcp_keepalive
        self._make_connection: Final = make_connection
        self._connections: Final[set[Http2Connection]] = set()
        self._is_closed = False

    async def open(self, request: Request, limits: StreamLimits) -> Http2Connection:
        """Connect, send the headers of *request*, and return the connection.

        Raises:
            ConnectError: No connection could be made; nothing was sent.
            ClientStateError: The client is closed.
            EndpointResolutionError: The request has no endpoint.
        """
        if request.endpoint is None:
            message = "the request has no endpoint before ResolveEndpointV2"
            raise EndpointResolutionError(message)
        loop, host = asyncio.get_running_loop(), request.endpoint.host
        seconds, deadline = request.timeouts.connect, request.deadline
        ends_at = None if seconds is None else loop.time() + seconds
        if deadline is not None and (ends_at is None or deadline < ends_at):
            ends_at, seconds = deadline, None
        limit = asyncio.timeout_at(ends_at)
        try:
            async with limit:
                connection = await self._connect(request.endpoint.url, host)
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            if isinstance(error, TimeoutError) and limit.expired():
                raise timeout_error(Stage.CONNECT, seconds, host=host) from None
            mapped = _ERRORS.map_exception(error, Stage.CONNECT, host=host)
            raise mapped or error from error
        self._connections.add(connection)
        connection.lost.add_done_callback(
            lambda _: self._connections.discard(connection)
        )
        try:
            self._require_open()
            connection.start(request, StreamDeadlines(limits, deadline, loop.time()))
        except BaseException:
            connection.close()
            raise
        return connection

    async def aclose(self) -> None:
        """Close all connections; a second call does nothing."""
        self._is_closed = True
        connections = list(self._connections)
        for connection in connections:
            connection.close()
        loop = asyncio.get_running_loop()
        own = [c.lost for c in connections if c.lost.get_loop() is loop]
        if own:
            await asyncio.wait(own, timeout=2 * _CLOSE_SECONDS)

    def _require_open(self) -> None:
        if self._is_closed:
            message = "the HTTP/2 client is closed"
            raise ClientStateError(message)

    async def _connect(self, url: str, host: str) -> Http2Connection:
        """Return a connection on which nothing was sent yet."""
        self._require_open()
        parts = urlsplit(url)
        scheme, name = parts.scheme, parts.hostname or ""
        port = parts.port or _DEFAULT_PORTS[scheme]
        context = await self._context() if scheme == "https" else None
        proxy = self._proxies.of(scheme, name, port=port)
        factory = partial(self._make_connection, host=host)
        if proxy is None:
            transport, connection = await _direct(factory, name, port, context)
        else:
            server = ProxyServer.of(proxy)
            transport, connection = await _through(
                server, factory, name, port, context, host=host
            )
        self._check(transport, host)
        return connection

    def _check(self, transport: asyncio.Transport, host: str) -> None:
        """Set the options of the socket, and require HTTP/2 of a TLS connection."""
        tls = transport.get_extra_info("ssl_object")
        if tls is not None and tls.selected_alpn_protocol() != _ALPN:
            transport.abort()
            message = f"{host} does not offer HTTP/2 (ALPN h2)"
            raise HTTP2NotSupportedError(message)
        connected = transport.get_extra_info("socket")
        if connected is not None:
            set_options(connected, is_probed=self._tcp_keepalive)

    async def _context(self) -> ssl.SSLContext:
        if self._ssl_context is None:
            self._ssl_context = await in_thread(self._make_ssl_context)
        return self._ssl_context


async def _direct(
    factory: Callable[[], Http2Connection],
    name: str,
    port: int,
    context: ssl.SSLContext | None,
) -> tuple[asyncio.Transport, Http2Connection]:
    return await asyncio.get_running_loop().create_connection(
        factory,
        name,
        port,
        ssl=context,
        server_hostname=None if context is None else name.removesuffix("."),
        ssl_shutdown_timeout=None if context is None else _CLOSE_SECONDS,
    )


async def _through(  # noqa: PLR0913 - as `_direct`, with a proxy
    proxy: ProxyServer,
    factory: Callable[[], Http2Connection],
    name: str,
    port: int,
    context: ssl.SSLContext | None,
    *,
    host: str,
) -> tuple[asyncio.Transport, Http2Connection]:
    address = f"[{name}]" if ":" in name else name
    transport = await open_tunnel(proxy, f"{address}:{port}", host=host)
    connection = factory()
    if context is None:
        transport.set_protocol(connection)
        connection.connection_made(transport)
        return transport, connection
    try:
        secure = await asyncio.get_running_loop().start_tls(
            transport,
            connection,
            context,
            server_hostname=name.removesuffix("."),
            ssl_shutdown_timeout=_CLOSE_SECONDS,
        )
    except BaseException:
        transport.abort()
        raise
    if secure is None:  # the peer closed the connection during the handshake
        message = "the connection was closed during the TLS handshake"
        raise ConnectionResetError(message)
    connection.connection_made(secure)
    return secure, connection
