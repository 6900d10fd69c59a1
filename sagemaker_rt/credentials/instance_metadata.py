"""Credentials of an EC2 instance: its metadata service, in version 2."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from math import inf
from typing import Final
from urllib.parse import quote

from sagemaker_rt.credentials.documents import json_object, read_credentials, said
from sagemaker_rt.credentials.http_fetch import Answer, ask, request_to
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError, OptionsError
from sagemaker_rt.http import Headers
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.settings import Setting

__all__ = ["InstanceMetadataCredentials"]

_SOURCE: Final = "the instance metadata service"
_ENDPOINTS: Final = {"ipv4": "http://169.254.169.254", "ipv6": "http://[fd00:ec2::254]"}
_ROLES: Final = "/latest/meta-data/iam/security-credentials/"
_REGION: Final = "/latest/meta-data/placement/region"
_IN_ALL: Final = 5.0  # seconds
_OK: Final = 200
_NOT_FOUND: Final = 404
_RETRIED: Final = frozenset({401, 429, 500, 502, 503, 504})


class InstanceMetadataCredentials:
    """What the metadata service says of the instance's role.

    A token is asked for first, as version 2 wants it; version 1 is not spoken. It is
    never asked through a proxy, and has five seconds in all.
    """

    has_static_stability: Final = True

    def __init__(self, context: ProviderContext) -> None:
        self._context = context
        setting = context.setting
        self._limit = _number(setting("AWS_METADATA_SERVICE_TIMEOUT"), 1.0)
        self._attempts = int(_number(setting("AWS_METADATA_SERVICE_NUM_ATTEMPTS"), 3))

    def __repr__(self) -> str:
        return "InstanceMetadataCredentials()"

    @staticmethod
    def is_disabled(context: ProviderContext) -> bool:
        """Tell whether the environment says that there is none to ask."""
        disabled = context.variable("AWS_EC2_METADATA_DISABLED")
        return (disabled or "").lower() == "true"

    async def retrieve(self) -> Credentials:
        """Return what the service says.

        Raises:
            CredentialsError: It is not there, has no role, or says something else.
            OptionsError: A variable about it has a value that it cannot have.
        """
        async with _in_time():
            return await self._retrieve()

    async def region(self) -> str:
        """Return the region that this machine is in.

        Raises:
            CredentialsError: The service is not there, or says something else.
        """
        async with _in_time():
            answer = await self._ask(_REGION, await self._headers())
        return answer.body.decode("ascii", "replace").strip()

    async def _headers(self) -> Headers:
        token = await self._ask(
            "/latest/api/token",
            {"x-aws-ec2-metadata-token-ttl-seconds": "21600"},
            method="PUT",
        )
        return Headers(
            {"x-aws-ec2-metadata-token": token.body.decode("ascii", "replace")}
        )

    async def _retrieve(self) -> Credentials:
        headers = await self._headers()
        roles = await self._ask(_ROLES, headers)
        role = roles.body.decode("utf-8", "replace").split("\n")[0].strip()
        answer = await self._ask(_ROLES + quote(role), headers)
        document = json_object(answer.body, source=_SOURCE)
        code = document.members.get("Code", "Success")
        if code != "Success":
            message = f"{_SOURCE} gave no credentials: {said(code)}"
            raise CredentialsError(message)
        return read_credentials(document, "Token", source=_SOURCE)

    async def _ask(
        self, path: str, headers: Mapping[str, str], *, method: str = "GET"
    ) -> Answer:
        request = request_to(
            self._endpoint() + path,
            method=method,
            headers=headers,
            connect=self._limit,
            read=self._limit,
        )
        left = self._attempts
        while True:
            left -= 1
            try:
                answer = await ask(
                    request, self._context, source=_SOURCE, is_local=True
                )
            except CredentialsError:
                if left:
                    continue
                raise
            if answer.status == _OK:
                return answer
            if not left or answer.status not in _RETRIED:
                what = "has no role" if answer.status == _NOT_FOUND else "refused"
                message = f"{_SOURCE} {what}: HTTP {answer.status} for {path}"
                raise CredentialsError(message)

    def _endpoint(self) -> str:
        setting = self._context.setting
        if given := setting("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
            return given.value.rstrip("/")
        mode = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
        if mode is None:
            # botocore's own name for the same
            old = setting("AWS_IMDS_USE_IPV6")
            return _ENDPOINTS["ipv6" if old and old.value.lower() == "true" else "ipv4"]
        value, where = mode.value, mode.where
        if value.lower() not in _ENDPOINTS:
            message = f"{where} must be IPv4 or IPv6: {value!r}"
            raise OptionsError(message)
        return _ENDPOINTS[value.lower()]


@asynccontextmanager
async def _in_time() -> AsyncGenerator[None]:
    """Bound what the service is asked in there."""
    try:
        async with asyncio.timeout(_IN_ALL):
            yield
    except TimeoutError as error:
        message = f"{_SOURCE} did not answer within {_IN_ALL:g} s"
        raise CredentialsError(message) from error


def _number(setting: Setting | None, default: float) -> float:
    """Return the number that a setting says; *default* for what is none."""
    try:
        number = default if setting is None else float(setting.value)
    except ValueError:
        return default
    return number if 1 <= number < inf else default
