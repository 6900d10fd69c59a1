"""Run a load test against an endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import attrs

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.inference.task_end import end_of
from sagemaker_rt.load.generator import LoadGenerator
from sagemaker_rt.load.loops import Loop, OpenLoop
from sagemaker_rt.load.measured_call import LoadInput, MeasuredCalls, TokenUnit
from sagemaker_rt.load.progress import LoadProgress
from sagemaker_rt.load.result import LoadPlan, LoadResult
from sagemaker_rt.sansio.load_statistics import LoadCounts
from sagemaker_rt.sansio.number_checks import is_finite
from sagemaker_rt.shapes import (
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
)

__all__ = ["run"]

_SHAPES: Final = (InvokeEndpointInput, InvokeEndpointWithResponseStreamInput)


async def run(  # noqa: PLR0913 - the keywords are independent
    client: RuntimeClient,
    inputs: LoadInput | Sequence[LoadInput],
    loop: Loop,
    *,
    seconds: float,
    warm_up: float = 0.0,
    drain: float = 30.0,
    unit: TokenUnit = "tokens",
    progress: Callable[[LoadProgress], object] | None = None,
    progress_every: float = 1.0,
    stop: asyncio.Event | None = None,
) -> LoadResult:
    """Call an endpoint under load, and return what was measured.

    Failed calls are part of the result, and are not raised. If the caller is cancelled,
    all calls are cancelled, and have ended. All connections are those of *client*: set
    its ``max_connections`` to the number of calls in flight, as calls that wait for a
    connection are slow. Calls are retried as the client does it; ``retry_mode="off"``
    shows each failure of the endpoint.

    Args:
        client: Makes the calls; the caller closes it.
        inputs: The input of each call, or several that are sent in turn. Their class
            selects the operation: a whole response, or a stream.
        loop: `OpenLoop` for a rate of calls, or `ClosedLoop` for a number of callers.
        seconds: The time in which calls are due, after the warm-up.
        warm_up: Seconds of the same load before, which is not part of the result.
        drain: Seconds to wait at the end for calls in flight; the others are cancelled,
            and are ``unfinished``.
        unit: What is counted in streams: ``"tokens"`` of a language model, or
            ``"parts"``, in which the container sends its output.
        progress: Is called every `progress_every` seconds. Its exceptions end the test.
        progress_every: Seconds between two calls of *progress*.
        stop: Ends the test early when it is set. Calls in flight are cancelled, and the
            result has what was measured so far.

    Raises:
        ParamValidationError: An argument is invalid.
    """
    shapes = [inputs] if isinstance(inputs, _SHAPES) else [*inputs]
    _require_valid(shapes, seconds, warm_up, drain, progress_every)
    stop = stop or asyncio.Event()
    generator = LoadGenerator(
        MeasuredCalls(client, asyncio.get_running_loop().time, unit),
        shapes,
        loop,
        seconds=seconds,
        warm_up=warm_up,
        drain=drain,
        stop=stop,
    )
    await _run_with_progress(generator, progress, progress_every)
    facts = {
        "end": "interrupted" if stop.is_set() else "completed",
        "seconds": generator.seconds,
        "warm_up_calls": generator.warm_up.counts.scheduled,
        "max_in_flight": generator.max_in_flight,
    }
    plan = _plan(shapes[0], loop, seconds=seconds, warm_up=warm_up, unit=unit)
    return LoadResult.of(plan, generator.statistics, facts)


async def _run_with_progress(
    generator: LoadGenerator,
    progress: Callable[[LoadProgress], object] | None,
    every: float,
) -> None:
    if progress is None:
        await generator.run()
        return
    running = asyncio.create_task(generator.run())
    reporting = asyncio.create_task(_report(generator, progress, every))
    tasks = (running, reporting)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await end_of(*tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def _report(
    generator: LoadGenerator, progress: Callable[[LoadProgress], object], every: float
) -> None:
    """Call *progress* until this task is cancelled."""
    time = asyncio.get_running_loop().time
    last, before, was_warm_up = time(), LoadCounts(), True
    while True:
        await asyncio.sleep(every)
        now = time()
        is_warm_up = now < generator.begin
        if was_warm_up and not is_warm_up:  # which has numbers beside these
            before, last = LoadCounts(), max(last, generator.begin)
        state = LoadProgress.of(
            generator.warm_up if is_warm_up else generator.statistics,
            now=now,
            in_flight=generator.in_flight,
            before=before,
            interval=max(now - last, 1e-3),
        )
        if is_warm_up:  # as in the measurement, the beginning is that of the latter
            state = attrs.evolve(state, elapsed=now - generator.begin)
        last, before, was_warm_up = now, state.counts, is_warm_up
        progress(state)


def _plan(first: LoadInput, loop: Loop, **fields: Any) -> LoadPlan:
    is_open = isinstance(loop, OpenLoop)
    is_stream = isinstance(first, InvokeEndpointWithResponseStreamInput)
    if not is_stream:
        fields["unit"] = None
    return LoadPlan(
        endpoint_name=first.endpoint_name,
        operation=type(first).__name__.removesuffix("Input"),
        loop="open" if is_open else "closed",
        rate=loop.rate if isinstance(loop, OpenLoop) else None,
        arrivals=loop.arrivals if isinstance(loop, OpenLoop) else None,
        seed=loop.seed if isinstance(loop, OpenLoop) else None,
        max_in_flight=loop.limit,
        **fields,
    )


def _require_valid(
    inputs: Sequence[object],
    seconds: float,
    warm_up: float,
    drain: float,
    every: float,
) -> None:
    problems = [*_problems_of_inputs(inputs)]
    for name, value in {"seconds": seconds, "progress_every": every}.items():
        if not (is_finite(value) and value > 0):
            problems.append(f"{name} must be a positive number, not {value!r}")
    for name, value in {"warm_up": warm_up, "drain": drain}.items():
        if not (is_finite(value) and value >= 0):
            problems.append(f"{name} must be 0 or a positive number, not {value!r}")
    if problems:
        message = f"the arguments are invalid: {'; '.join(problems)}"
        raise ParamValidationError(message, problems)


def _problems_of_inputs(inputs: Sequence[object]) -> Iterator[str]:
    if not inputs:
        yield "inputs must not be empty"
    if len({type(one) for one in inputs}) > 1:
        yield "all inputs must be of the same operation"
    for one in inputs:
        if not isinstance(one, _SHAPES):
            yield (
                "an input must be an InvokeEndpointInput or an "
                f"InvokeEndpointWithResponseStreamInput, not {type(one).__name__}"
            )
        elif hasattr(one.body, "read"):
            yield "the body of an input must not be a file, as it is sent several times"
