"""Signature Version 4: what is signed, and with which key.

::

    request ──▶ canonical request ──▶ string to sign ──┐
                                                       ├──▶ signature
    secret, date, region, service ──▶ signing key ─────┘

The functions are these arrows, for whoever reads or verifies; `SigV4` goes the same way
for requests of ours, and keeps what consecutive ones have in common.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import sha256
from operator import itemgetter
from typing import Final
from urllib.parse import quote

from sagemaker_rt.errors import (
    EndpointResolutionError,
    SerializationError,
)
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
        # the signature itself, and what a transport settles after signing
        "accept-encoding",
        "authorization",
        "content-length",
    }
)
"""Lower-case names of headers that are sent unsigned; every other one is signed."""


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
    return quote(f"/{'/'.join(segments)}{end}")


def canonical_query(query: str) -> str:
    """Return *query*, percent-encoded as on the wire, with its pairs in order."""
    if not query:
        return ""
    pairs = sorted(pair.partition("=") for pair in query.split("&"))
    return "&".join(f"{name}={value}" for name, _, value in pairs)


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


class SigV4:
    """Signs requests in place, and keeps what consecutive requests have in common.

    Every cache is bounded, and none is seen in a repr. Their keys hold secrets, so a
    copy or a pickle starts without them. One object may serve several threads.
    """

    def __init__(self) -> None:
        self._path = lru_cache(50)(canonical_path)
        self._layout = lru_cache(50)(_Layout)
        self._moment = lru_cache(50)(partial(_Moment, lru_cache(50)(signing_key)))

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

        What an earlier signature wrote is replaced. The host that is signed is the
        endpoint's, unless the request has a Host header of its own.

        Args:
            service: The signing name. For ``s3`` the path is signed as it is sent; the
                ``x-amz-content-sha256`` that S3 also wants is the caller's to write.
            signing_time: Seconds since the epoch.

        Raises:
            EndpointResolutionError: The request has no endpoint.
            SerializationError: It has no payload hash, and its body is a file.
        """
        endpoint = request.endpoint
        if endpoint is None:
            message = "the request has no endpoint to be signed for"
            raise EndpointResolutionError(message)
        payload_hash = request.payload_hash or _hash_of(request.body)
        moment = self._moment(credentials, region, service, int(signing_time))
        # a repr of the headers shows no value; one of the dict in them would
        headers = request.headers
        headers.lower["x-amz-date"] = moment.amz_date
        if credentials.session_token:
            headers.lower["x-amz-security-token"] = credentials.session_token
        else:
            headers.lower.pop("x-amz-security-token", None)
        layout = self._layout(endpoint.host, *headers.lower)
        path = endpoint.prefix + request.path
        signature = moment.signature(
            f"{request.method.upper()}\n"
            f"{self._path(path) if service != 's3' else path}\n"
            f"{canonical_query(request.query) if request.query else ''}\n"
            f"{layout.canonical_headers(headers)}\n"
            f"{layout.signed_headers}\n"
            f"{payload_hash}"
        )
        headers.lower["authorization"] = (
            f"{moment.credential}, SignedHeaders={layout.signed_headers}, "
            f"Signature={signature}"
        )


class _Layout:
    """What requests have in common that send headers of the same *names* to a host."""

    def __init__(self, host: str, *names: str) -> None:
        sent = {"host": host, **dict.fromkeys(names)}
        signed = sorted(sent.keys() - UNSIGNED_HEADERS)
        self.signed_headers: Final = ";".join(signed)
        # the request's own Host header goes before the endpoint's
        self._count: Final = len(signed)
        self._names: Final = [name for name in signed if name in names]
        self._values: Final = itemgetter(*self._names)
        lines = {name: f"{name}:{host}".replace("%", "%%") for name in signed}
        lines |= {name: f"{name.replace('%', '%%')}:%s" for name in self._names}
        self._text: Final = "".join(f"{lines[name]}\n" for name in signed)

    def canonical_headers(self, headers: Headers) -> str:
        """Return a line for each signed header."""
        text: str = self._text % self._values(headers.lower)
        if text.count("\n") == self._count and _is_canonical(text):
            return text
        values = (canonical_value(headers.lower[name]) for name in self._names)
        return self._text % tuple(values)


def _is_canonical(lines: str) -> bool:
    """Tell whether the values in *lines* are canonical; False may be wrong."""
    return (
        "  " not in lines
        and ": " not in lines
        and " \n" not in lines
        and lines.replace("\n", "").isprintable()  # no white space but the plain one
    )


class _Moment:
    """What all signatures of one second, key and scope have in common.

    HMAC hashes a padded key before anything else, and the string to sign begins the
    same for a second: both are hashed once here, and copied for each signature.
    """

    def __init__(
        self,
        derive: Callable[..., bytes],
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
        key = derive(secret, date=date, region=region, service=service)
        # RFC 2104, section 2: the pads of a key shorter than a block of 64 bytes
        block = key.ljust(64, b"\0")
        self._inner: Final = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer: Final = sha256(bytes(byte ^ 0x5C for byte in block))
        self._inner.update(f"{ALGORITHM}\n{self.amz_date}\n{scope}\n".encode())

    def signature(self, canonical_request: str) -> str:
        """Return the signature of *canonical_request*."""
        inner, outer = self._inner.copy(), self._outer.copy()
        # text that cannot be sent is the transport's to refuse
        data = canonical_request.encode(errors="surrogatepass")
        inner.update(sha256(data).hexdigest().encode())
        outer.update(inner.digest())
        return outer.hexdigest()


def _hash_of(body: Body) -> str:
    if isinstance(body, bytes):
        return sha256(body).hexdigest()
    message = "a file as body has no payload hash; was ComputePayloadHash removed?"
    raise SerializationError(message)
