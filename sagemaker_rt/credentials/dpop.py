"""DPoP proofs (RFC 9449): signatures that bind a token to the key of its owner."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias
from uuid import uuid4

from sagemaker_rt.errors import CredentialsError

__all__ = ["ProofSigner", "sign_proof"]

_COORDINATE_BYTES: Final = 32
"""The length of a number of the curve P-256 (RFC 7518, 3.4 and 6.2.1)."""

ProofSigner: TypeAlias = Callable[[str, str, int], str]
"""Takes a private key in PEM, a URL and the time; returns a proof, as `sign_proof`."""


def sign_proof(pem: str, url: str, issued_at: int) -> str:
    """Return a proof for one POST to *url*: a JWT that is signed with the key *pem*.

    It takes some milliseconds, and imports the ``cryptography`` library: call it in a
    thread.

    Args:
        pem: A private key of the curve P-256.
        url: The URL without its query.
        issued_at: Seconds since the epoch.

    Raises:
        CredentialsError: *pem* is not a private key of the curve P-256.
        ImportError: ``cryptography`` is not installed.
    """
    # an extra that is slow to import, and only needed to refresh a login
    from cryptography.exceptions import (  # noqa: PLC0415 - an optional extra
        UnsupportedAlgorithm,
    )
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - an optional extra
    from cryptography.hazmat.primitives.asymmetric.utils import (  # noqa: PLC0415 - an optional extra
        decode_dss_signature,
    )
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - an optional extra
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - an optional extra
        load_pem_private_key,
    )

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    del pem  # a secret, which a traceback with local variables would show
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(
        key.curve, ec.SECP256R1
    ):
        message = "the key of the login is not a private key of the curve P-256"
        raise CredentialsError(message)
    point = key.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": _number(point.x), "y": _number(point.y)}
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
    claims = {"jti": str(uuid4()), "htm": "POST", "htu": url, "iat": issued_at}
    signed = f"{_json(header)}.{_json(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{_number(r, s)}"


def _json(document: Mapping[str, object]) -> str:
    return _base64(json.dumps(document, separators=(",", ":")).encode())


def _number(*numbers: int) -> str:
    return _base64(b"".join(n.to_bytes(_COORDINATE_BYTES, "big") for n in numbers))


def _base64(data: bytes) -> str:
    # without padding (RFC 7515, 2)
    return urlsafe_b64encode(data).rstrip(b"=").decode()
