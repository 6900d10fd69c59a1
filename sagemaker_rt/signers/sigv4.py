"""Our own signer: Signature Version 4 over every header that may be signed."""

from __future__ import annotations

from sagemaker_rt.sansio.sigv4 import SigV4

__all__ = ["SigV4Signer"]


class SigV4Signer(SigV4):
    """Signs host, path, query, body and all headers but `UNSIGNED_HEADERS`.

    It never waits. It keeps signing keys and what else consecutive requests have in
    common, so share one; a pickle of it starts afresh.
    """
