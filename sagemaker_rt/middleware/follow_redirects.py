"""Finalize: go where the service leads, if that is still the service."""

from __future__ import annotations

from attrs import evolve

from sagemaker_rt.context import Context
from sagemaker_rt.errors import EndpointResolutionError, ServiceError
from sagemaker_rt.http import Request
from sagemaker_rt.sansio.redirects import followed
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["FollowRedirects"]


class FollowRedirects:
    """Send an attempt again where a 307 or 308 leads, up to *most* times.

    It may lead to the same host or one below it, and not to a plain connection from an
    encrypted one. The request is the attempt's, as it was before anything was written
    on it that stands behind here, so that it is signed for where it goes. Any other
    redirect stays the error that it is, and so does one too many.
    """

    def __init__(self, most: int) -> None:
        self._most = most

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        request = input.request
        for _ in range(self._most):
            unsent = request.copy()
            try:
                return await next(ctx, FinalizeInput(request))
            except ServiceError as error:
                leading = _leading(error, request, unsent)
                if leading is None:
                    raise
            request = leading
        return await next(ctx, FinalizeInput(request))


def _leading(error: ServiceError, sent: Request, unsent: Request) -> Request | None:
    """Return *unsent*, on its way to where *error* leads; None if that is nowhere."""
    response, endpoint = error.response, sent.endpoint
    if response is None or endpoint is None:
        return None
    location = response.headers.get("location", "")
    target = followed(response.status, location, url=sent.url)
    if target is None:
        return None
    try:
        unsent.endpoint = evolve(endpoint, url=target.base)
    except EndpointResolutionError:
        return None
    unsent.path, unsent.query = target.path, target.query
    return unsent
