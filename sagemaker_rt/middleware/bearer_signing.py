"""Finalize: write the bearer token on the request of each attempt."""

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
    """Write the token into ``Authorization``; takes the place of `Signing`.

    Raises:
        EndpointResolutionError: The endpoint is neither HTTPS nor on this machine;
            ``allow_insecure`` does not apply to tokens.
        StackError: No token was passed down by ``GetIdentity``.
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
            message = "Signing has no token; place it after GetIdentity"
            raise StackError(message)
        if request.endpoint is None:
            message = "Signing has no endpoint; place it after ResolveEndpointV2"
            raise EndpointResolutionError(message)
        # unlike a signature, a token that is read on the way can be used by the reader
        require_encryption(request.endpoint, allow_insecure=False)
        request.headers["authorization"] = f"Bearer {token.token}"
        return next(ctx, input)
