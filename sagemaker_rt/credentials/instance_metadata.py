"""Credentials of an EC2 instance, by version 2 of its metadata service (IMDSv2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from math import inf
from typing import Final
from urllib.parse import quote

from sagemaker_rt.credentials.documents import (
    parse_credentials,
    parse_json_object,
    service_message,
)
from sagemaker_rt.credentials.http_fetch import FetchResult, build_request, fetch
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import (
    CredentialsError,
    EndpointResolutionError,
    OptionsError,
)
from sagemaker_rt.http import Endpoint, Headers
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.settings import Setting

__all__ = ["InstanceMetadataCredentials"]

_SOURCE: Final = "the instance metadata service"
_ENDPOINTS: Final = {"ipv4": "http://169.254.169.254", "ipv6": "http://[fd00:ec2::254]"}
_TOKEN_PATH: Final = "/latest/api/token"  # noqa: S105 - a path
_TOKEN_HEADERS: Final = {"x-aws-ec2-metadata-token-ttl-seconds": "21600"}
_ROLES_PATH: Final = "/latest/meta-data/iam/security-credentials/"
_REGION_PATH: Final = "/latest/meta-data/placement/region"
_TOTAL_TIMEOUT: Final = 5.0  # seconds
_OK: Final = 200
_NOT_FOUND: Final = 404
# 401 means that the session token has expired in the meantime
_RETRYABLE: Final = frozenset({401, 429, 500, 502, 503, 504})


class InstanceMetadataCredentials:
    """Credentials of the role of the instance.

    Only version 2 of the service is used: a session token is requested first. Requests
    never use a proxy, and all of them together take at most five seconds.
    ``AWS_METADATA_SERVICE_TIMEOUT`` (seconds for one request, 1 by default) and
    ``AWS_METADATA_SERVICE_NUM_ATTEMPTS`` (3 by default) apply within that.
    """

    has_static_stability: Final = True

    def __init__(self, context: ProviderContext) -> None:
        self._context = context
        setting = context.setting
        self._timeout = _number(setting("AWS_METADATA_SERVICE_TIMEOUT"), 1.0)
        self._attempts = int(_number(setting("AWS_METADATA_SERVICE_NUM_ATTEMPTS"), 3))

    def __repr__(self) -> str:
        return "InstanceMetadataCredentials()"

    @staticmethod
    def is_disabled(context: ProviderContext) -> bool:
        """Return whether ``AWS_EC2_METADATA_DISABLED`` is ``true``."""
        disabled = context.variable("AWS_EC2_METADATA_DISABLED")
        return (disabled or "").lower() == "true"

    async def retrieve(self) -> Credentials:
        """Return the credentials of the role of the instance.

        Raises:
            CredentialsError: The service is not reachable, the instance has no role, or
                the response is invalid.
            OptionsError: A setting of the service is invalid.
        """
        async with _total_timeout():
            headers = await self._token_headers()
            roles = await self._fetch(_ROLES_PATH, headers)
            # an instance has one role; the list may end with a line break
            role = roles.body.decode("utf-8", "replace").split("\n")[0].strip()
            result = await self._fetch(_ROLES_PATH + quote(role), headers)
        document = parse_json_object(result.body, source=_SOURCE)
        code = document.members.get("Code", "Success")
        if code != "Success":
            message = f"{_SOURCE} has no credentials: {service_message(code)}"
            raise CredentialsError(message)
        return parse_credentials(document, "Token", source=_SOURCE)

    async def region(self) -> str:
        """Return the region of the instance.

        Raises:
            CredentialsError: The service is not reachable, or refuses.
            OptionsError: A setting of the service is invalid.
        """
        async with _total_timeout():
            result = await self._fetch(_REGION_PATH, await self._token_headers())
        return result.body.decode("ascii", "replace").strip()

    async def _token_headers(self) -> Headers:
        token = await self._fetch(_TOKEN_PATH, _TOKEN_HEADERS, method="PUT")
        return Headers(
            {"x-aws-ec2-metadata-token": token.body.decode("ascii", "replace")}
        )

    async def _fetch(
        self, path: str, headers: Mapping[str, str], *, method: str = "GET"
    ) -> FetchResult:
        """Return the response with status 200, after several attempts if necessary."""
        request = build_request(
            self._endpoint() + path,
            method=method,
            headers=headers,
            connect=self._timeout,
            read=self._timeout,
        )
        remaining = self._attempts
        while True:
            remaining -= 1
            try:
                result = await fetch(
                    request, self._context, source=_SOURCE, is_local=True, attempts=1
                )
            except CredentialsError:
                if remaining:
                    continue
                raise
            if result.status == _OK:
                return result
            if not remaining or result.status not in _RETRYABLE:
                has_no_role = result.status == _NOT_FOUND and path == _ROLES_PATH
                reason = "; the instance has no role" if has_no_role else ""
                message = f"{_SOURCE} returned HTTP {result.status} for {path}{reason}"
                raise CredentialsError(message)

    def _endpoint(self) -> str:
        setting = self._context.setting
        if found := setting("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
            try:
                return Endpoint(found.value).url
            except EndpointResolutionError as error:
                message = f"{found.where}: {error}"
                raise OptionsError(message) from None
        mode = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
        if mode is None:
            # the name that botocore had for it before
            ipv6 = setting("AWS_IMDS_USE_IPV6")
            is_ipv6 = ipv6 is not None and ipv6.value.lower() == "true"
            return _ENDPOINTS["ipv6" if is_ipv6 else "ipv4"]
        if mode.value.lower() not in _ENDPOINTS:
            message = f"{mode.where} must be IPv4 or IPv6: {mode.value!r}"
            raise OptionsError(message)
        return _ENDPOINTS[mode.value.lower()]


@asynccontextmanager
async def _total_timeout() -> AsyncGenerator[None]:
    """Limit the time that all requests in the block take together."""
    try:
        async with asyncio.timeout(_TOTAL_TIMEOUT):
            yield
    except TimeoutError as error:
        message = f"{_SOURCE} did not respond within {_TOTAL_TIMEOUT:g} s"
        raise CredentialsError(message) from error


def _number(setting: Setting | None, default: float) -> float:
    """Return the number in *setting*; *default* if it is invalid or less than 1."""
    try:
        number = default if setting is None else float(setting.value)
    except ValueError:
        return default
    return number if 1 <= number < inf else default
