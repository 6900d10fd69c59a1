"""Divide calls between production variants by weights of the caller."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context, Key
from sagemaker_rt.options import APIOptions, with_api_options
from sagemaker_rt.resilience.changed_member import with_member
from sagemaker_rt.resilience.stack_edits import EventCounter, insert_in_initialize
from sagemaker_rt.sansio.weighted_choice import WeightedChoice
from sagemaker_rt.stack import Handler, InitializeInput, Output, Stack

__all__ = ["STICKY_KEY", "WeightedVariants", "with_weighted_variants"]

_ID: Final = "WeightedVariants"

STICKY_KEY: Key[str] = Key("sticky_key")
"""In the context of a call: calls with the same text go to the same variant, and are
all copied to a shadow or all not. Set it by ``with_context_value(STICKY_KEY, text)``.
"""


class WeightedVariants:
    """Set ``target_variant`` by weight, as an edit of the stack.

    Calls with the same `STICKY_KEY` go to the same variant. If weights change, only as
    many keys move as have to. Calls without a key are divided at random.

    A call that has a ``target_variant`` keeps it. **Sessions** stay where they are, and
    asynchronous invocations have no variant. All **retries** of a call go to the same
    variant, also those of **streams**. **Cancellation** is not affected.

    Args:
        weights: The weights of the variants, by their names: their shares of the sum.
        chance: Draws a number in [0, 1); for tests.

    Raises:
        OptionsError: A weight is negative or not finite, or none is above 0.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._choice: Final = WeightedChoice(weights)
        self.weights: Final[Mapping[str, float]] = MappingProxyType(dict(weights))
        self._chance: Final = chance

    def choose(self, key: str | None) -> str:
        """Return the variant for *key*; a random one for None."""
        if key is None:
            return self._choice.by_chance(self._chance())
        return self._choice.by_key(key)

    def __call__(self, stack: Stack) -> None:
        """Insert the choice into *stack*, before the input is validated."""
        insert_in_initialize(stack, _ChooseVariant(self, stack), id=_ID)

    def __repr__(self) -> str:
        return f"WeightedVariants({dict(self.weights)!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return WeightedVariants, (dict(self.weights),)


def with_weighted_variants(variants: WeightedVariants) -> APIOptions:
    """Divide calls between production variants, as *variants* decides."""
    return with_api_options(variants)


class _ChooseVariant(BoundMiddleware[InitializeInput[Any]]):
    """The middleware of one stack."""

    def __init__(self, variants: WeightedVariants, stack: Stack) -> None:
        self._variants: Final = variants
        self._events: Final = EventCounter(
            stack, "weighted_variants", "Calls by the variant that they were sent to."
        )

    def bind(
        self, next: Handler[InitializeInput[Any]]
    ) -> Handler[InitializeInput[Any]]:
        choose, count = self._variants.choose, self._events.add

        def choose_variant(
            ctx: Context, input: InitializeInput[Any]
        ) -> Awaitable[Output]:
            params = input.params
            # asynchronous invocations have neither
            is_chosen = getattr(params, "target_variant", "") is not None
            if is_chosen or getattr(params, "session_id", None) is not None:
                return next(ctx, input)
            variant = choose(ctx.get(STICKY_KEY))
            count(variant, params.endpoint_name)
            chosen = with_member(params, "target_variant", variant)
            return next(ctx, InitializeInput(chosen))

        return choose_variant
