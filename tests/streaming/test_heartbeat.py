from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt.errors import ClientStateError, ParamValidationError
from sagemaker_rt.streaming.heartbeat import HEARTBEAT, with_heartbeat


class Items(AsyncIterator[str]):
    """Yields *items*; None waits until `may_go_on` is set, an exception is raised."""

    def __init__(self, *items: str | Exception | None) -> None:
        self.items = list(items)
        self.may_go_on = asyncio.Event()

    async def __anext__(self) -> str:
        while self.items and self.items[0] is None:
            await self.may_go_on.wait()
            self.items.pop(0)
        if not self.items:
            raise StopAsyncIteration
        item = self.items.pop(0)
        if isinstance(item, Exception):
            raise item
        assert item is not None
        return item


async def test_items_are_those_of_the_iterator() -> None:
    items = with_heartbeat(Items("a", "b"), every=60)

    assert [item async for item in items] == ["a", "b"]


async def test_silence_is_filled_and_nothing_is_lost() -> None:
    source = Items("a", None, "b")
    items = with_heartbeat(source, every=0.001)

    seen = [await anext(items) for _ in range(4)]
    source.may_go_on.set()
    rest = [item async for item in items if item is not HEARTBEAT]

    assert seen == ["a", HEARTBEAT, HEARTBEAT, HEARTBEAT]
    assert rest == ["b"]
    assert repr(HEARTBEAT) == "HEARTBEAT"


async def test_an_exception_is_that_of_the_iterator() -> None:
    with pytest.raises(ZeroDivisionError):
        await anext(with_heartbeat(Items(ZeroDivisionError())))


async def test_a_cancelled_read_loses_nothing() -> None:
    source = Items(None, "a")
    items = with_heartbeat(source, every=60)
    reading = asyncio.ensure_future(anext(items))
    for _ in range(3):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait((reading,))

    source.may_go_on.set()

    assert await anext(items) == "a"


async def test_closing_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    items = with_heartbeat(Items(None), every=0.001)
    await anext(items)

    await items.aclose()
    await items.aclose()

    assert asyncio.all_tasks() == before


async def test_a_dropped_iterator_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    items = with_heartbeat(Items(None), every=0.001)
    await anext(items)

    del items
    gc.collect()
    for _ in range(3):
        await asyncio.sleep(0)

    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("every", [0, -1, True, "1", None, float("nan"), 1e10, 10**400])
def test_the_interval_must_be_a_positive_number(every: Any) -> None:
    with pytest.raises(ParamValidationError, match=f"{every!r}"):
        with_heartbeat(Items(), every)


async def test_a_second_reader_does_not_get_the_same_item() -> None:
    source = Items(None, "a", "b")
    items = with_heartbeat(source, every=60)
    reading = asyncio.create_task(anext(items))
    await asyncio.sleep(0)

    with pytest.raises(ClientStateError):
        await anext(items)
    source.may_go_on.set()

    assert ["a", "b"] == [await reading, await anext(items)]


@pytest.mark.parametrize("iterator", [5, ["a"], Items])
def test_only_an_asynchronous_iterator_has_heartbeats(iterator: Any) -> None:
    with pytest.raises(ParamValidationError, match="iterator"):
        with_heartbeat(iterator)
