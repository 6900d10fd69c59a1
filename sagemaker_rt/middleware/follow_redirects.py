"""Finalize: follow redirects to the same host and its subdomains."""

from __future__ import annotations

from attrs import evolve

from sagemaker_rt.context import Context
from sagemaker_rt.errors import EndpointResolutionError, ServiceError
from sagemaker_rt.http import Request
from sagemaker_rt.sansio.redirects import redirect_target
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["FollowRedirects"]


class FollowRedirects:
    """Send the request of an attempt again to the target of a 307 or 308 response.

    The target must be the same host or a subdomain, and must not change HTTPS to HTTP.
    The middleware after this one runs again, so that the request is signed for its new
    target. All other redirects are raised as errors.

    Args:
        max_redirects: The limit per attempt; the next redirect is raised as an error.
    """

    def __init__(self, max_redirects: int) -> None:
        self._max_redirects = max_redirects

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        request = input.request
        for _ in range(self._max_redirects):
            # later middleware writes headers on the request: they are for this target
            unsent = request.copy()
            try:
                return await next(ctx, FinalizeInput(request))
            except ServiceError as error:
                redirected = _redirected(error, request.as_sent, unsent)
                if redirected is None:
                    raise
            request = redirected
        return await next(ctx, FinalizeInput(request))


def _redirected(error: ServiceError, sent: Request, unsent: Request) -> Request | None:
    """Return *unsent*, readdressed to the target of *error*; None if not allowed."""
    response, endpoint = error.response, sent.endpoint
    if response is None or endpoint is None:
        return None
    location = response.headers.get("location", "")
    target = redirect_target(response.status, location, url=sent.url)
    if target is None:
        return None
    try:
        unsent.endpoint = evolve(endpoint, url=target.base)
    except EndpointResolutionError:  # the location is not a valid endpoint URL
        return None
    unsent.path, unsent.query = target.path, target.query
    return unsent
