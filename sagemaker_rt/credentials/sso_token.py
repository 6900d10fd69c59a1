"""Access tokens of IAM Identity Center, from the cache of ``aws sso login``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Final

from attrs import field, frozen

from sagemaker_rt.credentials.documents import (
    Document,
    parse_expiry,
    parse_json_object,
)
from sagemaker_rt.credentials.http_fetch import (
    FetchResult,
    build_request,
    fetch,
    service_url,
)
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.token_file import read_token_file, replace_token_file
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Token

__all__ = ["SSOTokenFile", "SSOTokenProvider"]

_SOURCE: Final = "the SSO OIDC service"
_OK: Final = 200
_REFUSED: Final = frozenset({401, 403})
_REFRESH_WINDOW: Final = timedelta(minutes=5)
_NEEDED_TO_REFRESH: Final = ("refreshToken", "clientId", "clientSecret")


@frozen(kw_only=True)
class SSOTokenFile:
    """The cache file of one login, which is refreshed and written back."""

    session: str | None = None
    """The name of the ``sso-session``; None for a login by a profile of the older form,
    whose token cannot be refreshed."""
    start_url: str = ""
    """The URL of the portal, which names the file if there is no *session*."""
    sso_region: str
    context: ProviderContext = field(repr=False)

    @property
    def advice(self) -> str:
        """The command to log in with, for errors."""
        option = f" --sso-session {self.session}" if self.session else ""
        return f"run: aws sso login{option}"

    async def retrieve(self) -> Token:
        """Return the token, which is refreshed in its last five minutes.

        Raises:
            CredentialsError: The token is missing, or it has expired and cannot be
                refreshed.
        """
        name = sha1((self.session or self.start_url).encode()).hexdigest()  # noqa: S324 - only the name of the file
        path = self.context.aws_path("sso", "cache", f"{name}.json")
        cached = await read_token_file(path, advice=self.advice)
        expiry = parse_expiry(cached.members.get("expiresAt"), source=str(path))
        now = datetime.fromtimestamp(self.context.clock(), UTC)
        # a login without a session has no refresh token
        failure: CredentialsError | None = None
        if self.session and now + _REFRESH_WINDOW >= expiry:
            try:
                cached = await self._refresh(cached, path)
                expiry = parse_expiry(cached.members.get("expiresAt"), source=str(path))
            except CredentialsError as error:
                failure = error  # the old token may still be valid
        token = cached.text("accessToken")
        if now >= expiry or token is None:
            del token  # a secret, which a traceback with local variables would show
            if failure is not None:
                message = f"the SSO token in {path} has expired: {failure}"
                raise CredentialsError(message) from failure
            message = f"the SSO token in {path} has expired; {self.advice}"
            raise CredentialsError(message)
        return Token(token, expires_at=expiry)

    async def _refresh(self, cached: Document, path: Path) -> Document:
        """Return *cached* with a new token, which is written to *path*."""
        if not all(map(cached.text, _NEEDED_TO_REFRESH)):
            message = f"{path} does not have what a refresh needs; {self.advice}"
            raise CredentialsError(message)
        url = service_url(self.context, "SSO_OIDC", "oidc", self.sso_region)
        request = build_request(
            f"{url}/token",
            method="POST",
            headers={"content-type": "application/json"},
            body=_form_body(cached),
        )
        result = await fetch(request, self.context, source=_SOURCE)
        if result.status != _OK:
            raise self._refusal(result)
        document = parse_json_object(result.body, source=_SOURCE)
        expires_in = document.members.get("expiresIn")
        lifetime = expires_in if isinstance(expires_in, int) else 0
        if lifetime <= 0 or not document.text("accessToken"):
            message = f"{_SOURCE} returned no token, or one that has expired"
            raise CredentialsError(message)
        expiry = parse_expiry(int(self.context.clock()) + lifetime, source=_SOURCE)
        new = Document(
            {
                **cached.members,
                "accessToken": document.text("accessToken"),
                "expiresAt": f"{expiry:%Y-%m-%dT%H:%M:%SZ}",
                "refreshToken": document.text("refreshToken")
                or cached.text("refreshToken"),
            }
        )
        await replace_token_file(path, new)
        return new

    def _refusal(self, result: FetchResult) -> CredentialsError:
        """Return the error for a response with an error."""
        try:
            code = parse_json_object(result.body, source=_SOURCE).text("error")
        except CredentialsError:
            code = None
        if result.status in _REFUSED or code == "invalid_grant":
            message = f"{_SOURCE} did not refresh the token: HTTP {result.status}"
            return CredentialsError(f"{message}; {self.advice}")
        message = f"{_SOURCE} could not refresh the token: HTTP {result.status}"
        return CredentialsError(message)


@frozen(kw_only=True)
class SSOTokenProvider:
    """Provides the access token of an ``sso-session`` as a bearer token.

    ``aws sso login --sso-session NAME`` writes the token to its cache. In its last five
    minutes it is refreshed and written back, as the AWS CLI and the other SDKs do.
    """

    session: str | None = None
    """The name of the ``sso-session``; by default ``sso_session`` of the profile."""
    sso_region: str | None = None
    """The region of the session; by default ``sso_region`` of its section."""
    context: ProviderContext = field(repr=False)

    async def retrieve(self) -> Token:
        """Return the token.

        Raises:
            CredentialsError: The session or token is missing, or the token has expired
                and cannot be refreshed.
        """
        session, sso_region = self._session(), self.sso_region
        if sso_region is None:
            section = self.context.profiles.sso_sessions.get(session, {})
            found = section.get("sso_region")
            if found is None or not found.value:
                message = (
                    f"section [sso-session {session}] of the config file has no "
                    "sso_region; add it, or pass sso_region=…"
                )
                raise CredentialsError(message)
            sso_region = found.value
        token_file = SSOTokenFile(
            session=session, sso_region=sso_region, context=self.context
        )
        return await token_file.retrieve()

    def _session(self) -> str:
        if self.session is not None:
            return self.session
        found = self.context.section.get("sso_session")
        if found is None or not found.value:
            message = (
                f"profile {self.context.profile!r} has no sso_session; add it, or pass "
                "session=…"
            )
            raise CredentialsError(message)
        return found.value


def _form_body(cached: Document) -> bytes:
    form = {name: cached.text(name) for name in _NEEDED_TO_REFRESH}
    return json.dumps(form | {"grantType": "refresh_token"}).encode()
