"""Finalize: let the attempt carry a bearer token."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import TOKEN, Context
from sagemaker_rt.errors import EndpointResolutionError, StackError
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.sansio.endpoints import require_encryption
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["BearerSigning"]


class BearerSigning:
    """Write the token into ``Authorization``; stands where `Signing` would.

    Raises:
        EndpointResolutionError: The request would carry it unencrypted to another
            machine, whatever ``allow_insecure`` says.
        StackError: Who is to call was not passed down.
    """

    id = "Signing"
    duration_metric: Final = DurationMetric(
        "client.call.auth.signing_duration", "before_next"
    )

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        request, token = input.request, ctx.get(TOKEN)
        if token is None:
            message = "Signing has no token; it stands behind GetIdentity"
            raise StackError(message)
        if request.endpoint is None:
            message = "the request has no endpoint to carry a token to"
            raise EndpointResolutionError(message)
        require_encryption(request.endpoint, allow_insecure=False)
        request.headers["authorization"] = f"Bearer {token.token}"
        return next(ctx, input)
