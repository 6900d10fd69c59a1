"""All services that return credentials, at one address, as the handler of a test.

Each service refuses a request without the right key, token or signature. So a test that
gets the last credentials of a chain has taken every step of it correctly.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias
from urllib.parse import parse_qs

from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.signature_verification import (
    SignatureRejected,
    SigningScope,
    verify,
)
from sagemaker_rt.identity import Credentials
from tests.credentials.services import ServiceRequest

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

Response: TypeAlias = tuple[int, str]

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
"""By role: the credentials that may assume it, and its own."""
_BY_PATH: Final = {"base": BASE, "wanted": WANTED}
_REFUSED: Final = (403, "{}")


def instant(seconds: float) -> str:
    """Return the time in *seconds* from now, as services write it."""
    return f"{datetime.fromtimestamp(time.time() + seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def document(credentials: Credentials, token: str, **more: object) -> str:
    """Return *credentials* in JSON; *token* is the name of the member for the token."""
    members = {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        token: credentials.session_token,
        "Expiration": instant(86400),
    }
    return json.dumps(members | more)


class Cloud:
    """Handles requests to all services, and records the services in *called*."""

    def __init__(self) -> None:
        self.called: Final[list[str]] = []

    def __call__(self, request: ServiceRequest) -> Response:
        name, *rest = request.target.partition("?")[0].strip("/").split("/")
        status, body = _SERVICES[name](request, rest)
        self.called.append(name if status == 200 else f"{name}: {status}")
        return status, body


def _sts(request: ServiceRequest, _: list[str]) -> Response:
    parameters = {name: value for name, (value,) in parse_qs(request.body).items()}
    source, assumed = _ROLES[parameters["RoleArn"]]
    is_allowed = (
        _is_signed(request, source)
        if parameters["Action"] == "AssumeRole"
        else parameters["WebIdentityToken"] == WEB_TOKEN
    )
    if not is_allowed:
        return _REFUSED
    return 200, (
        f"<R><AccessKeyId>{assumed.access_key_id}</AccessKeyId>"
        f"<SecretAccessKey>{assumed.secret_access_key}</SecretAccessKey>"
        f"<SessionToken>{assumed.session_token}</SessionToken>"
        f"<Expiration>{instant(3600)}</Expiration></R>"
    )


def _is_signed(request: ServiceRequest, source: Credentials) -> bool:
    """Return whether *source* signed the request, for STS in the region."""
    received = ReceivedRequest(
        operation="AssumeRole",
        method=request.method,
        path=request.target,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body.encode(),
        body_length=len(request.body),
    )
    scope = SigningScope(region=REGION, service="sts")
    try:
        verify(received, credentials=source, scope=scope, now=time.time())
    except SignatureRejected:
        return False
    return True


def _sso(request: ServiceRequest, _: list[str]) -> Response:
    is_known = request.headers["x-amz-sso_bearer_token"] == "fresh"
    is_right = request.target.endswith("?role_name=r&account_id=123456789012")
    if not (is_known and is_right):
        return _REFUSED
    found = json.loads(document(WANTED, "SessionToken"))
    role = {name[0].lower() + name[1:]: value for name, value in found.items()}
    role["expiration"] = (time.time() + 3600) * 1000
    return 200, json.dumps({"roleCredentials": role})


def _oidc(request: ServiceRequest, _: list[str]) -> Response:
    form = json.loads(request.body)
    if (form["refreshToken"], form["clientSecret"]) != ("to-refresh", "of-the-client"):
        return _REFUSED
    return 200, json.dumps({"accessToken": "fresh", "expiresIn": 3600})


def _container(request: ServiceRequest, rest: list[str]) -> Response:
    if request.headers.get("authorization") != CONTAINER_TOKEN:
        return _REFUSED
    return 200, document(_BY_PATH[rest[0]], "Token")


def _instance(request: ServiceRequest, rest: list[str]) -> Response:
    which, *path = rest
    if (request.method, path) == ("PUT", ["latest", "api", "token"]):
        return 200, "session"
    if request.headers.get("x-aws-ec2-metadata-token") != "session":
        return _REFUSED
    if path[-1] == "security-credentials":
        return 200, "a-role"
    return 200, document(_BY_PATH[which], "Token", Code="Success")


def _cognito(request: ServiceRequest, _: list[str]) -> Response:
    if request.headers["x-amz-target"].endswith(".GetId"):
        return 200, '{"IdentityId": "i"}'
    if json.loads(request.body) != {"IdentityId": "i", "Logins": {"idp": WEB_TOKEN}}:
        return _REFUSED
    found = json.loads(document(WANTED, "SessionToken"))
    found |= {"SecretKey": found.pop("SecretAccessKey")}
    found["Expiration"] = time.time() + 3600
    return 200, json.dumps({"Credentials": found})


_SERVICES: Final[Mapping[str, Callable[[ServiceRequest, list[str]], Response]]] = {
    "sts": _sts,
    "sso": _sso,
    "oidc": _oidc,
    "container": _container,
    "instance": _instance,
    "cognito": _cognito,
}
