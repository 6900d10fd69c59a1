from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from sagemaker_rt import UnknownMiddlewareError
from sagemaker_rt.context import Context
from sagemaker_rt.resilience.stack_edits import (
    EventCounter,
    insert,
    insert_in_initialize,
    meter_of,
)
from sagemaker_rt.stack import Handler, Output, Stack
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import events, stack_of


async def first(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    return await next(ctx, input)


async def second(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    return await next(ctx, input)


def test_it_is_inserted_after_the_first_that_is_there() -> None:
    stack = Stack()
    for id in ("A", "B"):
        stack.build.add(first, id=id)

    insert(stack.build, second, id="C", after=("Absent", "A", "B"))

    assert ["A", "C", "B"] == list(stack.build)


def test_the_last_place_may_be_off() -> None:
    stack = Stack()
    stack.build.reserve("Off", "it is not needed")
    stack.build.add(first, id="B")

    insert(stack.build, second, id="C", after=("Absent", "Off"))

    assert ["C", "B"] == list(stack.build)


def test_a_place_that_is_unknown_is_refused() -> None:
    with pytest.raises(UnknownMiddlewareError):
        insert(Stack().build, second, id="C", after=("Absent",))


def test_without_a_place_it_is_appended() -> None:
    stack = Stack()
    stack.build.add(first, id="A")

    insert(stack.build, second, id="C")

    assert ["A", "C"] == list(stack.build)


def test_the_later_one_of_two_edits_wins() -> None:
    stack = Stack()
    stack.build.add(first, id="A")
    insert(stack.build, first, id="C", after=("A",))

    insert(stack.build, second, id="C", after=("A",))

    assert ["A", "C"] == list(stack.build)
    assert second is stack.build.get("C")


def test_the_meter_is_that_of_the_client() -> None:
    provider = RecordingMeterProvider()

    stack = stack_of(meter_provider=provider)
    EventCounter(stack, "breaker", "What happens.").add("refused", "m")
    EventCounter(stack, "breaker", "What happens.").add("refused", None)

    assert meter_of(stack) is not None
    assert ["refused", "refused"] == events(provider, "breaker")
    assert ["m", ""] == [
        facts["aws.sagemaker.endpoint_name"]
        for name, _, facts in provider.points
        if name == "client.resilience.breaker"
    ]


def test_without_a_provider_nothing_is_counted() -> None:
    stack = stack_of()

    EventCounter(stack, "breaker", "What happens.").add("refused", "m")

    assert meter_of(stack) is None


def test_a_replaced_call_metrics_has_no_meter() -> None:
    stack = stack_of(meter_provider=RecordingMeterProvider())
    stack.initialize.replace_or_add(first, id="CallMetrics")

    assert meter_of(stack) is None


@pytest.mark.parametrize(
    "ids", [*permutations(["Failover", "ShadowTraffic", "Budget"])]
)
def test_the_order_in_initialize_is_always_the_same(ids: tuple[str, ...]) -> None:
    stack = stack_of()
    for id in (*ids, *ids):
        insert_in_initialize(stack, first, id=id)

    assert [
        "Budget",
        "Failover",
        "ShadowTraffic",
        "OperationInputValidation",
    ] == list(stack.initialize)
