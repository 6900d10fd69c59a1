"""Signature Version 4: what is signed, and with which key.

::

    request ──▶ canonical request ──▶ string to sign ──┐
                                                       ├──▶ signature
    secret, date, region, service ──▶ signing key ─────┘

The functions are these arrows, one each, written to be read; who verifies signatures
calls them.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from attrs import field, frozen

from sagemaker_rt.errors import SageMakerRuntimeError

__all__ = [
    "ALGORITHM",
    "Authorization",
    "AuthorizationError",
    "amz_date",
    "canonical_path",
    "canonical_query",
    "canonical_request",
    "canonical_value",
    "credential_scope",
    "parse_authorization",
    "signature",
    "signing_key",
    "string_to_sign",
]

ALGORITHM: Final = "AWS4-HMAC-SHA256"
_TERMINATOR: Final = "aws4_request"


class AuthorizationError(SageMakerRuntimeError, ValueError):
    """An Authorization header is not what Signature Version 4 writes.

    Its text names what is wrong, and never shows the header.
    """


def amz_date(signing_time: float) -> str:
    """Return *signing_time*, seconds since the epoch, as ``20150830T123600Z``."""
    return datetime.fromtimestamp(int(signing_time), UTC).strftime("%Y%m%dT%H%M%SZ")


def canonical_path(path: str, *, normalize: bool = True) -> str:
    """Return *path*, percent-encoded as on the wire, in the form that is signed.

    Args:
        normalize: Resolve dot segments and repeated slashes, and encode once more, as
            every service but S3 wants it; S3 signs a path as it is sent.
    """
    if not normalize:
        return path or "/"
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    end = "/" if segments and path.endswith("/") else ""
    return quote(f"/{'/'.join(segments)}{end}", safe="/~")


def canonical_query(query: str) -> str:
    """Return *query*, percent-encoded as on the wire, with its pairs in order."""
    if not query:
        return ""
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&"))
    return "&".join(f"{name}={value}" for name, value in pairs)


def canonical_value(value: str) -> str:
    """Return a header's *value* trimmed, with each run of spaces made one."""
    return " ".join(value.split())


def canonical_request(  # noqa: PLR0913 - what the specification signs
    *,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    signed_headers: Sequence[str],
    payload_hash: str,
    normalize: bool = True,
) -> str:
    """Return the request in the one form that both sides hash.

    Args:
        path: Percent-encoded, as on the wire.
        query: Percent-encoded, without its question mark.
        headers: Looked up by the names in *signed_headers*; several values of one name
            are joined by a comma without a space. An absent header counts as empty.
        signed_headers: Lower-case names, sorted.
        payload_hash: Lower-case hex SHA-256 of the body.
        normalize: As in `canonical_path`.
    """
    lines = [
        method.upper(),
        canonical_path(path, normalize=normalize),
        canonical_query(query),
        *(
            f"{name}:{canonical_value(headers.get(name, ''))}"
            for name in signed_headers
        ),
        "",
        ";".join(signed_headers),
        payload_hash,
    ]
    return "\n".join(lines)


def credential_scope(*, date: str, region: str, service: str) -> str:
    """Return what a signing key is good for; *date* is ``20150830``."""
    return f"{date}/{region}/{service}/{_TERMINATOR}"


def string_to_sign(
    canonical_request: str, *, amz_date: str, region: str, service: str
) -> str:
    """Return what the signing key is applied to.

    Args:
        amz_date: The request's ``x-amz-date``, whose day the scope takes.
    """
    scope = credential_scope(date=amz_date[:8], region=region, service=service)
    digest = sha256(canonical_request.encode()).hexdigest()
    return f"{ALGORITHM}\n{amz_date}\n{scope}\n{digest}"


def signing_key(secret: str, *, date: str, region: str, service: str) -> bytes:
    """Derive the key that signs for *date* (``20150830``), *region* and *service*."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, _TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signature(key: bytes, string_to_sign: str) -> str:
    """Return the signature in lower-case hex; *key* is from `signing_key`."""
    return hmac.digest(key, string_to_sign.encode(), "sha256").hex()


@frozen(kw_only=True)
class Authorization:
    """What an Authorization header says."""

    access_key_id: str
    date: str
    """The day of the scope: ``20150830``."""
    region: str
    service: str
    signed_headers: tuple[str, ...]
    """Lower-case names, in the header's order."""
    signature: str = field(repr=False)
    """Lower-case hex."""


_PARTS: Final = ("Credential", "SignedHeaders", "Signature")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}")
_SCOPE_PARTS: Final = 4


def parse_authorization(value: str) -> Authorization:
    """Take the value of an Authorization header apart.

    Raises:
        AuthorizationError: It is not of Signature Version 4, or lacks a part.
    """
    algorithm, _, rest = value.strip().partition(" ")
    if algorithm != ALGORITHM:
        message = f"the authorization's algorithm is not {ALGORITHM}"
        raise AuthorizationError(message)
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    missing = [name for name in _PARTS if not parts.get(name)]
    if missing:
        message = f"the authorization lacks {' and '.join(missing)}"
        raise AuthorizationError(message)
    access_key_id, *scope = parts["Credential"].rsplit("/", _SCOPE_PARTS)
    if len(scope) != _SCOPE_PARTS or scope[-1] != _TERMINATOR:
        message = (
            "the authorization's credential is not of the form "
            f"key id/date/region/service/{_TERMINATOR}"
        )
        raise AuthorizationError(message)
    if not _SIGNATURE.fullmatch(parts["Signature"]):
        message = "the authorization's signature is not 64 lower-case hex digits"
        raise AuthorizationError(message)
    date, region, service, _ = scope
    return Authorization(
        access_key_id=access_key_id,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(parts["SignedHeaders"].split(";")),
        signature=parts["Signature"],
    )
