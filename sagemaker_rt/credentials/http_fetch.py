"""How providers ask: one request on a connection of its own, and a small answer.

No redirect is followed, what is near by is asked without a proxy, and an answer that is
larger than it can be is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import (
    CredentialsError,
    EndpointResolutionError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Endpoint, Headers, Request, Timeouts
from sagemaker_rt.sansio.endpoints import (
    normalize_region,
    partition_of,
    require_encryption,
)

__all__ = ["Answer", "ask", "request_to", "service_url"]

_MOST: Final = 64 * 1024


@frozen
class Answer:
    """A response that was read."""

    status: int
    body: bytes = field(repr=False)


def request_to(  # noqa: PLR0913 - what a request consists of
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    connect: float = 5.0,
    read: float = 20.0,
) -> Request:
    """Return a request to *url*, with its time limits in seconds.

    Raises:
        EndpointResolutionError: *url* is no URL.
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


def service_url(context: ProviderContext, service: str, host: str, region: str) -> str:
    """Return where a public service is, without a slash at its end.

    Args:
        service: As ``AWS_ENDPOINT_URL_{service}`` has it; that and its kin go before.
        host: What stands before the region.

    Raises:
        CredentialsError: It would be asked unencrypted, or there is no such place.
    """
    given = context.endpoint_url(service)
    try:
        if given is not None:
            endpoint = Endpoint(given.value)
            require_encryption(endpoint, allow_insecure=context.allow_insecure)
            return endpoint.url
        region, _ = normalize_region(region)
    except EndpointResolutionError as error:
        where = given.where if given is not None else f"{service} endpoint"
        message = f"{where}: {error}"
        raise CredentialsError(message) from error
    return f"https://{host}.{region}.{partition_of(region).dns_suffix}"


async def ask(
    request: Request, context: ProviderContext, *, source: str, is_local: bool = False
) -> Answer:
    """Return the answer to *request*, whatever its status.

    Args:
        is_local: Whether it is of this machine, and asked without a proxy.

    Raises:
        CredentialsError: None came, or it is too large; *source* is named.
    """
    client = context.http_client(is_local=is_local)
    try:
        response = await client.send(request)
        try:
            body = await response.body.read(_MOST)
        finally:
            response.body.release()
    except SageMakerRuntimeError as error:
        message = f"{source} did not answer: {error}"
        raise CredentialsError(message) from error
    finally:
        await client.aclose()
    return Answer(response.status, body)
