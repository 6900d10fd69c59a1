"""HTTP requests of the providers: one connection each, and a small response.

A request that fails for a passing reason is sent again. Redirects are not followed,
local endpoints never use a proxy, and a response body of more than 64 KiB is an error.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import (
    ConnectError,
    ConnectionLostError,
    CredentialsError,
    EndpointResolutionError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    TruncatedBodyError,
)
from sagemaker_rt.http import Endpoint, Headers, Request, Timeouts
from sagemaker_rt.sansio.endpoints import require_encryption
from sagemaker_rt.sansio.service_hosts import service_host

__all__ = ["FetchResult", "build_request", "fetch", "service_url"]

_MAX_BODY: Final = 64 * 1024
_ATTEMPTS: Final = 3
_BASE_DELAY: Final = 0.1  # seconds
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500


@frozen
class FetchResult:
    """A response that was read to its end."""

    status: int
    body: bytes = field(repr=False)


def build_request(  # noqa: PLR0913 - one parameter for each part of a request
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    connect: float = 5.0,
    read: float = 6.5,
) -> Request:
    """Return a request to *url*.

    Args:
        connect: Seconds to connect.
        read: Seconds for each read, for the whole body, and for writing.

    Raises:
        EndpointResolutionError: *url* is not a valid URL.
    """
    scheme, separator, rest = url.partition("://")
    host, slash, target = rest.partition("/")
    path, _, query = target.partition("?")
    return Request(
        method=method,
        path=slash + path or "/",
        query=query,
        headers=Headers(headers or {}),
        body=body,
        endpoint=Endpoint(scheme + separator + host),
        timeouts=Timeouts(
            connect=connect, pool=connect, write=read, read=read, body=read
        ),
    )


def service_url(
    context: ProviderContext, service: str, host_prefix: str, region: str
) -> str:
    """Return the URL of a public AWS service, without a slash at its end.

    A configured endpoint URL takes precedence over the regional one, for which the
    settings of FIPS and dual-stack endpoints count.

    Args:
        service: As in ``AWS_ENDPOINT_URL_{service}``, for example ``STS``.
        host_prefix: The part of the host name before the region.

    Raises:
        CredentialsError: The region or the configured URL is invalid, or requests to it
            would not be encrypted.
    """
    configured = context.endpoint_url(service)
    try:
        if configured is not None:
            endpoint = Endpoint(configured.value)
            # responses hold secrets, and requests may
            require_encryption(endpoint, allow_insecure=context.allow_insecure)
            return endpoint.url
        host = service_host(
            host_prefix,
            region,
            use_fips=context.use_fips_endpoint,
            use_dualstack=context.use_dualstack_endpoint,
        )
    except EndpointResolutionError as error:
        where = f"{service} endpoint" if configured is None else configured.where
        message = f"{where}: {error}"
        raise CredentialsError(message) from error
    return f"https://{host}"


async def fetch(  # noqa: PLR0913 - one parameter for each fact about a request
    request: Request,
    context: ProviderContext,
    *,
    source: str,
    is_local: bool = False,
    attempts: int = _ATTEMPTS,
    alternatives: Sequence[Request] = (),
) -> FetchResult:
    """Send *request*, and return the response of any status.

    It is sent again, after a short and random delay, if the connection is lost, a
    timeout expires, or the status is 429 or 5xx.

    Args:
        source: The name of the service, for errors.
        is_local: Whether the service is a metadata endpoint of this machine, which
            never uses a proxy.
        attempts: How often to send at most.
        alternatives: The same request to other addresses, for those that refuse a
            connection.

    Raises:
        CredentialsError: There was no response, or its body is too large.
    """
    addresses, attempt = deque((request, *alternatives)), 0
    while True:
        try:
            result = await _send(addresses[0], context, is_local=is_local)
        except SageMakerRuntimeError as error:
            if isinstance(error, ConnectError) and len(addresses) > 1:
                addresses.popleft()
                continue
            attempt += 1
            if attempt >= attempts or not _is_transient(error):
                message = f"the request to {source} failed: {error}"
                raise CredentialsError(message) from error
        else:
            attempt += 1
            is_busy = result.status == _TOO_MANY or result.status >= _SERVER_ERROR
            if attempt >= attempts or not is_busy:
                return result
        await context.sleep(context.jitter() * _BASE_DELAY * 2**attempt)


async def _send(
    request: Request, context: ProviderContext, *, is_local: bool
) -> FetchResult:
    # Requests are minutes apart, and may come from another event loop each time: no
    # connection is kept.
    uses_tls = request.endpoint is not None and request.endpoint.url.startswith("https")
    client = context.http_client(is_local=is_local, uses_tls=uses_tls)
    try:
        response = await client.send(request)
        try:
            body = await response.body.read(_MAX_BODY)
        finally:
            response.body.release()
    finally:
        await client.aclose()
    return FetchResult(response.status, body)


def _is_transient(error: SageMakerRuntimeError) -> bool:
    """Return whether another attempt may succeed."""
    if isinstance(error, ConnectError):
        return error.is_retryable
    kinds = (ConnectionLostError, RequestTimeoutError, TruncatedBodyError)
    return isinstance(error, kinds)
