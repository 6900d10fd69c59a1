"""Verification of Signature Version 4, with the error messages of AWS.

`verify` is independent of the service. The error code and status of each problem are
tables in `emulator` (SageMaker Runtime) and `s3`.
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
from sagemaker_rt.emulator.signature_claims import (
    MAX_API_KEY_EXPIRES,
    SignatureClaim,
    claim_in_headers,
    claim_in_query,
    request_in_token,
)
from sagemaker_rt.identity import Credentials
from sagemaker_rt.operations import INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM
from sagemaker_rt.sansio import sigv4
from sagemaker_rt.sansio.authorization_header import Authorization, AuthorizationError
from sagemaker_rt.sansio.event_signing import EVENT_PAYLOAD_HASH

__all__ = [
    "CONTENT_HASH",
    "MAX_SKEW",
    "SignatureProblem",
    "SignatureRejected",
    "SigningScope",
    "verify",
]

MAX_SKEW: Final = 300
"""Maximum difference between the date of a request and the clock, in seconds."""

_AMZ_DATE: Final = re.compile(r"\d{8}T\d{6}Z")
CONTENT_HASH: Final = "x-amz-content-sha256"
"""Name of the header that carries the hash of the payload."""
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"


class SignatureProblem(Enum):
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


class SignatureRejected(Exception):  # noqa: N818 - control flow inside the emulator
    """The signature is missing, malformed or wrong."""

    def __init__(self, problem: SignatureProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.message = message


@frozen(kw_only=True)
class SigningScope:
    """The region and service that a request must be signed for."""

    region: str
    service: str
    is_s3: bool = False
    """Whether the rules of S3 apply: the payload hash is taken from its header, which
    must be signed, and the path is not normalized."""


def verify(
    request: ReceivedRequest,
    *,
    credentials: Credentials,
    scope: SigningScope,
    now: float,
) -> None:
    """Check the signature of *request*.

    Args:
        request: Its body must be complete.
        credentials: The only valid credentials.
        now: Seconds since the epoch.

    Raises:
        SignatureRejected: The signature is invalid.
    """
    # The order decides which problem is reported if there are several. The signature
    # comes last, as it can only match if all of its inputs are valid.
    request, claim = _claim(request)
    authorization, headers = claim.authorization, request.headers
    if not _AMZ_DATE.fullmatch(claim.date):
        message = "Authorization header requires existence of an 'X-Amz-Date' header."
        raise SignatureRejected(SignatureProblem.INCOMPLETE, message)
    _check_signed_headers(headers, authorization.signed_headers, scope)
    _check_identity(claim, credentials=credentials, now=now)
    _check_scope(authorization, claim.date, scope)
    _check_time(claim, now)
    expected = _signature(request, claim, credentials, scope)
    if not hmac.compare_digest(expected, authorization.signature):
        raise SignatureRejected(SignatureProblem.MISMATCH, _MISMATCH)


_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service "
    "documentation for details."
)


def _claim(request: ReceivedRequest) -> tuple[ReceivedRequest, SignatureClaim]:
    """Return the request that is signed, and the claim about its signature."""
    try:
        in_token = request_in_token(request)
        if in_token is not None:
            request = in_token
            claim = claim_in_query(request, max_expires=MAX_API_KEY_EXPIRES)
        else:
            claim = claim_in_query(request)
        if claim is not None:
            return request, claim
        if "authorization" not in request.headers:
            raise SignatureRejected(
                SignatureProblem.MISSING, "Missing Authentication Token"
            )
        return request, claim_in_headers(request)
    except AuthorizationError as error:
        raise SignatureRejected(SignatureProblem.INCOMPLETE, str(error)) from error


def _check_signed_headers(
    headers: Mapping[str, str], signed: tuple[str, ...], scope: SigningScope
) -> None:
    """Check that signed headers are present, and that required headers are signed."""
    # only S3 reads the payload hash from its header, and requires it to be signed
    optional = set() if scope.is_s3 else {CONTENT_HASH}
    required = {name for name in headers if name.startswith("x-amz-")} - optional
    # AWS's JavaScript client signs the host under its name in HTTP/2
    host = ":authority" if ":authority" in signed else "host"
    for name in sorted((required | {host}) - set(signed)):
        message = f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
        raise SignatureRejected(SignatureProblem.UNSIGNED_HEADER, message)
    for name in sorted(set(signed) - set(headers)):
        message = f"The signed header '{name}' is not in the request."
        raise SignatureRejected(SignatureProblem.UNSIGNED_HEADER, message)


def _check_identity(
    claim: SignatureClaim,
    *,
    credentials: Credentials,
    now: float,
) -> None:
    """Check the access key id and the session token against *credentials*."""
    invalid = "The security token included in the request is invalid."
    if claim.authorization.access_key_id != credentials.access_key_id:
        raise SignatureRejected(SignatureProblem.UNKNOWN_KEY, invalid)
    token = claim.session_token.encode(errors="surrogateescape")
    if not hmac.compare_digest(token, (credentials.session_token or "").encode()):
        raise SignatureRejected(SignatureProblem.WRONG_TOKEN, invalid)
    end = credentials.expires_at
    if end is not None and end.timestamp() <= now:
        message = "The security token included in the request is expired"
        raise SignatureRejected(SignatureProblem.EXPIRED_TOKEN, message)


def _check_scope(authorization: Authorization, date: str, scope: SigningScope) -> None:
    """Check the region, the service and the date of the credential scope."""
    if authorization.region != scope.region:
        message = f"Credential should be scoped to a valid region: {scope.region!r}."
        raise SignatureRejected(SignatureProblem.WRONG_SCOPE, message)
    if authorization.service != scope.service:
        service = scope.service
        message = f"Credential should be scoped to correct service: {service!r}."
        raise SignatureRejected(SignatureProblem.WRONG_SCOPE, message)
    if authorization.date != date[:8]:
        message = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
            f"date from HTTP: {authorization.date!r} != {date[:8]!r}, from {date!r}."
        )
        raise SignatureRejected(SignatureProblem.WRONG_SCOPE, message)


def _check_time(claim: SignatureClaim, now: float) -> None:
    """Check that *now* is in the time for which the signature is valid.

    That is `MAX_SKEW` seconds around its date, and for a presigned request until it
    expires.
    """
    date = claim.date
    try:
        # the format is checked before, but not that month, day and time exist
        signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        message = f"'X-Amz-Date' is not a valid time: {date!r}"
        raise SignatureRejected(SignatureProblem.INCOMPLETE, message) from error
    skew = signed_at.timestamp() - now
    age_limit = MAX_SKEW if claim.expires is None else claim.expires
    if -age_limit <= skew <= MAX_SKEW:
        return
    clock = sigv4.amz_date(now)
    if skew < 0 and claim.expires is not None:
        end = sigv4.amz_date(signed_at.timestamp() + claim.expires)
        message = f"Signature expired: {end} is now earlier than {clock}"
        raise SignatureRejected(SignatureProblem.SKEWED, message)
    bound = sigv4.amz_date(now + (MAX_SKEW if skew > 0 else -MAX_SKEW))
    message = (
        f"Signature not yet current: {date} is still later than {bound} "
        f"({clock} + 5 min.)"
        if skew > 0
        else f"Signature expired: {date} is now earlier than {bound} ({clock} - 5 min.)"
    )
    raise SignatureRejected(SignatureProblem.SKEWED, message)


def _signature(
    request: ReceivedRequest,
    claim: SignatureClaim,
    credentials: Credentials,
    scope: SigningScope,
) -> str:
    """Return the valid signature of *request*."""
    authorization = claim.authorization
    region, service = scope.region, scope.service
    payload_hash = sha256(request.body).hexdigest()
    # a presigned request of S3 does not sign its body
    is_presigned_s3 = scope.is_s3 and claim.expires is not None
    default = _UNSIGNED if is_presigned_s3 else payload_hash
    declared_hash = request.headers.get(CONTENT_HASH, default)
    # services other than S3 read the header only if it declares an unsigned payload
    is_unsigned = (
        declared_hash == _UNSIGNED and CONTENT_HASH in authorization.signed_headers
    )
    is_stream = request.operation == INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM.name
    is_event_stream = is_stream and declared_hash == EVENT_PAYLOAD_HASH
    if scope.is_s3 or is_unsigned or is_event_stream:
        payload_hash = declared_hash
    canonical = sigv4.canonical_request(
        method=request.method,
        path=request.path,
        query=claim.query,
        headers=request.headers,
        signed_headers=sorted(authorization.signed_headers),
        payload_hash=payload_hash,
        normalize=not scope.is_s3,
    )
    # aiohttp decodes header bytes that are not UTF-8 as lone surrogates
    canonical = canonical.encode(errors="surrogateescape").decode(errors="replace")
    key = sigv4.signing_key(
        credentials.secret_access_key,
        date=authorization.date,
        region=region,
        service=service,
    )
    text = sigv4.string_to_sign(
        canonical,
        amz_date=claim.date,
        region=region,
        service=service,
    )
    return sigv4.signature(key, text)
