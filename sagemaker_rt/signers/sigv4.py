"""The default signer: Signature Version 4."""

from __future__ import annotations

from sagemaker_rt.sansio.sigv4 import SigV4

__all__ = ["SigV4Signer"]


class SigV4Signer(SigV4):
    """Signs host, path, query, body and all headers except `UNSIGNED_HEADERS`.

    It never waits. It caches signing keys and other values that consecutive requests
    share, so several clients should use one signer. Its pickle contains no secrets.
    """
