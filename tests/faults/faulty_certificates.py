"""Valid and invalid certificates."""

from __future__ import annotations

import datetime as dt
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.transport.certificates import self_signed

__all__ = ["make"]

_ADDRESS: Final = "127.0.0.1"
_HOUR: Final = dt.timedelta(hours=1)


def make(kind: str, folder: Path) -> tuple[ssl.SSLContext, Path | None]:
    """Return the context of a server, and the CA file for a client.

    Args:
        kind: ``good``, ``self-signed``, ``for a wrong host``, ``untrusted``, or
            ``expired``.
    """
    if kind in {"good", "self-signed", "for a wrong host"}:
        address = "127.0.0.2" if kind == "for a wrong host" else _ADDRESS
        context, _ = self_signed(folder, address=address)
        trusted = folder / f"{address}.pem"
        return context, None if kind == "self-signed" else trusted
    is_expired = kind == "expired"
    file, root = _issued(folder, ended=_HOUR if is_expired else -_HOUR)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, root if is_expired else None


def _issued(folder: Path, *, ended: dt.timedelta) -> tuple[Path, Path]:
    """Return files of a certificate that expired *ended* ago, and of its issuer."""
    end = dt.datetime.now(dt.UTC) - ended
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        for name in ("an authority", "a server")
    ]
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address(_ADDRESS))])
    authority = x509.BasicConstraints(ca=True, path_length=None)
    pems = [
        x509.CertificateBuilder()
        .subject_name(names[index])
        .issuer_name(names[0])
        .public_key(keys[index].public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - 24 * _HOUR)
        .not_valid_after(end if index else end + 24 * _HOUR)
        .add_extension(extension, critical=index == 0)
        .sign(keys[0], hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        for index, extension in enumerate((authority, address))
    ]
    key = keys[1].private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file, root = folder / "issued.pem", folder / "root.pem"
    file.write_bytes(key + pems[1])
    root.write_bytes(pems[0])
    return file, root
