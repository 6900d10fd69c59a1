"""`NativeClient`: HTTP/1.1 with the parser httptools, and without aiohttp."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

from sagemaker_rt.http import Endpoint, Request, Response
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.sansio.request_head import RequestHeads
from sagemaker_rt.transport import error_mapping
from sagemaker_rt.transport.expect_continue import min_body_bytes
from sagemaker_rt.transport.native.dialing import Dialer
from sagemaker_rt.transport.native.pool import Pool, PoolLimits
from sagemaker_rt.transport.native.response_parser import require_parser
from sagemaker_rt.transport.native.route import Routes
from sagemaker_rt.transport.native.sending import Sending, SendingOptions
from sagemaker_rt.transport.pooled_client import PooledClient, SSLContextLoader
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.socket_options import set_options

if TYPE_CHECKING:
    import ssl

__all__ = ["NativeClient"]


class NativeClient(PooledClient[Pool]):
    """An `interfaces.HTTPClient` of this library, which needs ``sagemaker-rt[fast]``.

    It is bound to the event loop of its first request. Once that loop is closed, it
    can be used in another one. The connection pool is made at the first request. It is
    closed by `aclose`, or when the event loop shuts down its asynchronous generators,
    as `asyncio.run` does. The event loop must have ``add_reader``, as all have but the
    proactor event loop of Windows.

    Args:
        max_connections: The maximum number of open connections; 0 for no limit.
        max_connections_per_host: The maximum in use, to one host and port; 0 for no
            limit.
        keepalive_timeout: Seconds after which an idle connection is closed; None for
            no limit.
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
        OptionsError: *proxy* is not a valid URL, or httptools is not installed.
    """

    library: Final = "httptools"
    """The library that is named in ``User-Agent``."""

    def __init__(  # noqa: PLR0913 - one parameter for each option
        self,
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
        require_parser()
        super().__init__(process_id)
        self._limits: Final = PoolLimits(
            connections=max_connections or inf,
            per_host=max_connections_per_host or inf,
            idle_seconds=inf if keepalive_timeout is None else keepalive_timeout,
        )
        self._prepare_socket = partial(set_options, is_probed=tcp_keepalive)
        self._ssl_context = ssl_context
        self._routes = Routes(proxy)
        self._options: Final = SendingOptions(
            heads=RequestHeads(),
            expect_continue_from=min_body_bytes(is_enabled=expect_continue),
            continue_timeout=continue_timeout,
        )

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
        endpoint = request.endpoint or _missing_endpoint(request)
        if request.deadline is not None and request.deadline <= bound.loop.time():
            raise error_mapping.timeout_error(Stage.READY, None, host=endpoint.host)
        route = self._routes.of(endpoint)
        sending = Sending(request, bound, route, endpoint.host, self._options)
        try:
            return await sending.response()
        except BaseException as error:
            mapped = await sending.fail(error)
            if mapped is None:
                raise
        raise mapped  # here, so that the other exception is not its context

    def _new_pool(self, loop: asyncio.AbstractEventLoop) -> Pool:
        dialer = Dialer(loop, self._ssl_context, self._prepare_socket)
        return Pool(loop, dialer, self._limits)


def _missing_endpoint(request: Request) -> Endpoint:
    """Raise EndpointResolutionError, as `Request.url` does."""
    return Endpoint(request.url)
