"""Build: give the call an id that all its attempts share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from operator import itemgetter
from typing import Final

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["ClientRequestID"]

# RFC 9562, section 5.4: 4 is the version; 8 starts the variant
_UUID: Final = "%s-%s-4%s-8%s-%s"
_fields_of: Final = itemgetter(
    slice(8), slice(8, 12), slice(13, 16), slice(17, 20), slice(20, None)
)


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
                digits = f"{random_bits(128):032x}"
                lower["amz-sdk-invocation-id"] = _UUID % _fields_of(digits)
            return next(ctx, input)

        return handle
