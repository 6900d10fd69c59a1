"""Addresses in S3: locations of objects, and where requests for them are sent.

::

    s3://bucket/key, https://bucket.s3.eu-west-1.amazonaws.com/key  ──▶ S3Location
    S3Location and a region, or an endpoint URL ──▶ endpoint and path of a request

The host name has the bucket (virtual-host style) if the bucket is a DNS label, and the
endpoint is that of AWS. Otherwise the path has it (path style).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from attrs import evolve, field, frozen

from sagemaker_rt.errors import EndpointResolutionError, ParamValidationError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.sansio.endpoints import (
    LOCAL,
    PARTITIONS,
    normalize_region,
    partition_of,
)

__all__ = [
    "DEFAULT_REGION",
    "S3Location",
    "S3Settings",
    "is_region",
    "object_path",
    "parse_location",
    "parse_prefix",
    "s3_endpoint",
]

DEFAULT_REGION: Final = "us-east-1"
"""The region of requests if no region is known."""
_SCHEME: Final = "s3://"
_EXPECTED: Final = "use s3://bucket/key"
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_DNS_LABEL: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")
_SUFFIXES: Final = "|".join(re.escape(one.dns_suffix) for one in PARTITIONS)
_HOST: Final = re.compile(
    r"(?:(?P<bucket>.+)\.)?s3(?:-fips)?(?:\.dualstack)?"
    rf"(?:[.-](?P<region>[a-z]{{2,}}(?:-[a-z0-9]+)+))?\.(?:{_SUFFIXES})"
)


@frozen
class S3Location:
    """A bucket, and a key in it, which is not percent-encoded."""

    bucket: str
    key: str
    region: str | None = field(default=None, eq=False)
    """The region of the bucket, if the location names it."""

    @property
    def uri(self) -> str:
        """The location as ``s3://bucket/key``."""
        return f"{_SCHEME}{self.bucket}/{self.key}"

    def __str__(self) -> str:
        return self.uri


@frozen(kw_only=True)
class S3Settings:
    """What the endpoint of S3 depends on, apart from region and bucket."""

    endpoint_url: str | None = None
    """A custom endpoint; the bucket is then in the path."""
    use_fips: bool = False
    use_dualstack: bool = False


def parse_location(text: str) -> S3Location:
    """Return the location of an object.

    Args:
        text: ``s3://bucket/key``, or an HTTPS URL of S3 in one of its two styles.

    Raises:
        ParamValidationError: *text* has another form.
    """
    if text.startswith(_SCHEME):
        bucket, _, key = text.removeprefix(_SCHEME).partition("/")
        location = S3Location(bucket, key)
    else:
        location = _parse_url(text)
    if not location.key:
        raise _invalid(location.uri, "has no key")
    return _checked(location)


def parse_prefix(text: str) -> S3Location:
    """Return the location that keys can be appended to; its key may be empty.

    Args:
        text: ``s3://bucket`` or ``s3://bucket/prefix``; a final slash makes no
            difference.

    Raises:
        ParamValidationError: *text* has another form.
    """
    if not isinstance(text, str) or not text.startswith(_SCHEME):
        raise _invalid(text, "is not an S3 prefix", "use s3://bucket/prefix")
    bucket, _, key = text.removeprefix(_SCHEME).partition("/")
    key = key if not key or key.endswith("/") else f"{key}/"
    return _checked(S3Location(bucket, key))


def is_region(text: str | None) -> bool:
    """Return whether *text* can be in a host name as a region."""
    return text is not None and len(text) < 64 and bool(_REGION.fullmatch(text))  # noqa: PLR2004 - of DNS


def s3_endpoint(bucket: str, region: str, settings: S3Settings) -> Endpoint:
    """Return the endpoint of requests for *bucket*, with its signing region.

    Raises:
        EndpointResolutionError: The region or the endpoint URL is invalid.
    """
    signing_region = DEFAULT_REGION if region == LOCAL else normalize_region(region)[0]
    if settings.endpoint_url is not None:
        endpoint = Endpoint(settings.endpoint_url, source="custom")
        return evolve(endpoint, signing_name="s3", signing_region=signing_region)
    if region == LOCAL:
        message = f"region {LOCAL!r} has no S3: set AWS_ENDPOINT_URL_S3"
        raise EndpointResolutionError(message)
    region, is_fips = normalize_region(region)
    partition = partition_of(region)
    service = "s3-fips" if settings.use_fips or is_fips else "s3"
    variant = ".dualstack" if settings.use_dualstack else ""
    host = f"{service}{variant}.{region}.{partition.dns_suffix}"
    prefix = f"{bucket}." if _is_in_host(bucket, settings) else ""
    return Endpoint(
        f"https://{prefix}{host}",
        signing_name="s3",
        signing_region=region,
        partition_id=partition.id,
    )


def object_path(location: S3Location, settings: S3Settings) -> str:
    """Return the path of requests for *location*, percent-encoded once.

    Without a key, it is the path of the bucket.
    """
    path = f"/{quote(location.key, safe='/')}"
    if _is_in_host(location.bucket, settings):
        return path
    return f"/{location.bucket}{path if location.key else ''}"


def _is_in_host(bucket: str, settings: S3Settings) -> bool:
    # the certificate of S3 does not match a bucket with a dot
    return settings.endpoint_url is None and bool(_DNS_LABEL.fullmatch(bucket))


def _parse_url(text: str) -> S3Location:
    """Return the location that an HTTPS URL names."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _invalid(text.partition("?")[0], "is not a URL") from None
    match = _HOST.fullmatch(parts.hostname or "")
    if match is None or not _is_plain(parts, text):
        # not the text itself: a presigned URL is a secret
        raise _invalid(text.partition("?")[0], "is not a location in S3")
    try:
        path = unquote(parts.path, errors="strict").removeprefix("/")
    except UnicodeDecodeError:
        raise _invalid(text, "is not valid UTF-8") from None
    bucket, region = match["bucket"], match["region"]
    if bucket is None:
        bucket, _, path = path.partition("/")
    return S3Location(bucket, path, region)


def _is_plain(parts: SplitResult, text: str) -> bool:
    is_clean = text.isprintable() and "@" not in parts.netloc
    return is_clean and parts.scheme == "https" and not (parts.query or parts.fragment)


def _checked(location: S3Location) -> S3Location:
    if not _BUCKET.fullmatch(location.bucket):
        raise _invalid(location.uri, "has no valid name of a bucket")
    try:
        location.key.encode()
    except UnicodeEncodeError:
        raise _invalid(location.uri, "has a key that is not valid UTF-8") from None
    return location


def _invalid(
    text: object, problem: str, expected: str = _EXPECTED
) -> ParamValidationError:
    sentence = f"{text!r} {problem}; {expected}"
    return ParamValidationError(sentence, [sentence])
