"""The trusted certificates of the system."""

from __future__ import annotations

import os
import ssl
from typing import Final

__all__ = ["missing_certificates_hint"]

# OpenSSL: codes of a chain that ends at a certificate that is not trusted
_UNTRUSTED: Final = frozenset({2, 18, 19, 20, 21})
_HINT: Final = (
    "; this system has no trusted certificates: install them (ca-certificates), or set "
    "ca_bundle, for example to certifi.where()"
)


def missing_certificates_hint(error: BaseException | None) -> str:
    """Return advice for the certificate error *error*, if the system trusts nothing.

    Images of containers often have no certificates at all.
    """
    if getattr(error, "verify_code", None) not in _UNTRUSTED:
        return ""
    # OpenSSL reads these paths, or those in SSL_CERT_FILE and SSL_CERT_DIR
    paths = ssl.get_default_verify_paths()
    if paths.cafile is not None and os.stat(paths.cafile).st_size:  # noqa: PTH116 - paths are text
        return ""
    return "" if paths.capath and os.listdir(paths.capath) else _HINT  # noqa: PTH208 - paths are text
