"""Credentials of a console user, from the cache of ``aws login``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from math import inf
from pathlib import Path
from typing import Final

from attrs import define, evolve, field, frozen

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.credentials.documents import (
    Document,
    parse_credentials,
    parse_expiry,
    parse_json_object,
)
from sagemaker_rt.credentials.dpop import ProofSigner, sign_proof
from sagemaker_rt.credentials.http_fetch import FetchResult, build_request, fetch
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.token_file import read_token_file, replace_token_file
from sagemaker_rt.errors import CredentialsError, EndpointResolutionError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.endpoints import require_encryption
from sagemaker_rt.sansio.service_hosts import sign_in_host

__all__ = ["LoginCredentials"]

_SOURCE: Final = "the sign-in service"
_REFRESH_WINDOW: Final = timedelta(minutes=5)
_REFRESH_PAUSE: Final = 30.0
"""Seconds after a failed refresh without another one, while the credentials last."""
_KEYS: Final = ("accessKeyId", "secretAccessKey", "sessionToken")
_CREDENTIALS: Final = (*_KEYS, "accountId")
_NEEDED_TO_REFRESH: Final = ("clientId", "refreshToken", "dpopKey")

_ADVICE: Final[Mapping[str, str]] = {
    "TOKEN_EXPIRED": "the session has expired; run: {login}",
    "USER_CREDENTIALS_CHANGED": "the user's credentials were changed; run: {login}",
    "INSUFFICIENT_PERMISSIONS": "the permission signin:CreateOAuth2Token is required",
}
_ERROR_CODE: Final = re.compile(r"[A-Za-z_]{1,40}")
"""Matches an error code, but not a secret that the service might echo."""


@frozen
class _Login:
    """The content of a cache file."""

    document: Document
    credentials: Credentials
    expires_at: datetime


@define
class _RefreshPause:
    until: float = -inf


@frozen(kw_only=True)
class LoginCredentials:
    """The credentials of a console user, which ``aws login`` writes to its cache.

    They last for 15 minutes. In their last five, they are refreshed and written back,
    as the AWS CLI and the other SDKs do, until the login itself expires after some
    hours. To refresh takes the library that ``sagemaker-rt[login]`` installs.
    """

    has_static_stability = True

    session: str
    """The ``login_session`` of a profile, which identifies the user."""
    profile: str | None = None
    """The profile in the command that an error advises to run."""
    context: ProviderContext = field(repr=False)
    sign_proof: ProofSigner = field(default=sign_proof, repr=False)
    """Signs a refresh with the key of the login; runs in a thread."""
    _pause: _RefreshPause = field(
        factory=_RefreshPause, init=False, repr=False, eq=False
    )

    async def retrieve(self) -> Credentials:
        """Return the credentials of the login.

        Raises:
            CredentialsError: The login is missing, or it has expired and cannot be
                refreshed.
        """
        path = self._cache_path()
        login = await self._read(path)
        if not self._is_due(login):
            return login.credentials
        try:
            login = await self._refresh(login, path)
        except CredentialsError:
            self._pause.until = self.context.clock() + _REFRESH_PAUSE
            # the credentials may still be valid, or another program has refreshed them
            login = await self._read(path)
            if self._now() >= login.expires_at:
                raise
        return login.credentials

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.context.clock(), UTC)

    def _is_due(self, login: _Login) -> bool:
        is_paused = self.context.clock() < self._pause.until
        # in the pause, only credentials that have expired are worth a request
        window = timedelta() if is_paused else _REFRESH_WINDOW
        return self._now() + window >= login.expires_at

    @property
    def _command(self) -> str:
        option = f" --profile {self.profile}" if self.profile else ""
        return f"aws login{option}"

    def _cache_path(self) -> Path:
        name = f"{sha256(self.session.encode()).hexdigest()}.json"
        configured = self.context.variable("AWS_LOGIN_CACHE_DIRECTORY")
        if configured is None:
            return self.context.aws_path("login", "cache", name)
        return self.context.path(configured) / name

    async def _read(self, path: Path) -> _Login:
        advice = f"run: {self._command}"
        document = await read_token_file(path, advice=advice)
        return _parse_login(document, source=str(path), advice=f"; {advice}")

    async def _refresh(self, login: _Login, path: Path) -> _Login:
        """Return *login* with new credentials, which are written to *path*."""
        text = login.document.text
        missing = [name for name in _NEEDED_TO_REFRESH if text(name) is None]
        if missing:
            message = (
                f"{path} cannot be refreshed, {' and '.join(missing)} missing; "
                f"run: {self._command}"
            )
            raise CredentialsError(message)
        url = self._url(login)
        proof = await self._sign_proof(login, url)
        form = {name: text(name) for name in ("clientId", "refreshToken")}
        request = build_request(
            url,
            method="POST",
            headers={"content-type": "application/json", "dpop": proof},
            body=json.dumps(form | {"grantType": "refresh_token"}).encode(),
        )
        del form, proof  # secrets, which a traceback with local variables would show
        result = await fetch(request, self.context, source=_SOURCE)
        if result.status != HTTPStatus.OK:
            raise self._refusal(result)
        new = _refreshed(login, result, self.context.clock())
        await replace_token_file(path, new.document)
        return new

    async def _sign_proof(self, login: _Login, url: str) -> str:
        try:
            return await in_thread(self._sign_proof_now, login, url)
        except ImportError as error:
            reason = str(error)
        message = (  # raised without a cause, whose traceback has the key in it
            f"to refresh the login takes a library that is not installed ({reason}); "
            "run: pip install 'sagemaker-rt[login]'"
        )
        raise CredentialsError(message)

    def _sign_proof_now(self, login: _Login, url: str) -> str:
        issued_at = int(self.context.clock())
        return self.sign_proof(login.document.text("dpopKey") or "", url, issued_at)

    def _url(self, login: _Login) -> str:
        """Return the URL for the refresh, in the region of the login if it has one."""
        configured = self.context.endpoint_url("SIGNIN")
        region = login.document.text("signInRegion") or self.context.region
        if configured is None and region is None:
            message = "the login cannot be refreshed without a region; set AWS_REGION"
            raise CredentialsError(message)
        try:
            if configured is None:
                host = sign_in_host(
                    region or "",
                    use_fips=self.context.use_fips_endpoint,
                    use_dualstack=self.context.use_dualstack_endpoint,
                )
                return f"https://{host}/v1/token"
            require_encryption(Endpoint(configured.value), allow_insecure=False)
        except EndpointResolutionError as error:
            where = "its region" if configured is None else configured.where
            message = f"the login cannot be refreshed: {where}: {error}"
            raise CredentialsError(message) from error
        return f"{configured.value.rstrip('/')}/v1/token"

    def _refusal(self, result: FetchResult) -> CredentialsError:
        """Return the error for *result*.

        It has only the error code: the text may repeat the request with its tokens.
        """
        try:
            error = parse_json_object(result.body, source=_SOURCE).text("error")
        except CredentialsError:
            error = None
        code = error if error and _ERROR_CODE.fullmatch(error) else None
        is_refused = code == "invalid_grant" or result.status in {
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
        }
        advice = _ADVICE.get(code or "", "run: {login}" if is_refused else "")
        advice = f"; {advice.format(login=self._command)}" if advice else ""
        facts = " ".join(filter(None, (f"HTTP {result.status}", code)))
        message = f"{_SOURCE} did not refresh the login: {facts}{advice}"
        return CredentialsError(message)


def _refreshed(login: _Login, result: FetchResult, now: float) -> _Login:
    """Return *login* with the credentials in *result*."""
    document = parse_json_object(result.body, source=_SOURCE)
    seconds = document.members.get("expiresIn")
    if not isinstance(seconds, int) or seconds <= 0:
        message = f"{_SOURCE}: expiresIn missing, expected a number of seconds"
        raise CredentialsError(message)
    expiry = parse_expiry(int(now) + seconds, source=_SOURCE)
    access = document.object("accessToken")
    new = Document(
        {
            **login.document.members,
            "accessToken": {
                **login.document.object("accessToken").members,
                **{name: access.text(name) for name in _KEYS},
                "expiresAt": f"{expiry:%Y-%m-%dT%H:%M:%SZ}",
            },
            "refreshToken": document.text("refreshToken")
            or login.document.text("refreshToken"),
        }
    )
    return _parse_login(new, source=_SOURCE)


def _parse_login(document: Document, *, source: str, advice: str = "") -> _Login:
    """Return the login in *document*.

    Raises:
        CredentialsError: A member is missing or invalid.
    """
    access = document.object("accessToken")
    missing = [name for name in (*_KEYS, "expiresAt") if access.text(name) is None]
    if missing:
        message = f"{source}: {' and '.join(missing)} missing{advice}"
        raise CredentialsError(message)
    renamed = Document(
        {name[0].upper() + name[1:]: access.text(name) for name in _CREDENTIALS}
    )
    credentials = parse_credentials(renamed, "SessionToken", source=source)
    expiry = parse_expiry(access.text("expiresAt"), source=source)
    return _Login(document, evolve(credentials, expires_at=expiry), expiry)
