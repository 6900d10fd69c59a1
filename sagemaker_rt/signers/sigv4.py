"""Our own signer: Signature Version 4 over every header that may be signed."""

from __future__ import annotations

from sagemaker_rt.http import Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.sigv4 import SigV4

__all__ = ["SigV4Signer"]


class SigV4Signer:
    """Signs host, path, query, body and all headers but `UNSIGNED_HEADERS`.

    It keeps signing keys and what else consecutive requests have in common, so share
    one; a pickle of it starts afresh.
    """

    def __init__(self) -> None:
        self._sigv4 = SigV4()

    def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> None:
        """Write the signature on *request*, as `SigV4.sign` does."""
        self._sigv4.sign(
            request,
            credentials,
            service=service,
            region=region,
            signing_time=signing_time,
        )
