"""Credentials of a container: ECS, EKS Pod Identity, Greengrass."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sagemaker_rt.credentials.documents import json_object, read_credentials
from sagemaker_rt.credentials.http_fetch import ask, request_to
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError, EndpointResolutionError
from sagemaker_rt.http import Headers
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.redaction import without_user_info

__all__ = ["ContainerCredentials"]

_RELATIVE: Final = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
_FULL: Final = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN: Final = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105 - the variable's name
_TOKEN_FILE: Final = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105 - the same

_HTTP: Final = 80
_ECS: Final = "http://169.254.170.2"
_ALLOWED: Final = frozenset(
    map(ipaddress.ip_address, ("169.254.170.2", "169.254.170.23", "fd00:ec2::23"))
)
_SOURCE: Final = "the container's credentials endpoint"


class ContainerCredentials:
    """What the endpoint says that the environment names.

    A whole URI is asked by https, or at an address that is loopback or one of the
    container services': whatever its host resolves to is looked at first. The token
    file is read anew each time, and goes before the variable.
    """

    has_static_stability: Final = True

    def __init__(self, context: ProviderContext) -> None:
        self._context = context

    def __repr__(self) -> str:
        return "ContainerCredentials()"

    @staticmethod
    def is_configured(context: ProviderContext) -> bool:
        """Tell whether the environment names an endpoint."""
        return any(context.variable(name) for name in (_RELATIVE, _FULL))

    async def retrieve(self) -> Credentials:
        """Return what the endpoint says.

        Raises:
            CredentialsError: It must not be asked, fails, or says something else.
        """
        headers = Headers({"accept": "application/json"})
        if token := await self._token():
            headers["authorization"] = token
        url = await self._url()
        request = request_to(url, headers=headers, connect=2.0, read=2.0)
        answer = await ask(request, self._context, source=_SOURCE, is_local=True)
        if answer.status != 200:  # noqa: PLR2004 - OK
            message = f"{_SOURCE} answered with HTTP {answer.status}"
            raise CredentialsError(message)
        document = json_object(answer.body, source=_SOURCE)
        return read_credentials(document, "Token", source=_SOURCE)

    async def _url(self) -> str:
        if relative := self._context.variable(_RELATIVE):
            return f"{_ECS}/{relative.removeprefix('/')}"
        url = self._context.variable(_FULL) or ""
        try:
            parts = urlsplit(url)
            name, port = parts.hostname, parts.port
        except ValueError:
            parts, name, port = urlsplit(""), None, None
        if not name or parts.scheme not in {"http", "https"} or "@" in url:
            message = f"{_FULL} is no http or https URL: {without_user_info(url)}"
            raise EndpointResolutionError(message)
        if parts.scheme == "https":
            return url
        # asked by the address that was looked at: a name may mean another one next time
        address = await _allowed_address(name, url)
        host = f"[{address}]" if ":" in address else address
        query = f"?{parts.query}" if parts.query else ""
        return f"http://{host}:{port or _HTTP}{parts.path or '/'}{query}"

    async def _token(self) -> str | None:
        if path := self._context.variable(_TOKEN_FILE):
            try:
                token = (await asyncio.to_thread(Path(path).read_bytes)).decode()
            except (OSError, ValueError) as error:
                message = f"{_TOKEN_FILE}: {path} cannot be read"
                raise CredentialsError(message) from error
        else:
            token = self._context.environ.get(_TOKEN, "")
        if "\r" in token or "\n" in token:
            named = _TOKEN_FILE if path else _TOKEN
            del token
            message = f"{named} holds a line break, which no header can have"
            raise CredentialsError(message)
        return token or None


async def _allowed_address(host: str, url: str) -> str:
    """Return an address of *host*, if all that it has may be asked without TLS."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        message = f"{_FULL}: {host} has no address"
        raise CredentialsError(message) from error
    addresses = [ipaddress.ip_address(info[4][0]) for info in found]
    for address in addresses:
        if not address.is_loopback and address not in _ALLOWED:
            message = (
                f"{_FULL} leads to {address}, which is neither loopback nor one of "
                f"the container services': {url!r}; use https"
            )
            raise CredentialsError(message)
    return str(addresses[0])
