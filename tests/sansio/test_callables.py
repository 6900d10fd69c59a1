from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial, wraps
from typing import Any

import pytest

from sagemaker_rt.sansio.callables import (
    accepts,
    close_unrun,
    is_async,
    is_generator,
    runs_later,
)


async def coroutine(a: int = 0, b: int = 0) -> None:
    """An async function."""


def plain(a: int = 0, b: int = 0) -> None:
    """A plain function."""


def generator() -> Iterator[int]:
    yield 1


async def async_generator() -> AsyncIterator[int]:
    yield 1


class Async:
    """An object whose call and method are async."""

    async def __call__(self) -> None:
        """Do nothing."""

    async def method(self) -> None:
        """Do nothing."""

    @classmethod
    async def of_class(cls) -> None:
        """Do nothing."""

    @staticmethod
    async def static() -> None:
        """Do nothing."""


class Plain:
    """An object whose call is plain."""

    def __call__(self) -> None:
        """Do nothing."""

    def generate(self) -> Iterator[int]:
        yield 1


@wraps(coroutine)
def hidden(*args: Any) -> Any:
    """A plain function that returns a coroutine."""
    return coroutine(*args)


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (coroutine, "async"),
        (partial(coroutine, 1), "async"),
        (partial(partial(coroutine, 1), 2), "async"),
        (Async(), "async"),
        (partial(Async()), "async"),
        (Async().method, "async"),
        (Async.of_class, "async"),
        (Async.static, "async"),
        (generator, "generator"),
        (async_generator, "generator"),
        (Plain().generate, "generator"),
        (plain, "plain"),
        (lambda: None, "plain"),
        (hidden, "plain"),
        (Plain(), "plain"),
        (Plain, "plain"),
        (Async, "plain"),
        (time.time, "plain"),
        (len, "plain"),
        (5, "plain"),
    ],
)
def test_the_kind_of_a_callable(function: object, kind: str) -> None:
    assert (kind == "async", kind == "generator", kind != "plain") == (
        is_async(function),
        is_generator(function),
        runs_later(function),
    )


@pytest.mark.parametrize(
    ("function", "counts"),
    [
        (plain, [0, 1, 2]),
        (partial(plain, 1), [0, 1]),
        (Async(), [0]),
        (hidden, [0, 1, 2]),
        (lambda *args: None, [0, 1, 2, 3]),
        (lambda a, *, b: None, []),
        (min, [0, 1, 2, 3]),  # it has no signature
    ],
)
def test_the_numbers_of_arguments_that_a_function_accepts(
    function: Callable[..., object], counts: list[int]
) -> None:
    assert counts == [n for n in range(4) if accepts(function, n)]


async def test_a_coroutine_that_nobody_runs_is_closed() -> None:
    unrun = coroutine()

    assert close_unrun(unrun)
    with pytest.raises(RuntimeError, match="cannot reuse"):
        await unrun


async def test_what_would_not_run_is_told_from_results() -> None:
    future = asyncio.get_running_loop().create_future()

    assert [True, True, True] == [
        close_unrun(one) for one in (future, generator(), async_generator())
    ]
    assert [False, False] == [close_unrun(one) for one in (None, 5)]
