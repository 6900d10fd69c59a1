"""Build: give the call an id that all its attempts share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["ClientRequestID"]


class ClientRequestID(BoundMiddleware[BuildInput]):
    """Set ``amz-sdk-invocation-id`` to a random UUID; an existing header is kept.

    It tells the service which attempts belong to the same call.

    Args:
        random_bits: Returns an int of that many random bits.
    """

    def __init__(self, random_bits: Callable[[int], int]) -> None:
        self._random_bits = random_bits

    def bind(self, next: Handler[BuildInput]) -> Handler[BuildInput]:
        random_bits = self._random_bits

        def handle(ctx: Context, input: BuildInput) -> Awaitable[Output]:
            lower = input.request.headers.lower
            if "amz-sdk-invocation-id" not in lower:
                # not uuid4, which takes several microseconds
                digits = random_bits(128).to_bytes(16, "big").hex()
                # RFC 9562, section 5.4: 4 is the version; 8 starts the variant
                lower["amz-sdk-invocation-id"] = (
                    f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-"
                    f"{digits[20:]}"
                )
            return next(ctx, input)

        return handle
