"""Build: let AWS notice functions that call one another in a circle."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from urllib.parse import quote

from sagemaker_rt.context import Context
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["RecursionDetection"]


class RecursionDetection:
    """Pass the trace id of the Lambda invocation on, as ``x-amzn-trace-id``.

    Lambda changes the variable with every invocation, so it is read at every call. A
    header that is there already is kept.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Awaitable[Output]:
        trace_id = self._environ.get("_X_AMZN_TRACE_ID")
        lower = input.request.headers.lower
        if trace_id and "x-amzn-trace-id" not in lower:
            # replace: an environment may hold bytes that are no text
            lower["x-amzn-trace-id"] = quote(
                trace_id, safe="-=;:+&[]{}\"',", errors="replace"
            )
        return next(ctx, input)
