"""Finalize: have the body left out of the signature."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import EndpointResolutionError, OptionsError
from sagemaker_rt.sansio.endpoints import require_encryption
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["UNSIGNED", "UnsignedPayload"]

UNSIGNED: Final = "UNSIGNED-PAYLOAD"
"""What stands in a signature where the hash of the body would."""


class UnsignedPayload:
    """Write on the request that its body is not signed, instead of reading it.

    Whoever is between then could change the body, were it not for TLS.

    Raises:
        OptionsError: The connection is neither encrypted nor to this machine.
    """

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        request = input.request
        if request.endpoint is not None:
            try:
                require_encryption(request.endpoint, allow_insecure=False)
            except EndpointResolutionError as error:
                message = (
                    "payload_signing='unsigned' leaves the body to TLS, and "
                    f"{request.endpoint.url!r} has none; use https, or 'signed'"
                )
                raise OptionsError(message) from error
        request.payload_hash = UNSIGNED
        request.headers["x-amz-content-sha256"] = UNSIGNED
        return next(ctx, input)
