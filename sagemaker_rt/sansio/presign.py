"""Presigned URLs: Signature Version 4 in the query, valid for a limited time."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from sagemaker_rt.errors import (
    EndpointResolutionError,
    ParamValidationError,
    SerializationError,
)
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.identity import Credentials, Token
from sagemaker_rt.sansio.endpoints import normalize_region
from sagemaker_rt.sansio.sigv4 import (
    ALGORITHM,
    UNSIGNED_HEADERS,
    amz_date,
    canonical_request,
    credential_scope,
    signature,
    signing_key,
    string_to_sign,
)

__all__ = ["generate_bearer_token", "presign"]

# the maximum of X-Amz-Expires in the specification
_MAX_EXPIRES: Final = 7 * 24 * 3600

# the format of sagemaker-core, which the service accepts
_API_KEY_PREFIX: Final = "sagemaker-api-key-"
_API_KEY_HOST: Final = "sagemaker.amazonaws.com"
_MAX_API_KEY_EXPIRES: Final = 12 * 3600


def presign(  # noqa: PLR0913 - the inputs of a signature
    request: Request,
    credentials: Credentials,
    *,
    service: str,
    region: str,
    signing_time: float,
    expires: int = 900,
) -> str:
    """Return the URL of *request* with the signature in its query.

    All headers except `UNSIGNED_HEADERS` are signed, and so is the body. A user of the
    URL must send both unchanged. The path is normalized, as for all services except S3.
    *request* is not changed.

    Args:
        service: The signing name, ``sagemaker``.
        signing_time: Seconds since the epoch.
        expires: Seconds for which the URL is valid, at most a week. The URL of
            temporary credentials expires with them, if that is earlier.

    Raises:
        EndpointResolutionError: The request has no endpoint.
        ParamValidationError: *expires* is out of range.
        SerializationError: The body is a file, and its hash was not computed.
    """
    _check_expires(expires, _MAX_EXPIRES)
    if request.endpoint is None:
        message = "the request has no endpoint, which the signature needs"
        raise EndpointResolutionError(message)
    headers = {"host": request.endpoint.host, **request.headers}
    signed_headers = sorted(headers.keys() - UNSIGNED_HEADERS)
    date = amz_date(signing_time)
    scope = credential_scope(date=date[:8], region=region, service=service)
    parameters = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key_id}/{scope}",
        "X-Amz-Date": date,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": ";".join(signed_headers),
    }
    if credentials.session_token:
        parameters["X-Amz-Security-Token"] = credentials.session_token
    pairs = [f"{name}={quote(value, safe='~')}" for name, value in parameters.items()]
    query = "&".join([request.query, *pairs] if request.query else pairs)
    canonical = canonical_request(
        method=request.method,
        path=request.full_path,
        query=query,
        headers=headers,
        signed_headers=signed_headers,
        payload_hash=request.payload_hash or _hash_of(request),
    )
    secret, day = credentials.secret_access_key, date[:8]
    key = signing_key(secret, date=day, region=region, service=service)
    text = string_to_sign(canonical, amz_date=date, region=region, service=service)
    # the host that is signed, without a final dot
    scheme, _, _ = request.endpoint.url.partition("://")
    url = f"{scheme}://{request.endpoint.host}{request.full_path}"
    # The signature is the last parameter, since it is not part of the signed query.
    return f"{url}?{query}&X-Amz-Signature={signature(key, text)}"


def generate_bearer_token(
    credentials: Credentials,
    *,
    region: str,
    signing_time: float,
    expires: int = _MAX_API_KEY_EXPIRES,
) -> Token:
    """Return a SageMaker API key, which is a presigned request in base64.

    No request is sent. The key is valid in *region*, until *expires* or until
    *credentials* expire.

    Args:
        signing_time: Seconds since the epoch, by the service's clock.
        expires: Seconds, at most 12 hours.

    Raises:
        EndpointResolutionError: *region* is not a valid label of a host name.
        ParamValidationError: *expires* is out of range.
    """
    _check_expires(expires, _MAX_API_KEY_EXPIRES)
    request = Request(
        query="Action=CallWithBearerToken",
        endpoint=Endpoint(f"https://{_API_KEY_HOST}"),
    )
    url = presign(
        request,
        credentials,
        service="sagemaker",
        region=normalize_region(region)[0],
        signing_time=signing_time,
        expires=expires,
    )
    # The service expects the version after the signature, unsigned.
    text = f"{url.removeprefix('https://')}&Version=1"
    end = datetime.fromtimestamp(int(signing_time), UTC) + timedelta(seconds=expires)
    if credentials.expires_at is not None:
        end = min(end, credentials.expires_at)
    return Token(_API_KEY_PREFIX + b64encode(text.encode()).decode(), expires_at=end)


def _check_expires(expires: int, maximum: int) -> None:
    # not isinstance, which accepts True
    if type(expires) is not int or not 1 <= expires <= maximum:
        problem = f"expires must be an int from 1 to {maximum} seconds: {expires!r}"
        raise ParamValidationError(problem, [problem])


def _hash_of(request: Request) -> str:
    if isinstance(request.body, bytes):
        return sha256(request.body).hexdigest()
    message = "the file body has no payload hash; was ComputePayloadHash removed?"
    raise SerializationError(message)
