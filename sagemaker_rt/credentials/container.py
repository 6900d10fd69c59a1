"""Credentials of a container: ECS, EKS Pod Identity, Greengrass."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.credentials.documents import parse_credentials, parse_json_object
from sagemaker_rt.credentials.http_fetch import build_request, fetch
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError, EndpointResolutionError
from sagemaker_rt.http import Headers
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.redaction import without_user_info

__all__ = ["ContainerCredentials", "allowed_hosts"]

_RELATIVE_URI: Final = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
_FULL_URI: Final = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN: Final = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105 - the name of a variable
_TOKEN_FILE: Final = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105 - the name of a variable

_HTTP_PORT: Final = 80
_IPV6: Final = 6
_OK: Final = 200
_ECS: Final = "http://169.254.170.2"
_PLAIN_HTTP_ADDRESSES: Final = frozenset(
    map(ipaddress.ip_address, ("169.254.170.2", "169.254.170.23", "fd00:ec2::23"))
)
_SOURCE: Final = "the container credentials endpoint"


class ContainerCredentials:
    """Credentials of the endpoint that the environment names.

    ``AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`` is a path on the ECS endpoint.
    ``AWS_CONTAINER_CREDENTIALS_FULL_URI`` is a URL: ``https``, or ``http`` to
    loopback addresses and those of the container services; other addresses of the host
    are not used. The token in
    ``AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`` is read at each call of `retrieve`, and
    takes precedence over ``AWS_CONTAINER_AUTHORIZATION_TOKEN``.
    """

    has_static_stability: Final = True

    def __init__(self, context: ProviderContext) -> None:
        self._context = context

    def __repr__(self) -> str:
        return "ContainerCredentials()"

    @staticmethod
    def is_configured(context: ProviderContext) -> bool:
        """Return whether the environment names an endpoint."""
        return any(context.variable(name) for name in (_RELATIVE_URI, _FULL_URI))

    async def retrieve(self) -> Credentials:
        """Return the credentials that the endpoint returns.

        Raises:
            CredentialsError: The URL is not allowed, or the endpoint fails or returns
                something else.
            EndpointResolutionError: The URL is invalid.
        """
        headers = Headers({"accept": "application/json"})
        if token := await self._token():
            headers["authorization"] = token
        first, *others = [
            build_request(url, headers=headers, connect=2.0, read=2.0)
            for url in await self._urls()
        ]
        result = await fetch(
            first, self._context, source=_SOURCE, is_local=True, alternatives=others
        )
        if result.status != _OK:
            message = f"{_SOURCE} returned HTTP {result.status}"
            raise CredentialsError(message)
        document = parse_json_object(result.body, source=_SOURCE)
        return parse_credentials(document, "Token", source=_SOURCE)

    async def _urls(self) -> list[str]:
        """Return the URL, for each address of its host if that was looked up."""
        if relative := self._context.variable(_RELATIVE_URI):
            return [f"{_ECS}/{relative.removeprefix('/')}"]
        url = self._context.variable(_FULL_URI) or ""
        try:
            parts = urlsplit(url)
            name, port = parts.hostname, parts.port
        except ValueError:
            parts, name, port = urlsplit(""), None, None
        if not name or parts.scheme not in {"http", "https"} or "@" in url:
            message = (
                f"{_FULL_URI} is not an http or https URL: {without_user_info(url)}"
            )
            raise EndpointResolutionError(message)
        if parts.scheme == "https":
            return [url]
        # the request goes to the address that was checked, not to the name, which could
        # resolve to another address the next time
        addresses = await _addresses(name)
        hosts = allowed_hosts(addresses)
        if not hosts:
            message = (
                f"{_FULL_URI} {url!r} resolves to {', '.join(addresses)}; plain http "
                "is allowed to loopback and to the addresses of the container "
                "services, use https"
            )
            raise CredentialsError(message)
        query = f"?{parts.query}" if parts.query else ""
        return [
            f"http://{host}:{port or _HTTP_PORT}{parts.path or '/'}{query}"
            for host in hosts
        ]

    async def _token(self) -> str | None:
        if path := self._context.variable(_TOKEN_FILE):
            try:
                file = self._context.path(path)
                token = (await in_thread(file.read_bytes)).decode()
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or "not valid UTF-8"
                message = f"{_TOKEN_FILE}: {path} cannot be read: {reason}"
                raise CredentialsError(message) from error
        else:
            token = self._context.environ.get(_TOKEN, "")
        if "\r" in token or "\n" in token:
            name = _TOKEN_FILE if path else _TOKEN
            del token  # a secret, which a traceback with local variables would show
            message = f"{name} has a line break, which is not allowed in a header"
            raise CredentialsError(message)
        return token or None


async def _addresses(host: str) -> list[str]:
    """Return the addresses of *host*, each once."""
    try:
        infos = await in_thread(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        message = f"{_FULL_URI}: the host {host!r} has no address"
        raise CredentialsError(message) from error
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


def allowed_hosts(addresses: Iterable[str]) -> list[str]:
    """Return the *addresses* to which plain http is allowed, as hosts of a URL."""
    return [
        f"[{address}]" if address.version == _IPV6 else str(address)
        for address in map(ipaddress.ip_address, addresses)
        if address.is_loopback or address in _PLAIN_HTTP_ADDRESSES
    ]
