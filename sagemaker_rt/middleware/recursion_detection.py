"""Build: pass the trace id of AWS Lambda on, so that AWS detects recursive calls."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from urllib.parse import quote

from sagemaker_rt.context import Context
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["RecursionDetection"]


class RecursionDetection:
    """Set ``x-amzn-trace-id`` to the trace id of the Lambda invocation.

    Lambda changes the environment variable with every invocation, so it is read at
    every call. An existing header is kept.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Awaitable[Output]:
        trace_id = self._environ.get("_X_AMZN_TRACE_ID")
        lower = input.request.headers.lower
        if trace_id and "x-amzn-trace-id" not in lower:
            # safe: characters that the AWS SDKs do not quote
            # replace: environment variables may contain bytes that are not UTF-8
            lower["x-amzn-trace-id"] = quote(
                trace_id, safe="-=;:+&[]{}\"',", errors="replace"
            )
        return next(ctx, input)
