"""All services that give credentials, at one address; each gives them to its own only.

Whoever does not show what a service wants to see is refused, so what comes out at the
end of a way was earned on every step of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias
from urllib.parse import parse_qs

from sagemaker_rt.emulator.received import ReceivedRequest
from sagemaker_rt.emulator.verification import Audience, SignatureRefused, verify
from sagemaker_rt.identity import Credentials
from tests.credentials.services import Asked

__all__ = [
    "BASE",
    "CONTAINER_TOKEN",
    "REGION",
    "ROLE",
    "WANTED",
    "WEB_TOKEN",
    "Cloud",
    "document",
    "instant",
]

Said: TypeAlias = tuple[int, str]

REGION: Final = "eu-west-3"
BASE: Final = Credentials("AKIABASE", "the/secret+of=base")
MIDDLE: Final = Credentials("ASIAMIDDLE", "the/secret+of=middle", "middle-token")
WANTED: Final = Credentials("ASIAWANTED", "the/secret+of=wanted", "wanted-token//==")
WEB_TOKEN: Final = "the.web.identity"
CONTAINER_TOKEN: Final = "Basic of-the-container"
ROLE: Final = "arn:aws:iam::123456789012:role"

_ROLES: Final = {
    f"{ROLE}/only": (BASE, WANTED),
    f"{ROLE}/first": (BASE, MIDDLE),
    f"{ROLE}/last": (MIDDLE, WANTED),
}
"""From a role to who may assume it, and what its credentials are."""
_BY_PATH: Final = {"base": BASE, "wanted": WANTED}
_REFUSED: Final = (403, "{}")


def instant(seconds: float) -> str:
    """Return the time that is so many *seconds* from now, as services write it."""
    return f"{datetime.fromtimestamp(time.time() + seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def document(credentials: Credentials, token: str, **more: object) -> str:
    """Return *credentials* in JSON; *token* is what the token's member is called."""
    members = {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        token: credentials.session_token,
        "Expiration": instant(86400),
    }
    return json.dumps(members | more)


class Cloud:
    """Answers, and remembers in *answered* which of its services said what."""

    def __init__(self) -> None:
        self.answered: Final[list[str]] = []

    def __call__(self, asked: Asked) -> Said:
        name, *rest = asked.target.partition("?")[0].strip("/").split("/")
        status, body = _SERVICES[name](asked, rest)
        self.answered.append(name if status == 200 else f"{name}: {status}")
        return status, body


def _sts(asked: Asked, _: list[str]) -> Said:
    said = {name: value for name, (value,) in parse_qs(asked.body).items()}
    source, given = _ROLES[said["RoleArn"]]
    is_allowed = (
        _is_signed(asked, source)
        if said["Action"] == "AssumeRole"
        else said["WebIdentityToken"] == WEB_TOKEN
    )
    if not is_allowed:
        return _REFUSED
    return 200, (
        f"<R><AccessKeyId>{given.access_key_id}</AccessKeyId>"
        f"<SecretAccessKey>{given.secret_access_key}</SecretAccessKey>"
        f"<SessionToken>{given.session_token}</SessionToken>"
        f"<Expiration>{instant(3600)}</Expiration></R>"
    )


def _is_signed(asked: Asked, source: Credentials) -> bool:
    """Tell whether it was *source* that signed, for STS in the region."""
    received = ReceivedRequest(
        operation="AssumeRole",
        method=asked.method,
        path=asked.target,
        headers={name.lower(): value for name, value in asked.headers.items()},
        body=asked.body.encode(),
        body_length=len(asked.body),
    )
    audience = Audience(region=REGION, service="sts")
    try:
        verify(received, credentials=source, audience=audience, now=time.time())
    except SignatureRefused:
        return False
    return True


def _sso(asked: Asked, _: list[str]) -> Said:
    is_known = asked.headers["x-amz-sso_bearer_token"] == "fresh"
    is_right = asked.target.endswith("?role_name=r&account_id=123456789012")
    if not (is_known and is_right):
        return _REFUSED
    found = json.loads(document(WANTED, "SessionToken"))
    role = {name[0].lower() + name[1:]: value for name, value in found.items()}
    role["expiration"] = (time.time() + 3600) * 1000
    return 200, json.dumps({"roleCredentials": role})


def _oidc(asked: Asked, _: list[str]) -> Said:
    form = json.loads(asked.body)
    if (form["refreshToken"], form["clientSecret"]) != ("to-refresh", "of-the-client"):
        return _REFUSED
    return 200, json.dumps({"accessToken": "fresh", "expiresIn": 3600})


def _container(asked: Asked, rest: list[str]) -> Said:
    if asked.headers.get("authorization") != CONTAINER_TOKEN:
        return _REFUSED
    return 200, document(_BY_PATH[rest[0]], "Token")


def _instance(asked: Asked, rest: list[str]) -> Said:
    which, *path = rest
    if (asked.method, path) == ("PUT", ["latest", "api", "token"]):
        return 200, "session"
    if asked.headers.get("x-aws-ec2-metadata-token") != "session":
        return _REFUSED
    if path[-1] == "security-credentials":
        return 200, "a-role"
    return 200, document(_BY_PATH[which], "Token", Code="Success")


def _cognito(asked: Asked, _: list[str]) -> Said:
    if asked.headers["x-amz-target"].endswith(".GetId"):
        return 200, '{"IdentityId": "i"}'
    if json.loads(asked.body) != {"IdentityId": "i", "Logins": {"idp": WEB_TOKEN}}:
        return _REFUSED
    found = json.loads(document(WANTED, "SessionToken"))
    found |= {"SecretKey": found.pop("SecretAccessKey")}
    found["Expiration"] = time.time() + 3600
    return 200, json.dumps({"Credentials": found})


_SERVICES: Final[Mapping[str, Callable[[Asked, list[str]], Said]]] = {
    "sts": _sts,
    "sso": _sso,
    "oidc": _oidc,
    "container": _container,
    "instance": _instance,
    "cognito": _cognito,
}
