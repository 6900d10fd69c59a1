"""Credentials of IAM Identity Center, by a token that ``aws sso login`` has left."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from attrs import field, frozen

from sagemaker_rt.credentials.documents import (
    expiry,
    json_object,
    read_credentials,
)
from sagemaker_rt.credentials.exchange import ask, request_to
from sagemaker_rt.credentials.surroundings import Surroundings
from sagemaker_rt.credentials.token_file import read_token_file, replace_token_file
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.endpoints import partition_of

__all__ = ["SSOCredentials"]

_OK: Final = 200
_REFRESHED_BEFORE: Final = timedelta(minutes=5)
_NEEDED: Final = ("refreshToken", "clientId", "clientSecret")


@frozen(kw_only=True)
class SSOCredentials:
    """The credentials of a role in an account, for whoever has logged in.

    A token of an ``sso-session`` is refreshed when it is about to expire, and written
    back for the other programs that use it.
    """

    has_static_stability = True

    account_id: str
    role_name: str
    sso_region: str
    start_url: str
    session: str | None = None
    """The name of the ``sso-session``; None for a profile of the older form."""
    surroundings: Surroundings = field(repr=False)

    async def retrieve(self) -> Credentials:
        """Return the credentials of the role.

        Raises:
            CredentialsError: There is no token, it has expired, or the portal refuses.
        """
        token = await self._token()
        query = urlencode({"role_name": self.role_name, "account_id": self.account_id})
        answer = await ask(
            request_to(
                f"{self._endpoint('SSO', 'portal.sso')}/federation/credentials?{query}",
                headers={"x-amz-sso_bearer_token": token},
            ),
            self.surroundings,
            source="the SSO portal",
        )
        document = json_object(answer.body, source="the SSO portal")
        if answer.status != _OK:
            message = (
                f"the SSO portal refused role {self.role_name!r} in account "
                f"{self.account_id}: HTTP {answer.status}; {self._advice}"
            )
            raise CredentialsError(message)
        role = document.get("roleCredentials")
        found = role if isinstance(role, dict) else {}
        milliseconds = found.get("expiration")
        end = milliseconds / 1000 if isinstance(milliseconds, (int, float)) else None
        named = {
            "AccessKeyId": found.get("accessKeyId"),
            "SecretAccessKey": found.get("secretAccessKey"),
            "SessionToken": found.get("sessionToken"),
            "Expiration": end,
            "AccountId": self.account_id,
        }
        return read_credentials(named, "SessionToken", source="the SSO portal")

    def _endpoint(self, service: str, host: str) -> str:
        given = self.surroundings.variable(f"AWS_ENDPOINT_URL_{service}")
        suffix = partition_of(self.sso_region).dns_suffix
        return (given or f"https://{host}.{self.sso_region}.{suffix}").rstrip("/")

    @property
    def _advice(self) -> str:
        named = f" --sso-session {self.session}" if self.session else ""
        return f"run: aws sso login{named}"

    async def _token(self) -> str:
        key = sha1((self.session or self.start_url).encode()).hexdigest()  # noqa: S324 - what the file is called
        path = self.surroundings.home("sso", "cache", f"{key}.json")
        cached = await read_token_file(path, advice=self._advice)
        end = expiry(cached.get("expiresAt"), source=str(path))
        now = datetime.fromtimestamp(self.surroundings.clock(), UTC)
        if self.session and now >= end - _REFRESHED_BEFORE:
            with suppress(CredentialsError):  # the old one may last for a while
                cached = await self._refreshed(cached, path)
                end = expiry(cached.get("expiresAt"), source=str(path))
        token = cached.get("accessToken")
        if now >= end or not isinstance(token, str):
            message = f"the SSO token in {path} has expired; {self._advice}"
            raise CredentialsError(message)
        return token

    async def _refreshed(
        self, cached: dict[str, object], path: Path
    ) -> dict[str, object]:
        """Return *cached* with a new token, and write it to *path*."""
        source = "the SSO OIDC service"
        if not all(isinstance(cached.get(name), str) for name in _NEEDED):
            message = f"{path} has nothing to refresh its token by"
            raise CredentialsError(message)
        form = {name: cached[name] for name in _NEEDED} | {"grantType": "refresh_token"}
        answer = await ask(
            request_to(
                f"{self._endpoint('SSO_OIDC', 'oidc')}/token",
                method="POST",
                headers={"content-type": "application/json"},
                body=json.dumps(form).encode(),
            ),
            self.surroundings,
            source=source,
        )
        document = json_object(answer.body, source=source)
        seconds = document.get("expiresIn")
        token = document.get("accessToken")
        if answer.status != _OK or not isinstance(seconds, int) or not token:
            message = f"{source} refused to refresh the token: HTTP {answer.status}"
            raise CredentialsError(message)
        end = self.surroundings.clock() + seconds
        new = cached | {
            "accessToken": token,
            "expiresAt": f"{datetime.fromtimestamp(end, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "refreshToken": document.get("refreshToken") or cached["refreshToken"],
        }
        await replace_token_file(path, new)
        return new
