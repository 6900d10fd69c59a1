"""Finalize: sign the attempt."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import AUTH_SCHEME, CREDENTIALS, Context
from sagemaker_rt.errors import OptionsError, StackError
from sagemaker_rt.interfaces import Clock, Signer
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["Signing"]


class Signing:
    """Have *signer* sign the request for the scheme's service and region.

    What the endpoint knows of service and region goes before what the scheme says, and
    what the caller has set before both.

    Args:
        clock: Says when the signature is made.
        name: The service that the caller wants to be signed for.
        region: The region that the caller wants to be signed for.

    Raises:
        OptionsError: There is no region.
        StackError: Who is to sign was not passed down.
    """

    duration_metric: Final = DurationMetric(
        "client.call.auth.signing_duration", "before_next"
    )

    def __init__(
        self,
        signer: Signer,
        clock: Clock,
        *,
        name: str | None = None,
        region: str | None = None,
    ) -> None:
        self._signer = signer
        self._clock = clock
        self._name = name
        self._region = region

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        request, endpoint = input.request, input.request.endpoint
        scheme, credentials = ctx.get(AUTH_SCHEME), ctx.get(CREDENTIALS)
        if scheme is None or credentials is None:
            message = (
                "Signing has nothing to sign with; "
                "it stands behind ResolveAuthScheme and GetIdentity, or is removed too"
            )
            raise StackError(message)
        service, region = scheme.signing_name, scheme.signing_region
        if endpoint is not None:
            service = endpoint.signing_name or service
            region = endpoint.signing_region or region
        service, region = self._name or service, self._region or region
        if not service or not region:
            message = (
                f"a signature needs a service and a region: {service=}, {region=}; "
                "pass region=…, or set AWS_REGION"
            )
            raise OptionsError(message)
        pending = self._signer.sign(
            request,
            credentials,
            service=service,
            region=region,
            signing_time=self._clock(),
        )
        if pending is None:
            return next(ctx, input)
        return _after(pending, ctx, input, next)


async def _after(
    pending: Awaitable[None],
    ctx: Context,
    input: FinalizeInput,
    next: Handler[FinalizeInput],
) -> Output:
    """Go on when a signer that waits is done."""
    await pending
    return await next(ctx, input)
