"""The signature that a request claims: in headers, in its query, or in a token."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from attrs import evolve, field, frozen

from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.sansio.authorization_header import (
    Authorization,
    AuthorizationError,
    parse_authorization,
)

__all__ = [
    "MAX_API_KEY_EXPIRES",
    "SignatureClaim",
    "claim_in_headers",
    "claim_in_query",
    "request_in_token",
]

_API_KEY: Final = re.compile(
    r"Bearer\s+sagemaker-api-key-([A-Za-z0-9+/=]+)", re.IGNORECASE
)
_SIGNATURE: Final = re.compile(r"(?:^|&)X-Amz-Signature=[0-9a-f]*")
_SECONDS: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
_MAX_EXPIRES: Final = 7 * 24 * 3600
_API_KEY_HOST: Final = "sagemaker.amazonaws.com"
MAX_API_KEY_EXPIRES: Final = 12 * 3600
"""Maximum number of seconds for which an API key is valid."""


@frozen(kw_only=True)
class SignatureClaim:
    """The signature of a request, and what it was made with."""

    authorization: Authorization
    date: str
    """The time of the signature: ``20150830T123600Z``; empty if it is missing."""
    session_token: str = field(repr=False)
    """Empty without one."""
    query: str = field(repr=False)
    """The query that is signed."""
    expires: int | None = None
    """Seconds for which a presigned request is valid; None for other requests."""


def claim_in_headers(request: ReceivedRequest) -> SignatureClaim:
    """Return the claim in the headers of *request*.

    Raises:
        AuthorizationError: The header Authorization has another form.
    """
    headers = request.headers
    return SignatureClaim(
        authorization=parse_authorization(headers["authorization"]),
        date=headers.get("x-amz-date", ""),
        session_token=headers.get("x-amz-security-token", ""),
        query=request.query,
    )


def claim_in_query(
    request: ReceivedRequest, *, max_expires: int = _MAX_EXPIRES
) -> SignatureClaim | None:
    """Return the claim in the query of a presigned request; None without one.

    Args:
        max_expires: Maximum number of seconds for which the request is valid.

    Raises:
        AuthorizationError: A parameter is missing or has another form.
    """
    parameters = dict(parse_qsl(request.query, keep_blank_values=True))
    if "X-Amz-Signature" not in parameters:
        return None
    expires = parameters.get("X-Amz-Expires", "")
    if not _SECONDS.fullmatch(expires) or not 1 <= int(expires) <= max_expires:
        message = f"X-Amz-Expires must be a number of seconds up to {max_expires}"
        raise AuthorizationError(message)
    return SignatureClaim(
        authorization=parse_authorization(_as_header(parameters)),
        date=parameters.get("X-Amz-Date", ""),
        session_token=parameters.get("X-Amz-Security-Token", ""),
        query=_SIGNATURE.sub("", request.query).removeprefix("&"),
        expires=int(expires),
    )


def request_in_token(request: ReceivedRequest) -> ReceivedRequest | None:
    """Return the presigned request in a bearer token, or None without such a token.

    A SageMaker API key is a presigned request in base64. Its last parameter,
    ``Version``, is not signed.

    Raises:
        AuthorizationError: The token has another form.
    """
    value = request.headers.get("authorization", "")
    if not value[:7].lower().startswith("bearer "):
        return None
    match = _API_KEY.fullmatch(value)
    text = ""
    if match is not None:
        try:
            text = b64decode(match[1], validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            text = ""
    host, separator, query = text.partition("/?")
    names_action = "Action=CallWithBearerToken" in query.split("&")
    if not (separator and names_action and host == _API_KEY_HOST):
        message = "the bearer token is not a SageMaker API key"
        raise AuthorizationError(message)
    return evolve(
        request,
        method="POST",
        path="/",
        query=query.removesuffix("&Version=1"),
        headers={"host": host},
        body=b"",
    )


def _as_header(parameters: Mapping[str, str]) -> str:
    names = ("Algorithm", "Credential", "SignedHeaders", "Signature")
    algorithm, credential, signed, signature = (
        parameters.get(f"X-Amz-{name}", "") for name in names
    )
    return (
        f"{algorithm} Credential={credential}, SignedHeaders={signed}, "
        f"Signature={signature}"
    )
