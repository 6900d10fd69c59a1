"""Finalize: sign the request of each attempt."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import AUTH_SCHEME, CREDENTIALS, Context
from sagemaker_rt.errors import (
    ComponentError,
    OptionsError,
    SageMakerRuntimeError,
    StackError,
)
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.interfaces import Clock, Signer, needs_identity
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["Signing"]

_OPTION: Final = "signer"


class Signing(BoundMiddleware[FinalizeInput]):
    """Sign the request with *signer*, for a service and a region.

    Both come from the first of these that has them: *name* and *region*, the endpoint,
    the authentication scheme.

    Args:
        clock: Returns the signing time, in seconds since the epoch.
        name: The option ``sigv4_signing_name``.
        region: The option ``sigv4_signing_region``.

    Raises:
        ComponentError: A custom signer raised an exception.
        OptionsError: None of them has a region.
        StackError: No scheme or no credentials were passed down.
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
        self._needs_identity = needs_identity(signer)
        self._clock = clock
        self._name = name
        self._region = region

    def bind(self, next: Handler[FinalizeInput]) -> Handler[FinalizeInput]:
        signer, needs_identity, clock = self._signer, self._needs_identity, self._clock
        # those of the latest call, which most calls have in common
        latest_scheme: AuthScheme | None = None
        latest_endpoint: Endpoint | None = None
        service = region = ""

        def handle(ctx: Context, input: FinalizeInput) -> Awaitable[Output]:
            nonlocal latest_scheme, latest_endpoint, service, region
            request = input.request
            scheme = ctx.get(AUTH_SCHEME)
            credentials: Any = ctx.get(CREDENTIALS)  # a signer may need none
            if scheme is None or (credentials is None and needs_identity):
                message = (
                    "Signing has no credentials; it must be placed after "
                    "ResolveAuthScheme and GetIdentity, or be removed with them"
                )
                raise StackError(message)
            endpoint = request.endpoint
            if scheme is not latest_scheme or endpoint is not latest_endpoint:
                service, region = self._scope(scheme, endpoint)
                latest_scheme, latest_endpoint = scheme, endpoint
            try:
                pending = signer.sign(
                    request,
                    credentials,  # pyright: ignore[reportArgumentType] # a signer may need none
                    service=service,
                    region=region,
                    signing_time=clock(),
                )
            except SageMakerRuntimeError:
                raise
            except Exception as error:
                raise self._wrapped(error) from error
            if pending is None:  # a plain signer, such as the default one
                return next(ctx, input)
            return self._wait(pending, ctx, input, next)

        return handle

    def _scope(self, scheme: AuthScheme, endpoint: Endpoint | None) -> tuple[str, str]:
        """Return the service and the region to sign for."""
        # from the general to the specific: scheme, endpoint, options
        service, region = scheme.signing_name, scheme.signing_region
        if endpoint is not None:
            service = endpoint.signing_name or service
            region = endpoint.signing_region or region
        service, region = self._name or service, self._region or region
        if self._needs_identity and not (service and region):
            message = (
                f"a signature needs a service and a region: {service=}, {region=}; "
                "pass region=…, or set AWS_REGION"
            )
            raise OptionsError(message)
        return service or "", region or ""

    async def _wait(
        self,
        pending: Awaitable[None],
        ctx: Context,
        input: FinalizeInput,
        next: Handler[FinalizeInput],
    ) -> Output:
        """Wait for an async signer, then continue."""
        if not isinstance(pending, Awaitable):
            problem = (
                f"returned {type(pending).__name__}; sign() must change the request "
                "and return None, or be async"
            )
            raise ComponentError.from_result(_OPTION, self._signer, problem)
        try:
            await pending
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise self._wrapped(error) from error
        return await next(ctx, input)

    def _wrapped(self, error: Exception) -> ComponentError:
        return ComponentError.from_component(_OPTION, self._signer, error)
