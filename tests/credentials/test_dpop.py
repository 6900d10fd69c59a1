from __future__ import annotations

import json
import subprocess
import sys
from base64 import urlsafe_b64decode
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from sagemaker_rt.credentials.dpop import sign_proof
from sagemaker_rt.errors import CredentialsError
from tests.credentials.shown import shown

URL: Final = "https://eu-west-1.signin.aws.amazon.com/v1/token"
OWN: Final = ec.generate_private_key(ec.SECP256R1())


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(text: str) -> int:
    return int.from_bytes(decoded(text), "big")


def verified(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the header and the claims of *proof*, after its signature is verified."""
    signed, _, signature = proof.rpartition(".")
    header, claims = (json.loads(decoded(part)) for part in signed.split("."))
    jwk = header["jwk"]
    public = ec.EllipticCurvePublicNumbers(
        number(jwk["x"]), number(jwk["y"]), ec.SECP256R1()
    ).public_key()
    both = decoded(signature)
    assert 64 == len(both)
    r, s = (int.from_bytes(half, "big") for half in (both[:32], both[32:]))
    public.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(SHA256()))
    return header, claims


def pem(
    key: Any = OWN,
    form: PrivateFormat = PrivateFormat.TraditionalOpenSSL,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    text: bytes = key.private_bytes(Encoding.PEM, form, encryption or NoEncryption())
    return text.decode()


@pytest.mark.parametrize(
    "form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8]
)
def test_a_proof_is_signed_by_the_key_in_its_header(form: PrivateFormat) -> None:
    header, claims = verified(sign_proof(pem(form=form), URL, 1_700_000_000))

    jwk = header.pop("jwk")
    assert {"typ": "dpop+jwt", "alg": "ES256"} == header
    assert {"kty", "crv", "x", "y"} == jwk.keys()
    assert ("EC", "P-256") == (jwk["kty"], jwk["crv"])
    assert OWN.public_key().public_numbers() == ec.EllipticCurvePublicNumbers(
        number(jwk["x"]), number(jwk["y"]), ec.SECP256R1()
    )
    assert claims.pop("jti")
    assert {"htm": "POST", "htu": URL, "iat": 1_700_000_000} == claims


def test_each_proof_has_another_id() -> None:
    ids = {verified(sign_proof(pem(), URL, 0))[1]["jti"] for _ in range(8)}

    assert 8 == len(ids)


def test_numbers_with_leading_zeros_keep_their_length() -> None:
    # the 2,048 numbers of this many signatures would begin with a zero byte 8 times
    lengths = {len(sign_proof(pem(), URL, 0)) for _ in range(1024)}

    assert 1 == len(lengths)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "hush",
        "\ud800",
        "-----BEGIN EC PRIVATE KEY-----\naHVzaA==\n-----END EC PRIVATE KEY-----\n",
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(Ed25519PrivateKey.generate(), PrivateFormat.PKCS8),
        pem(encryption=BestAvailableEncryption(b"hush")),
        OWN.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    ],
    ids=[
        "empty",
        "text",
        "surrogate",
        "broken",
        "P-384",
        "Ed25519",
        "encrypted",
        "public",
    ],
)
def test_an_invalid_key_is_an_error_and_not_shown(key: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        sign_proof(key, URL, 0)

    assert "P-256" in str(caught.value)
    assert not key or key not in shown(caught.value)
    assert not any(line in shown(caught.value) for line in key.splitlines()[1:2])


def test_the_library_is_imported_by_the_first_proof() -> None:
    program = (
        "import sys, sagemaker_rt.credentials.login as login\n"
        "assert 'cryptography' not in sys.modules\n"
        "sys.modules['cryptography'] = None\n"
        "try: login.sign_proof('key', 'url', 0)\n"
        "except ImportError: print('missing')\n"
    )

    printed = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert "missing\n" == printed
