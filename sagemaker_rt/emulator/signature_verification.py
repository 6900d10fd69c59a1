"""Whether a request was signed by whoever holds the credentials, as the service tells.

`verify` looks at a request and knows nothing of services; what each of the two calls a
failure, and with which status it answers, is a table beside its routes.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum, auto
from hashlib import sha256
from typing import Final

from attrs import frozen

from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio import sigv4
from sagemaker_rt.sansio.authorization_header import (
    Authorization,
    AuthorizationError,
    parse_authorization,
)

__all__ = [
    "CONTENT_HASH",
    "MAX_SKEW",
    "Audience",
    "Doubt",
    "SignatureRefused",
    "verify",
]

MAX_SKEW: Final = 300
"""How many seconds a request may be older or newer than the service's clock."""

_AMZ_DATE: Final = re.compile(r"\d{8}T\d{6}Z")
CONTENT_HASH: Final = "x-amz-content-sha256"
"""The header with the hash of the payload."""
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"


class Doubt(Enum):
    """What is wrong with a signature."""

    MISSING = auto()
    INCOMPLETE = auto()
    UNSIGNED_HEADER = auto()
    UNKNOWN_KEY = auto()
    WRONG_TOKEN = auto()
    EXPIRED_TOKEN = auto()
    WRONG_SCOPE = auto()
    SKEWED = auto()
    MISMATCH = auto()


class SignatureRefused(Exception):  # noqa: N818 - becomes an answer, and never gets out
    """The signature is not accepted; *doubt* says why, *message* says it in words."""

    def __init__(self, doubt: Doubt, message: str) -> None:
        super().__init__(message)
        self.doubt = doubt
        self.message = message


@frozen(kw_only=True)
class Audience:
    """For whom a request must be signed."""

    region: str
    service: str
    is_s3: bool = False
    """Whether S3's rules hold: the payload hash that counts is the header's, which must
    be signed, and the path is signed as it is sent."""


def verify(
    request: ReceivedRequest,
    *,
    credentials: Credentials,
    audience: Audience,
    now: float,
) -> None:
    """Check the signature of *request*, whose body must be there as a whole.

    Args:
        credentials: The only ones that are known.
        now: Seconds since the epoch.

    Raises:
        SignatureRefused: The service would not take the request.
    """
    headers = request.headers
    authorization = _authorization(headers)
    date = _date(headers)
    _check_signed_headers(headers, authorization.signed_headers, audience)
    _check_identity(headers, authorization, credentials=credentials, now=now)
    _check_scope(authorization, date, audience)
    _check_skew(date, now)
    expected = _signature(request, authorization, credentials, audience)
    if not hmac.compare_digest(expected, authorization.signature):
        raise SignatureRefused(Doubt.MISMATCH, _MISMATCH)


_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service "
    "documentation for details."
)


def _authorization(headers: Mapping[str, str]) -> Authorization:
    """Return what the Authorization header says."""
    if "authorization" not in headers:
        raise SignatureRefused(Doubt.MISSING, "Missing Authentication Token")
    try:
        return parse_authorization(headers["authorization"])
    except AuthorizationError as error:
        raise SignatureRefused(Doubt.INCOMPLETE, str(error)) from error


def _date(headers: Mapping[str, str]) -> str:
    """Return when the request says it was signed."""
    date = headers.get("x-amz-date", "")
    if not _AMZ_DATE.fullmatch(date):
        message = "Authorization header requires existence of an 'X-Amz-Date' header."
        raise SignatureRefused(Doubt.INCOMPLETE, message)
    return date


def _check_signed_headers(
    headers: Mapping[str, str], signed: tuple[str, ...], audience: Audience
) -> None:
    """Ask that what is signed is there, and what must be signed is."""
    # of these only S3 reads the payload hash from its header, and minds it unsigned
    free = set() if audience.is_s3 else {CONTENT_HASH}
    needed = {name for name in headers if name.startswith("x-amz-")} - free | {"host"}
    for name in sorted(needed - set(signed)):
        message = f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
        raise SignatureRefused(Doubt.UNSIGNED_HEADER, message)
    for name in sorted(set(signed) - set(headers)):
        message = f"Header '{name}' is signed, and not in the request."
        raise SignatureRefused(Doubt.UNSIGNED_HEADER, message)


def _check_identity(
    headers: Mapping[str, str],
    authorization: Authorization,
    *,
    credentials: Credentials,
    now: float,
) -> None:
    """Ask that key id and token are those of *credentials*, and still good."""
    invalid = "The security token included in the request is invalid."
    if authorization.access_key_id != credentials.access_key_id:
        raise SignatureRefused(Doubt.UNKNOWN_KEY, invalid)
    token = headers.get("x-amz-security-token", "").encode(errors="surrogateescape")
    if not hmac.compare_digest(token, (credentials.session_token or "").encode()):
        raise SignatureRefused(Doubt.WRONG_TOKEN, invalid)
    end = credentials.expires_at
    if end is not None and end.timestamp() <= now:
        message = "The security token included in the request is expired"
        raise SignatureRefused(Doubt.EXPIRED_TOKEN, message)


def _check_scope(authorization: Authorization, date: str, audience: Audience) -> None:
    """Ask that the signature is for here and for the day that the request names."""
    if authorization.region != audience.region:
        message = f"Credential should be scoped to a valid region: {audience.region!r}."
        raise SignatureRefused(Doubt.WRONG_SCOPE, message)
    if authorization.service != audience.service:
        service = audience.service
        message = f"Credential should be scoped to correct service: {service!r}."
        raise SignatureRefused(Doubt.WRONG_SCOPE, message)
    if authorization.date != date[:8]:
        message = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
            f"date from HTTP: {authorization.date!r} != {date[:8]!r}, from {date!r}."
        )
        raise SignatureRefused(Doubt.WRONG_SCOPE, message)


def _check_skew(date: str, now: float) -> None:
    """Ask that *date* is near enough to *now*."""
    try:
        signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        message = f"'X-Amz-Date' is no time: {date!r}"
        raise SignatureRefused(Doubt.INCOMPLETE, message) from error
    skew = signed_at.timestamp() - now
    if abs(skew) <= MAX_SKEW:
        return
    bound = sigv4.amz_date(now + (MAX_SKEW if skew > 0 else -MAX_SKEW))
    here = sigv4.amz_date(now)
    message = (
        f"Signature not yet current: {date} is still later than {bound} "
        f"({here} + 5 min.)"
        if skew > 0
        else f"Signature expired: {date} is now earlier than {bound} ({here} - 5 min.)"
    )
    raise SignatureRefused(Doubt.SKEWED, message)


def _signature(
    request: ReceivedRequest,
    authorization: Authorization,
    credentials: Credentials,
    audience: Audience,
) -> str:
    """Return the signature that the request should have."""
    region, service = audience.region, audience.service
    payload_hash = sha256(request.body).hexdigest()
    promised = request.headers.get(CONTENT_HASH, payload_hash)
    # elsewhere than in S3 the header counts where it says that nothing is promised
    is_free = promised == _UNSIGNED and CONTENT_HASH in authorization.signed_headers
    if audience.is_s3 or is_free:
        payload_hash = promised
    canonical = sigv4.canonical_request(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        signed_headers=sorted(authorization.signed_headers),
        payload_hash=payload_hash,
        normalize=not audience.is_s3,
    )
    # bytes of a header that are no UTF-8 came as lone surrogates
    canonical = canonical.encode(errors="surrogateescape").decode(errors="replace")
    key = sigv4.signing_key(
        credentials.secret_access_key,
        date=authorization.date,
        region=region,
        service=service,
    )
    text = sigv4.string_to_sign(
        canonical,
        amz_date=request.headers["x-amz-date"],
        region=region,
        service=service,
    )
    return sigv4.signature(key, text)
