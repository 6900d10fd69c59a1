"""Error responses of S3: parsing, and the region of a bucket that they reveal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from http import HTTPStatus
from typing import Final

from sagemaker_rt.errors import S3Error
from sagemaker_rt.http import Headers
from sagemaker_rt.sansio.redaction import escaped, without_session_token
from sagemaker_rt.sansio.s3_addresses import is_region

__all__ = ["is_wrong_region", "region_of", "s3_error"]

_ELEMENT: Final = re.compile(
    r"<(Code|Message|Region|RequestId|HostId)>([^<]{0,4096})</\1>"
)
_MAX_BODY: Final = 4096
"""Of the body that is kept for diagnosis, in bytes."""
_REGION_HEADER: Final = "x-amz-bucket-region"

# botocore: utils.py, S3RegionRedirectorv2
_WRONG_REGION_CODES: Final = frozenset(
    {
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "PermanentRedirect",
        "TemporaryRedirect",
    }
)
_REDIRECTS: Final = frozenset({301, 302, 307})
_BAD_REQUEST: Final = 400


def s3_error(status: int, headers: Headers, body: bytes) -> S3Error:
    """Return the error for a response; no body raises another error.

    Args:
        body: The response body; it may be incomplete. A response to HEAD has none, and
            its code is derived from the status: ``NotFound``, for example.
    """
    text = body.decode(errors="replace")
    details: dict[str, object] = {}
    for match in _ELEMENT.finditer(text):
        details.setdefault(match[1], unescape(match[2]))
    message = str(details.get("Message", ""))
    error = S3Error(
        without_session_token(escaped(message)),
        code=str(details.get("Code", "")) or _code_of(status),
        http_status=status,
        request_id=headers.get("x-amz-request-id"),
        details={**details, "Region": _found_region(headers, details)},
    )
    error.body = body[:_MAX_BODY]
    return error


def is_wrong_region(error: S3Error, *, is_head: bool = False) -> bool:
    """Return whether another region may be right for the request.

    Args:
        is_head: Whether the method is HEAD, whose errors have no code.
    """
    if error.code in _WRONG_REGION_CODES or error.http_status in _REDIRECTS:
        return True
    return is_head and error.http_status == _BAD_REQUEST


def region_of(headers: Headers) -> str | None:
    """Return the region of the bucket that a response names; None without one."""
    region = headers.get(_REGION_HEADER)
    return region if is_region(region) else None


def _found_region(headers: Headers, details: Mapping[str, object]) -> str | None:
    named = details.get("Region")
    in_body = named if isinstance(named, str) and is_region(named) else None
    return region_of(headers) or in_body


def _code_of(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.replace(" ", "")
    except ValueError:
        return "Unknown"
