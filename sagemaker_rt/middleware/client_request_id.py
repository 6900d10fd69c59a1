"""Build: name the call, so that the service can tell its attempts from new calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sagemaker_rt.context import Context
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["ClientRequestID"]


class ClientRequestID:
    """Send a random UUID as ``amz-sdk-invocation-id``, the same in all attempts.

    A header that is there already is kept.
    """

    def __init__(self, random_bits: Callable[[int], int]) -> None:
        self._random_bits = random_bits

    def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Awaitable[Output]:
        lower = input.request.headers.lower
        if "amz-sdk-invocation-id" not in lower:
            digits = f"{self._random_bits(128):032x}"
            # RFC 9562, section 5.4: the 4 is the version, the 8 begins with the variant
            lower["amz-sdk-invocation-id"] = (
                f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-"
                f"{digits[20:]}"
            )
        return next(ctx, input)
