"""Signature Version 4 in a URL: who has the URL may send the request, for a while."""

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

# the specification: X-Amz-Expires is a week at most
_WEEK: Final = 7 * 24 * 3600

# what sagemaker-core makes, and the service takes
_API_KEY_PREFIX: Final = "sagemaker-api-key-"
_API_KEY_HOST: Final = "sagemaker.amazonaws.com"
_API_KEY_LIFE: Final = 12 * 3600


def presign(  # noqa: PLR0913 - what a signature says
    request: Request,
    credentials: Credentials,
    *,
    service: str,
    region: str,
    signing_time: float,
    expires: int = 900,
) -> str:
    """Return the URL of *request* with the signature in its query.

    Every header but `UNSIGNED_HEADERS` is signed, and so is the body: whoever uses the
    URL sends them as they are here. The request is not written on. Paths are signed as
    all services but S3 have it.

    Args:
        service: The signing name, ``sagemaker``.
        signing_time: Seconds since the epoch.
        expires: Seconds for which the URL is good, a week at most. It ends with
            temporary credentials in any case.

    Raises:
        EndpointResolutionError: The request has no endpoint.
        ParamValidationError: *expires* is out of its range.
        SerializationError: It has no payload hash, and its body is a file.
    """
    _require_within(expires, _WEEK)
    if request.endpoint is None:
        message = "the request has no endpoint to be signed for"
        raise EndpointResolutionError(message)
    headers = {"host": request.endpoint.host, **request.headers}
    signed_headers = sorted(headers.keys() - UNSIGNED_HEADERS)
    date = amz_date(signing_time)
    scope = credential_scope(date=date[:8], region=region, service=service)
    facts = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key_id}/{scope}",
        "X-Amz-Date": date,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": ";".join(signed_headers),
    }
    if credentials.session_token:
        facts["X-Amz-Security-Token"] = credentials.session_token
    pairs = [f"{name}={quote(value, safe='~')}" for name, value in facts.items()]
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
    url = request.endpoint.url + request.path
    return f"{url}?{query}&X-Amz-Signature={signature(key, text)}"


def generate_bearer_token(
    credentials: Credentials,
    *,
    region: str,
    signing_time: float,
    expires: int = _API_KEY_LIFE,
) -> Token:
    """Return an API key of SageMaker: a presigned request, which stands for its signer.

    No service is asked. The key is good in *region*, for as long as *credentials* are,
    and no longer than *expires*.

    Args:
        signing_time: Seconds since the epoch, by the service's clock.
        expires: Seconds, 12 hours at most.

    Raises:
        EndpointResolutionError: *region* could not be a label of a host name.
        ParamValidationError: *expires* is out of its range.
    """
    _require_within(expires, _API_KEY_LIFE)
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
    # the version is not signed
    text = f"{url.removeprefix('https://')}&Version=1"
    end = datetime.fromtimestamp(int(signing_time), UTC) + timedelta(seconds=expires)
    if credentials.expires_at is not None:
        end = min(end, credentials.expires_at)
    return Token(_API_KEY_PREFIX + b64encode(text.encode()).decode(), expires_at=end)


def _require_within(expires: int, most: int) -> None:
    # True is an int, and no number of seconds
    if type(expires) is not int or not 1 <= expires <= most:
        problem = f"expires must be an int of 1 to {most} seconds: {expires!r}"
        raise ParamValidationError(problem, [problem])


def _hash_of(request: Request) -> str:
    if isinstance(request.body, bytes):
        return sha256(request.body).hexdigest()
    message = "a file as body has no payload hash; was ComputePayloadHash removed?"
    raise SerializationError(message)
