"""Many calls with inputs of all forms, and the ends of an iteration."""

from __future__ import annotations

import asyncio
import gc
import io
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.errors import ModelError, ParamValidationError, ValidationError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.inference.call_results import CallProgress
from sagemaker_rt.inference.many_calls import ManyCalls, call_many
from sagemaker_rt.options import Option, with_options
from sagemaker_rt.shapes import InvokeEndpointInput
from tests.doubles import ScriptedHTTPClient, response
from tests.stepping import Stepped

KEYS: Final = Credentials("AKID", "a-secret")


def client(http_client: ScriptedHTTPClient, *opts: Option) -> Client:
    fields: Any = {"region": "eu-west-1", "credentials": KEYS, "environ": {}}
    return Client(None, *opts, http_client=http_client, **fields)


def wire(count: int) -> ScriptedHTTPClient:
    return ScriptedHTTPClient(*[response(200, {}, b"out") for _ in range(count)])


async def double(input: int) -> int:
    await asyncio.sleep(0)
    return 2 * input


async def hang(input: int) -> int:
    await asyncio.get_running_loop().create_future()
    return input


def only_this_task() -> bool:
    return {asyncio.current_task()} == asyncio.all_tasks()


async def test_each_form_of_input_is_sent() -> None:
    http_client = wire(5)
    inputs: list[Any] = [
        InvokeEndpointInput(endpoint_name="own", body=b"shape"),
        {"body": b"mapping", "endpoint_name": "mapped", "accept": "a/b"},
        {"json": ["mapping"], "content_type": None},
        b"bytes",
        io.BytesIO(b"file"),
    ]

    calls = client(http_client).invoke_many(
        inputs, endpoint_name="m", content_type="text/csv"
    )
    results = [result async for result in calls]

    assert inputs == [result.input for result in results]
    assert [b"out"] * 5 == [result.output.body for result in results]
    sent = [
        (r.url.split("/")[-2], r.body, r.headers.get("content-type"))
        for r in http_client.requests
    ]
    assert [
        ("own", b"shape", None),
        ("mapped", b"mapping", "text/csv"),
        ("m", b'["mapping"]', "application/json"),
        ("m", b"bytes", "text/csv"),
    ] == sent[:4]
    assert ("m", "text/csv") == sent[4][::2]
    assert "a/b" == http_client.requests[1].headers["accept"]


async def test_options_apply_to_each_call() -> None:
    http_client = ScriptedHTTPClient(response(503), response(503))

    calls = client(http_client).invoke_many(
        [b"a", b"b"], with_options(max_attempts=1), endpoint_name="m", on_error="skip"
    )

    assert [] == [result async for result in calls]
    assert 2 == len(http_client.requests)


async def test_an_input_that_is_invalid_is_a_failed_call() -> None:
    inputs: list[Any] = [
        b"no endpoint",
        {"body": b"", "endpoint_name": "m", "boddy": 1},
        {1: 2},
        5,
        InvokeEndpointInput(endpoint_name="../..", body=b""),
        {"body": b"valid", "endpoint_name": "m"},
    ]

    calls = client(wire(1)).invoke_many(inputs, on_error="collect")
    results = [result async for result in calls]

    assert [False] * 5 + [True] == [result.succeeded for result in results]
    for index in range(5):
        assert isinstance(results[index].error, ParamValidationError)


async def test_an_error_has_the_type_of_a_single_call() -> None:
    headers = {"x-amzn-errortype": "ModelError"}
    http_client = ScriptedHTTPClient(response(424, headers, b"{}"))

    with pytest.raises(ModelError):
        async for _ in client(http_client).invoke_many([b""], endpoint_name="m"):
            pass


@pytest.mark.parametrize(
    ("inputs", "members"),
    [
        (b"one body", {}),
        ("one text", {}),
        ({"body": b""}, {}),
        (InvokeEndpointInput(endpoint_name="m", body=b""), {}),
        (None, {}),
        ([], {"concurrency": 0}),
        ([], {"concurrency": True}),
        ([], {"concurrency": "8"}),
        ([], {"on_error": "ignore"}),
        ([], {"progress": "bar"}),
        ([], {"progress": hang}),
        ([], {"read_timeout": 5}),
        ([], {"endpointname": "m"}),
    ],
)
async def test_an_invalid_argument_is_an_error_before_the_first_read(
    inputs: Any, members: Any
) -> None:
    with pytest.raises(ParamValidationError) as raised:
        client(wire(0)).invoke_many(inputs, **members)

    assert raised.value.problems


@pytest.mark.parametrize("function", [None, 5, "double"])
def test_a_function_must_be_callable(function: Any) -> None:
    with pytest.raises(ParamValidationError):
        call_many(function, [])


async def test_a_function_that_is_not_async_fails_each_call() -> None:
    function: Any = str

    calls = call_many(function, [1, 2], on_error="collect")

    errors = [type(result.error) async for result in calls]
    assert [TypeError, TypeError] == errors


async def test_a_generator_is_not_a_function_of_calls() -> None:
    async def generator(input: int) -> AsyncIterator[int]:
        yield input

    function: Any = generator
    with pytest.raises(ParamValidationError):
        call_many(function, [])


async def test_any_async_function_can_be_called() -> None:
    async def numbers() -> AsyncIterator[int]:
        for number in range(30):
            await asyncio.sleep(0)
            yield number

    calls = call_many(double, numbers(), concurrency=4)

    assert [2 * number for number in range(30)] == [r.output async for r in calls]
    assert only_this_task()


@pytest.mark.parametrize(
    ("inputs", "total"), [([1, 2], 2), (iter([1, 2]), None), (range(1), 1)]
)
async def test_the_total_is_known_if_the_inputs_have_a_length(
    inputs: Any, total: int | None
) -> None:
    seen: list[CallProgress] = []

    async for _ in call_many(double, inputs, progress=seen.append):
        pass

    assert {total} == {progress.total for progress in seen}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 has eager tasks")
@pytest.mark.parametrize("ordered", [True, False])
async def test_tasks_may_start_eagerly(ordered: bool) -> None:
    async def instantly(input: int) -> int:
        return input

    factory: Any = asyncio.__dict__["eager_task_factory"]
    asyncio.get_running_loop().set_task_factory(factory)
    for function in (instantly, double):
        calls = call_many(function, range(50), concurrency=4, ordered=ordered)

        assert [*range(50)] == sorted([result.index async for result in calls])

    async with call_many(double, range(50), concurrency=4) as results:
        await anext(results)
    assert only_this_task()


async def test_leaving_the_block_early_ends_the_calls() -> None:
    async with call_many(double, range(100), concurrency=4) as results:
        async for result in results:
            if result.index == 5:
                break

    assert only_this_task()
    assert "<ManyCalls, closed>" == repr(results)


async def test_closing_ends_the_calls() -> None:
    async with aclosing(call_many(double, range(100))) as results:
        await anext(results)

    assert only_this_task()


async def test_an_exception_in_the_block_propagates() -> None:
    async def consume() -> None:
        async with call_many(double, range(100)) as results:
            async for _ in results:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await consume()

    assert only_this_task()


async def test_in_the_block_a_cancelled_read_loses_nothing() -> None:
    gate = asyncio.Event()

    async def function(input: int) -> int:
        await gate.wait()
        return input

    async with call_many(function, range(3)) as results:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(results), 0.001)
        gate.set()

        assert [0, 1, 2] == [result.output async for result in results]


async def test_a_cancelled_loop_without_a_block_ends_the_calls() -> None:
    async def consume() -> None:
        async for _ in call_many(hang, range(100)):
            pass

    task = asyncio.create_task(consume())
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert only_this_task()


async def test_calls_that_are_dropped_are_cancelled_with_a_warning() -> None:
    calls = call_many(double, range(100), concurrency=4)
    await anext(calls)

    with pytest.warns(ResourceWarning, match="async with"):  # noqa: PT031 - a drop
        del calls
        gc.collect()
    for _ in range(5):
        await asyncio.sleep(0)

    assert only_this_task()


async def test_calls_that_never_started_are_dropped_silently() -> None:
    calls = call_many(double, range(100))
    assert "<ManyCalls, not started>" == repr(calls)

    del calls
    gc.collect()


async def in_block() -> None:
    async with call_many(double, range(7), concurrency=3) as results:
        async for _ in results:
            await asyncio.sleep(0)


async def left_early() -> None:
    async with call_many(double, range(7), concurrency=3) as results:
        async for _ in results:
            break


async def from_generator() -> None:
    async def numbers() -> AsyncIterator[int]:
        for number in range(7):
            await asyncio.sleep(0)
            yield number

    async with call_many(double, numbers(), concurrency=3, ordered=False) as results:
        async for _ in results:
            pass


async def without_block() -> None:
    async for _ in call_many(double, range(7), concurrency=3):
        pass


async def failing() -> None:
    async def fail(input: int) -> int:
        await asyncio.sleep(0)
        raise ValidationError(str(input))

    with pytest.raises(ValidationError):
        async for _ in call_many(fail, range(7), concurrency=3):
            pass


@pytest.mark.parametrize(
    "scenario", [in_block, left_early, from_generator, without_block, failing]
)
async def test_cancelling_at_each_suspension_leaves_no_task(scenario: Any) -> None:
    suspensions = await count_suspensions(scenario())
    assert suspensions

    for number in range(suspensions):
        stepped = Stepped(scenario(), cancel_at=number)
        task = asyncio.create_task(run(stepped))
        with pytest.raises(asyncio.CancelledError):
            await task

        assert only_this_task(), stepped.points[-1]


async def count_suspensions(call: Coroutine[Any, Any, None]) -> int:
    stepped = Stepped(call)
    await stepped
    return len(stepped.points)


async def run(stepped: Stepped[None]) -> None:
    await stepped


async def test_local_variables_of_an_error_do_not_show_a_body() -> None:
    calls: ManyCalls[bytes, Any] = client(
        ScriptedHTTPClient(response(400))
    ).invoke_many([b"a secret body"], endpoint_name="m", on_error="collect")
    (result,) = [result async for result in calls]

    assert result.error is not None
    traceback = result.error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if "/inference/" in frame.f_code.co_filename:
            assert "a secret body" not in repr(frame.f_locals), frame
        traceback = traceback.tb_next
