"""Build: name the call, so that the service can tell its attempts from new calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["ClientRequestID"]

# RFC 9562, section 5.4: the version, 4, and the variant, binary 10
_RANDOM_BITS: Final = ~(0xF000 << 64 | 0xC000 << 48)
_FIXED_BITS: Final = 0x4000 << 64 | 0x8000 << 48


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
            number = self._random_bits(128) & _RANDOM_BITS | _FIXED_BITS
            digits = f"{number:032x}"
            lower["amz-sdk-invocation-id"] = (
                f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-"
                f"{digits[20:]}"
            )
        return next(ctx, input)
