from __future__ import annotations

import pickle
from typing import Any

import pytest

from sagemaker_rt import (
    STICKY_KEY,
    InvokeEndpointAsyncInput,
    Options,
    OptionsError,
    WeightedVariants,
    with_weighted_variants,
)
from sagemaker_rt.context import Context
from sagemaker_rt.stack import InitializeInput
from tests.doubles import Wire
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import context, events, stack_of

ID = "WeightedVariants"


async def variant_of(variants: WeightedVariants, ctx: Context, **options: Any) -> Any:
    stack, wire = stack_of(with_weighted_variants(variants), **options), Wire[Any]()
    await stack.initialize.get(ID)(ctx, InitializeInput(ctx.params), wire)
    return getattr(wire.inputs[0].params, "target_variant", "no such member")


async def test_a_call_gets_a_variant_by_weight() -> None:
    chances = iter([0.0, 0.74, 0.76])
    variants = WeightedVariants({"A": 3, "B": 1}, chance=lambda: next(chances))

    assert ["A", "A", "B"] == [await variant_of(variants, context()) for _ in "123"]


async def test_a_key_stays_at_its_variant() -> None:
    variants = WeightedVariants({"A": 1, "B": 1})
    chosen = set()
    for user in range(20):
        ctx = context().with_value(STICKY_KEY, f"user-{user}")
        (one,) = {await variant_of(variants, ctx) for _ in range(3)}
        chosen.add(one)

    assert {"A", "B"} == chosen


async def test_some_calls_are_left_as_they_are() -> None:
    variants = WeightedVariants({"A": 1})
    queued = InvokeEndpointAsyncInput(endpoint_name="m", body=b"")

    assert "mine" == await variant_of(variants, context(target_variant="mine"))
    assert await variant_of(variants, context(session_id="s-1")) is None
    assert "no such member" == await variant_of(
        variants, Context("InvokeEndpointAsync", params=queued)
    )


async def test_calls_are_counted_by_variant() -> None:
    provider = RecordingMeterProvider()

    await variant_of(WeightedVariants({"A": 1}), context(), meter_provider=provider)

    assert ["A"] == events(provider, "weighted_variants")


def test_it_pickles_with_its_weights() -> None:
    options = with_weighted_variants(WeightedVariants({"A": 1, "B": 2}))(Options())

    (copied,) = pickle.loads(pickle.dumps(options)).api_options  # noqa: S301 - our own

    assert "WeightedVariants({'A': 1, 'B': 2})" == repr(copied)


def test_wrong_weights_are_refused() -> None:
    with pytest.raises(OptionsError, match="weight"):
        WeightedVariants({"A": 0})
