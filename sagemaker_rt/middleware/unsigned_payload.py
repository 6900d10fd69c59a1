"""Finalize: leave the body out of the signature."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import EndpointResolutionError, OptionsError
from sagemaker_rt.sansio.endpoints import require_encryption
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["UNSIGNED", "UnsignedPayload"]

UNSIGNED: Final = "UNSIGNED-PAYLOAD"
"""The value of the payload hash in the signature."""


class UnsignedPayload:
    """Declare the payload unsigned, so that the body is not read twice.

    Only TLS then protects the body against changes on the way.

    Raises:
        OptionsError: The endpoint is neither HTTPS nor on this machine.
    """

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        request = input.request
        if request.endpoint is not None:
            # allow_insecure does not apply: nothing else protects the body
            try:
                require_encryption(request.endpoint, allow_insecure=False)
            except EndpointResolutionError as error:
                message = (
                    "payload_signing='unsigned' needs https, and the endpoint is "
                    f"{request.endpoint.url!r}; use https, or 'signed'"
                )
                raise OptionsError(message) from error
        request.payload_hash = UNSIGNED
        request.headers["x-amz-content-sha256"] = UNSIGNED
        return next(ctx, input)
