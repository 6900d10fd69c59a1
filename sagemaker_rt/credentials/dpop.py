"""Proofs that whoever shows a token holds its key (DPoP, RFC 9449)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias
from uuid import uuid4

from sagemaker_rt.errors import CredentialsError

__all__ = ["Prove", "prove"]

_COORDINATE: Final = 32
"""The bytes of a number of the curve P-256 (RFC 7518, 3.4 and 6.2.1)."""

Prove: TypeAlias = Callable[[str, str, int], str]
"""From a key in PEM, a URL and the time, to a proof: what `prove` does."""


def prove(pem: str, url: str, issued_at: int) -> str:
    """Return a proof for one POST to *url*: a JWT, signed by the P-256 key *pem*.

    It takes some milliseconds, and the first time a library is loaded: do it in a
    thread.

    Args:
        pem: The private key.
        url: Without a query.
        issued_at: In seconds since the epoch.

    Raises:
        CredentialsError: *pem* is no such key.
        ImportError: The library that signs is not installed.
    """
    # an extra, and slow to load: for those alone whose token is refreshed
    from cryptography.exceptions import (  # noqa: PLC0415 - see above
        UnsupportedAlgorithm,
    )
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric.utils import (  # noqa: PLC0415 - see above
        decode_dss_signature,
    )
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - see above
        load_pem_private_key,
    )

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    del pem  # which a traceback that shows local variables would show
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(
        key.curve, ec.SECP256R1
    ):
        message = "the login's key is no private key of the curve P-256"
        raise CredentialsError(message)
    point = key.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": _number(point.x), "y": _number(point.y)}
    claims = {"jti": str(uuid4()), "htm": "POST", "htu": url, "iat": issued_at}
    signed = f"{_part({'typ': 'dpop+jwt', 'alg': 'ES256', 'jwk': jwk})}.{_part(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{_number(r, s)}"


def _part(document: Mapping[str, object]) -> str:
    return _text(json.dumps(document, separators=(",", ":")).encode())


def _number(*numbers: int) -> str:
    return _text(b"".join(each.to_bytes(_COORDINATE, "big") for each in numbers))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
