"""Credentials of a user of the console, by what ``aws login`` has left."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from math import inf
from pathlib import Path
from string import Template
from typing import Final

from attrs import define, evolve, field, frozen

from sagemaker_rt.credentials.documents import (
    Document,
    expiry,
    json_object,
    read_credentials,
)
from sagemaker_rt.credentials.dpop import Prove, prove
from sagemaker_rt.credentials.http_fetch import Answer, ask, request_to
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.token_file import read_token_file, replace_token_file
from sagemaker_rt.errors import CredentialsError, EndpointResolutionError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.endpoints import (
    normalize_region,
    partition_of,
    require_encryption,
)

__all__ = ["LoginCredentials"]

_SOURCE: Final = "the sign-in service"
_REFRESHED_BEFORE: Final = timedelta(minutes=5)
_LEFT_ALONE: Final = 30.0
"""Seconds that a service which gave no new set is not asked again, while one lasts."""
_KEYS: Final = ("accessKeyId", "secretAccessKey", "sessionToken")
_READ: Final = (*_KEYS, "accountId")
_NEEDED: Final = ("clientId", "refreshToken", "dpopKey")

# after https://{region}.signin., by partition; these are no suffixes of other services
_SUFFIXES: Final[Mapping[str, str]] = {
    "aws": "aws.amazon.com",
    "aws-cn": "amazonaws.cn",
    "aws-eusc": "amazonaws-eusc.eu",
    "aws-iso": "c2shome.ic.gov",
    "aws-iso-b": "sc2shome.sgov.gov",
    "aws-iso-e": "csphome.adc-e.uk",
    "aws-iso-f": "csphome.hci.ic.gov",
    "aws-us-gov": "amazonaws-us-gov.com",
}
_REASONS: Final[Mapping[str, str]] = {
    "TOKEN_EXPIRED": "the session is over; run: {login}",
    "USER_CREDENTIALS_CHANGED": "the user's credentials were changed; run: {login}",
    "INSUFFICIENT_PERMISSIONS": "that takes the permission signin:CreateOAuth2Token",
}
_CODE: Final = re.compile(r"[A-Za-z_]{1,40}")
"""What is a code of the service, and no secret that it repeats."""


@frozen
class _Login:
    """What the file says."""

    document: Document
    credentials: Credentials
    expires_at: datetime


@define
class _Pause:
    until: float = -inf


@frozen(kw_only=True)
class LoginCredentials:
    """The credentials that ``aws login`` has left for a user of the console.

    They last for a quarter of an hour. Those that are about to expire are refreshed,
    for the hours that the login is good for, and written back for the other programs
    that use them. That is signed by a library which ``sagemaker-rt[login]`` brings.
    """

    has_static_stability = True

    session: str
    """The ``login_session`` of a profile: who has logged in."""
    profile: str | None = None
    """The profile that advice to log in names; None for none."""
    context: ProviderContext = field(repr=False)
    prove: Prove = field(default=prove, repr=False)
    """Signs that a refresh is the login's, in a thread."""
    _pause: _Pause = field(factory=_Pause, init=False, repr=False, eq=False)

    async def retrieve(self) -> Credentials:
        """Return the credentials of the login.

        Raises:
            CredentialsError: There are none, or they have expired and the sign-in
                service gives no others.
        """
        path = self._path()
        login = await self._read(path)
        if not self._is_due(login):
            return login.credentials
        try:
            login = await self._refreshed(login, path)
        except CredentialsError:
            self._pause.until = self.context.clock() + _LEFT_ALONE
            # which may last for a while, or was refreshed by another program
            login = await self._read(path)
            if self._now() >= login.expires_at:
                raise
        return login.credentials

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.context.clock(), UTC)

    def _is_due(self, login: _Login) -> bool:
        now = self._now()
        is_left_alone = self.context.clock() < self._pause.until
        margin = timedelta() if is_left_alone else _REFRESHED_BEFORE
        return now + margin >= login.expires_at

    @property
    def _command(self) -> str:
        named = f" --profile {self.profile}" if self.profile else ""
        return f"aws login{named}"

    def _path(self) -> Path:
        name = f"{sha256(self.session.encode()).hexdigest()}.json"
        given = self.context.variable("AWS_LOGIN_CACHE_DIRECTORY")
        if given is None:
            return self.context.aws_path("login", "cache", name)
        folder = Path(Template(given).safe_substitute(self.context.environ))
        if folder.parts[:1] == ("~",):
            home = self.context.aws_path().parent
            folder = home.joinpath(*folder.parts[1:])
        return folder / name

    async def _read(self, path: Path) -> _Login:
        advice = f"run: {self._command}"
        document = await read_token_file(path, advice=advice)
        return _login(document, source=str(path), advice=f"; {advice}")

    async def _refreshed(self, login: _Login, path: Path) -> _Login:
        """Return *login* with a new set, and write it to *path*."""
        text = login.document.text
        missing = [name for name in _NEEDED if text(name) is None]
        if missing:
            message = (
                f"{path} has no {' and no '.join(missing)} to refresh it by; "
                f"run: {self._command}"
            )
            raise CredentialsError(message)
        url = self._url(login)
        proof = await self._proof(login, url)
        form = {name: text(name) for name in ("clientId", "refreshToken")}
        request = request_to(
            url,
            method="POST",
            headers={"content-type": "application/json", "dpop": proof},
            body=json.dumps(form | {"grantType": "refresh_token"}).encode(),
        )
        del form, proof  # which a traceback that shows local variables would show
        answer = await ask(request, self.context, source=_SOURCE)
        if answer.status != HTTPStatus.OK:
            raise self._refusal(answer)
        new = _renewed(login, answer, self.context.clock())
        await replace_token_file(path, new.document)
        return new

    async def _proof(self, login: _Login, url: str) -> str:
        try:
            return await asyncio.to_thread(self._proved, login, url)
        except ImportError as error:
            reason = str(error)
        message = (  # without a cause, whose traceback has the key
            f"the login has to be refreshed, which takes a library ({reason}); "
            "run: pip install 'sagemaker-rt[login]'"
        )
        raise CredentialsError(message)

    def _proved(self, login: _Login, url: str) -> str:
        issued_at = int(self.context.clock())
        return self.prove(login.document.text("dpopKey") or "", url, issued_at)

    def _url(self, login: _Login) -> str:
        """Return where to refresh: in the region of the login, if the file names it."""
        given = self.context.endpoint_url("SIGNIN")
        region = login.document.text("signInRegion") or self.context.region
        if given is None and region is None:
            message = "there is no region to refresh the login in; set AWS_REGION"
            raise CredentialsError(message)
        try:
            if given is None:
                region, _ = normalize_region(region or "")
                suffix = _SUFFIXES[partition_of(region).id]
                return f"https://{region}.signin.{suffix}/v1/token"
            require_encryption(Endpoint(given.value), allow_insecure=False)
        except EndpointResolutionError as error:
            where = f"by {given.where}" if given else "in its region"
            message = f"the login cannot be refreshed {where}: {error}"
            raise CredentialsError(message) from error
        return f"{given.value.rstrip('/')}/v1/token"

    def _refusal(self, answer: Answer) -> CredentialsError:
        """Return what *answer* means; its own words are shown nowhere."""
        try:
            named = json_object(answer.body, source=_SOURCE).text("error")
        except CredentialsError:
            named = None
        code = named if named and _CODE.fullmatch(named) else None
        may_pass = (
            answer.status == HTTPStatus.TOO_MANY_REQUESTS
            or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        )
        reason = _REASONS.get(code or "", "" if may_pass else "run: {login}")
        said = " ".join(filter(None, (f"HTTP {answer.status}", code)))
        advice = f"; {reason.format(login=self._command)}" if reason else ""
        message = f"{_SOURCE} refused to refresh the login: {said}{advice}"
        return CredentialsError(message)


def _renewed(login: _Login, answer: Answer, now: float) -> _Login:
    """Return *login* with the set of *answer*."""
    document = json_object(answer.body, source=_SOURCE)
    seconds = document.members.get("expiresIn")
    if not isinstance(seconds, int) or seconds <= 0:
        message = f"{_SOURCE} gave no expiresIn"
        raise CredentialsError(message)
    end = expiry(int(now) + seconds, source=_SOURCE)
    access = document.object("accessToken")
    new = Document(
        {
            **login.document.members,
            "accessToken": {
                **login.document.object("accessToken").members,
                **{name: access.text(name) for name in _KEYS},
                "expiresAt": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            },
            "refreshToken": document.text("refreshToken")
            or login.document.text("refreshToken"),
        }
    )
    return _login(new, source=_SOURCE)


def _login(document: Document, *, source: str, advice: str = "") -> _Login:
    """Return what *document* says.

    Raises:
        CredentialsError: The set is not whole; the text names *source*.
    """
    access = document.object("accessToken")
    missing = [name for name in (*_KEYS, "expiresAt") if access.text(name) is None]
    if missing:
        message = f"{source} gave no {' and no '.join(missing)}{advice}"
        raise CredentialsError(message)
    named = Document({name[0].upper() + name[1:]: access.text(name) for name in _READ})
    credentials = read_credentials(named, "SessionToken", source=source)
    end = expiry(access.text("expiresAt"), source=source)
    return _Login(document, evolve(credentials, expires_at=end), end)
