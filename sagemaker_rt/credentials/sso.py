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
    Document,
    expiry,
    json_object,
    read_credentials,
)
from sagemaker_rt.credentials.http_fetch import ask, request_to, service_url
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.token_file import read_token_file, replace_token_file
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.http import Headers
from sagemaker_rt.identity import Credentials

__all__ = ["SSOCredentials"]

_PORTAL: Final = "the SSO portal"
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
    context: ProviderContext = field(repr=False)

    async def retrieve(self) -> Credentials:
        """Return the credentials of the role.

        Raises:
            CredentialsError: There is no token, it has expired, or the portal refuses.
        """
        headers = Headers({"x-amz-sso_bearer_token": await self._token()})
        query = urlencode({"role_name": self.role_name, "account_id": self.account_id})
        answer = await ask(
            request_to(
                f"{self._endpoint('SSO', 'portal.sso')}/federation/credentials?{query}",
                headers=headers,
            ),
            self.context,
            source=_PORTAL,
        )
        document = json_object(answer.body, source=_PORTAL)
        if answer.status != _OK:
            message = (
                f"{_PORTAL} refused role {self.role_name!r} in account "
                f"{self.account_id}: HTTP {answer.status}; {self._advice}"
            )
            raise CredentialsError(message)
        found = document.object("roleCredentials")
        named = {
            "AccessKeyId": found.text("accessKeyId"),
            "SecretAccessKey": found.text("secretAccessKey"),
            "SessionToken": found.text("sessionToken"),
            "Expiration": _seconds(found.members.get("expiration")),
            "AccountId": self.account_id,
        }
        whole = Document(named)
        del named  # which a traceback that shows local variables would show
        return read_credentials(whole, "SessionToken", source=_PORTAL)

    def _endpoint(self, service: str, host: str) -> str:
        return service_url(self.context, service, host, self.sso_region)

    @property
    def _advice(self) -> str:
        named = f" --sso-session {self.session}" if self.session else ""
        return f"run: aws sso login{named}"

    async def _token(self) -> str:
        key = sha1((self.session or self.start_url).encode()).hexdigest()  # noqa: S324 - what the file is called
        path = self.context.aws_path("sso", "cache", f"{key}.json")
        cached = await read_token_file(path, advice=self._advice)
        end = expiry(cached.members.get("expiresAt"), source=str(path))
        now = datetime.fromtimestamp(self.context.clock(), UTC)
        if self.session and now + _REFRESHED_BEFORE >= end:
            with suppress(CredentialsError):  # the old one may last for a while
                cached = await self._refreshed(cached, path)
                end = expiry(cached.members.get("expiresAt"), source=str(path))
        if now >= end or cached.text("accessToken") is None:
            message = f"the SSO token in {path} has expired; {self._advice}"
            raise CredentialsError(message)
        return cached.text("accessToken") or ""

    async def _refreshed(self, cached: Document, path: Path) -> Document:
        """Return *cached* with a new token, and write it to *path*."""
        source = "the SSO OIDC service"
        if not all(map(cached.text, _NEEDED)):
            message = f"{path} has nothing to refresh its token by"
            raise CredentialsError(message)
        answer = await ask(
            request_to(
                f"{self._endpoint('SSO_OIDC', 'oidc')}/token",
                method="POST",
                headers={"content-type": "application/json"},
                body=_form(cached),
            ),
            self.context,
            source=source,
        )
        document = json_object(answer.body, source=source)
        seconds = document.members.get("expiresIn")
        lasts = seconds if isinstance(seconds, int) else 0
        if answer.status != _OK or lasts <= 0 or not document.text("accessToken"):
            message = f"{source} refused to refresh the token: HTTP {answer.status}"
            raise CredentialsError(message)
        end = expiry(int(self.context.clock()) + lasts, source=source)
        new = Document(
            {
                **cached.members,
                "accessToken": document.text("accessToken"),
                "expiresAt": f"{end:%Y-%m-%dT%H:%M:%SZ}",
                "refreshToken": document.text("refreshToken")
                or cached.text("refreshToken"),
            }
        )
        await replace_token_file(path, new)
        return new


def _seconds(milliseconds: object) -> object:
    """Return a time in seconds; what is no number of them is no time either."""
    if isinstance(milliseconds, int) and not isinstance(milliseconds, bool):
        return milliseconds // 1000
    return milliseconds / 1000 if isinstance(milliseconds, float) else "none"


def _form(cached: Document) -> bytes:
    form = {name: cached.text(name) for name in _NEEDED}
    return json.dumps(form | {"grantType": "refresh_token"}).encode()
