"""Signature Version 4 (SigV4).

::

    request ──▶ canonical request ──▶ string to sign ──┐
                                                       ├──▶ signature
    secret, date, region, service ──▶ signing key ─────┘

Each function is one of these arrows; verification uses them. `SigV4` signs in the same
way, but caches intermediate values that consecutive requests share.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import sha256
from itertools import compress
from operator import is_not, itemgetter
from typing import Final
from urllib.parse import quote

from sagemaker_rt.errors import EndpointResolutionError, SerializationError
from sagemaker_rt.http import Body, Headers, Request
from sagemaker_rt.identity import Credentials

__all__ = [
    "ALGORITHM",
    "UNSIGNED_HEADERS",
    "SigV4",
    "amz_date",
    "canonical_path",
    "canonical_query",
    "canonical_request",
    "canonical_value",
    "credential_scope",
    "signature",
    "signing_key",
    "string_to_sign",
]

ALGORITHM: Final = "AWS4-HMAC-SHA256"
_TERMINATOR: Final = "aws4_request"
_WHITE_SPACE: Final = r"[ \t\n\r\v\f]+"

UNSIGNED_HEADERS: Final = frozenset(
    {
        # botocore: auth.py, SIGNED_HEADERS_BLACKLIST
        "baggage",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amzn-trace-id",
        # the signature itself, and headers that a transport sets after signing
        "accept-encoding",
        "authorization",
        "content-length",
    }
)
"""Lower-case names of the headers that are not signed; all others are."""


def amz_date(signing_time: float) -> str:
    """Return *signing_time*, seconds since the epoch, as ``20150830T123600Z``."""
    return datetime.fromtimestamp(int(signing_time), UTC).strftime("%Y%m%dT%H%M%SZ")


def canonical_path(path: str, *, normalize: bool = True) -> str:
    """Return the canonical form of *path*, which is percent-encoded as on the wire.

    Args:
        normalize: Whether to resolve dot segments and repeated slashes, and to encode
            a second time, as all services except S3 do.
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
    return quote(f"/{'/'.join(segments)}{end}")


def canonical_query(query: str) -> str:
    """Return *query*, percent-encoded as on the wire, with its pairs sorted."""
    if not query:
        return ""
    # Sorted by name first: as text, "a-b=1" would come before "a=2".
    pairs = sorted(pair.partition("=") for pair in query.split("&"))
    return "&".join(f"{name}={value}" for name, _, value in pairs)


def canonical_value(value: str) -> str:
    """Return the *value* of a header, trimmed, with runs of white space collapsed.

    White space is that of ASCII: `str.split` also splits at U+00A0 or U+001F, which the
    service does not change.
    """
    if value.isascii() and value.isprintable():
        return " ".join(value.split())
    return re.sub(_WHITE_SPACE, " ", value).strip(" ")


def canonical_request(  # noqa: PLR0913 - the inputs of the specification
    *,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    signed_headers: Sequence[str],
    payload_hash: str,
    normalize: bool = True,
) -> str:
    """Return the canonical request, which signer and verifier hash.

    Args:
        path: Percent-encoded, as on the wire.
        query: Percent-encoded, without its question mark.
        headers: With the names in *signed_headers*. Several values of one name are
            joined by a comma without a space. A missing header counts as empty.
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
    """Return the scope in which a signing key is valid; *date* is ``20150830``."""
    return f"{date}/{region}/{service}/{_TERMINATOR}"


def string_to_sign(
    canonical_request: str, *, amz_date: str, region: str, service: str
) -> str:
    """Return the text that the signing key signs.

    Args:
        amz_date: The ``x-amz-date`` of the request; its day is in the scope.
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


class SigV4:
    """Signs requests in place, and caches values that consecutive requests share.

    The caches are bounded. Their keys contain secrets, so no repr shows them, and a
    copy or pickle starts with empty caches. An object may be used by several threads.
    """

    def __init__(self) -> None:
        self._path = lru_cache(50)(canonical_path)
        self._template = lru_cache(50)(_CanonicalTemplate)
        derive_key = lru_cache(50)(signing_key)
        self._signing_second = lru_cache(50)(partial(_SigningSecond, derive_key))

    def __reduce__(self) -> tuple[type[SigV4], tuple[()]]:
        return type(self), ()

    def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> None:
        """Write ``x-amz-date``, ``x-amz-security-token`` and ``authorization``.

        They replace those of an earlier signature. The signed host is the Host header
        of the request, or else the host of the endpoint.

        Args:
            service: The signing name. For ``s3`` the path is not normalized, and the
                caller must set ``x-amz-content-sha256``.
            signing_time: Seconds since the epoch.

        Raises:
            EndpointResolutionError: The request has no endpoint.
            SerializationError: The body is a file, and its hash was not computed.
        """
        endpoint = request.endpoint
        if endpoint is None:
            message = "the request has no endpoint, which the signature needs"
            raise EndpointResolutionError(message)
        payload_hash = request.payload_hash or _hash_of(request.body)
        second = self._signing_second(credentials, region, service, int(signing_time))
        # not headers.lower: in a traceback with locals, its repr would show the values
        headers = request.headers
        headers.lower["x-amz-date"] = second.amz_date
        if credentials.session_token:
            headers.lower["x-amz-security-token"] = credentials.session_token
        else:
            headers.lower.pop("x-amz-security-token", None)
        template = self._template(endpoint.host, *headers.lower)
        path = endpoint.prefix + request.path
        if service != "s3":
            path = self._path(path)
        query = canonical_query(request.query) if request.query else ""
        signature = second.signature(
            template.render(request.method.upper(), path, query, headers, payload_hash)
        )
        headers.lower["authorization"] = (
            f"{second.credential}, {template.signed_headers}, Signature={signature}"
        )


class _CanonicalTemplate:
    """The canonical requests to one *host* with the same header *names*."""

    def __init__(self, host: str, *names: str) -> None:
        sent = {"host": host, **dict.fromkeys(names)}
        signed = sorted(sent.keys() - UNSIGNED_HEADERS)
        signed_names = ";".join(signed)
        self.signed_headers: Final = f"SignedHeaders={signed_names}"
        # The text before each value, and "" in the place of each value. The first
        # values are method, path and query; the last one is the payload hash.
        parts = ["", "\n", "", "\n", "", "\n"]
        for name in signed:
            if name in names:
                parts[-1] += f"{name}:"
                parts += ["", "\n"]
            else:  # a Host header of the request would replace the endpoint's
                parts[-1] += f"{name}:{host}\n"
        parts[-1] += f"\n{signed_names}\n"
        self._parts: Final = [*parts, ""]
        self._values_of: Final = _getter([name for name in signed if name in names])
        # Most values are those of the previous request: only others are checked.
        self._canonical: tuple[object, ...] = (None,) * len(signed)

    def render(
        self, method: str, path: str, query: str, headers: Headers, payload_hash: str
    ) -> str:
        """Return the canonical request; *path* and *query* are canonical."""
        values = self._values_of(headers.lower)
        for value in compress(values, map(is_not, values, self._canonical)):
            if not _is_canonical(value):
                values = tuple(canonical_value(str(v)) for v in values)
                break
        else:
            self._canonical = values
        parts = self._parts.copy()
        parts[::2] = (method, path, query, *values, payload_hash)
        return "".join(parts)


def _getter(names: list[str]) -> Callable[[Mapping[str, str]], tuple[str, ...]]:
    """Return a function that gets the values of *names* from a mapping."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda headers: tuple(headers[name] for name in names)


def _is_canonical(value: object) -> bool:
    """Return True only if *value* is canonical.

    False is returned for some canonical values too; they take the slow path.
    """
    return (
        isinstance(value, str)
        and value.isprintable()  # excludes white space other than the space
        and (" " not in value or ("  " not in value and value == value.strip()))
    )


class _SigningSecond:
    """The hash states that all signatures of one second, key and scope share.

    HMAC first hashes the padded key, and the string to sign has the same start within
    a second. Both are hashed once here, and the state is copied for each signature.
    """

    def __init__(
        self,
        derive_key: Callable[..., bytes],
        credentials: Credentials,
        region: str,
        service: str,
        second: int,
    ) -> None:
        self.amz_date: Final = amz_date(second)
        date = self.amz_date[:8]
        scope = credential_scope(date=date, region=region, service=service)
        key_id, secret = credentials.access_key_id, credentials.secret_access_key
        self.credential: Final = f"{ALGORITHM} Credential={key_id}/{scope}"
        key = derive_key(secret, date=date, region=region, service=service)
        # RFC 2104, section 2: ipad and opad, for a key below the block size of 64
        block = key.ljust(64, b"\0")
        self._inner: Final = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer: Final = sha256(bytes(byte ^ 0x5C for byte in block))
        self._inner.update(f"{ALGORITHM}\n{self.amz_date}\n{scope}\n".encode())

    def signature(self, canonical_request: str) -> str:
        """Return the signature of *canonical_request*."""
        inner, outer = self._inner.copy(), self._outer.copy()
        # The transport rejects text that cannot be encoded.
        data = canonical_request.encode(errors="surrogatepass")
        inner.update(sha256(data).hexdigest().encode())
        outer.update(inner.digest())
        return outer.hexdigest()


def _hash_of(body: Body) -> str:
    if isinstance(body, bytes):
        return sha256(body).hexdigest()
    message = "the file body has no payload hash; was ComputePayloadHash removed?"
    raise SerializationError(message)
