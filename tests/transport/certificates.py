"""Certificates that are only trusted by clients configured for them."""

from __future__ import annotations

import datetime as dt
import hashlib
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["Authority", "self_signed"]

_USES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def self_signed(
    folder: Path, *, address: str = "127.0.0.1"
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context for *address*, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    file = folder / f"{address}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + pem
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=pem.decode())
    return server, client


class Authority:
    """A certificate authority that writes its files to *folder*."""

    def __init__(self, folder: Path, *, name: str = "authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._signed(self._name, self._key.public_key(), is_ca=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(_pem(self.certificate))

    def directory(self) -> Path:
        """Return a folder with the certificate, named by its hash for OpenSSL."""
        # OpenSSL hashes the name without its outer tag and length
        digest = hashlib.sha1(self._name.public_bytes()[2:], usedforsecurity=False)
        name = f"{int.from_bytes(digest.digest()[:4], 'little'):08x}.0"
        folder = self._folder / "directory"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(_pem(self.certificate))
        return folder

    def issue(
        self, name: str, *, address: str = "127.0.0.1", password: str | None = None
    ) -> tuple[Path, Path]:
        """Return the files of a new certificate for *address*, and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._signed(subject, key.public_key(), address=address)
        files = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        files[0].write_bytes(_pem(certificate))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()
                if password is None
                else serialization.BestAvailableEncryption(password.encode()),
            )
        )
        return files

    def server(self, name: str = "server", **issued: str) -> ssl.SSLContext:
        """Return a server's context."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.issue(name, **issued))
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        is_ca: bool = False,
        address: str = "127.0.0.1",
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        issuer_key = self._key.public_key()
        # Python 3.13 and later reject a chain without these and the key usage
        extensions: list[x509.ExtensionType] = [
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]),
            x509.SubjectKeyIdentifier.from_public_key(key),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key),
        ]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
        )
        if is_ca:
            usage = dict.fromkeys(_USES, False) | {"key_cert_sign": True}
            builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
