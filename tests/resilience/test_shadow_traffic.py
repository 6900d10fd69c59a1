from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

from sagemaker_rt import (
    STICKY_KEY,
    InvokeEndpointAsyncInput,
    Options,
    OptionsError,
    SageMakerRuntimeError,
    ServiceUnavailable,
    ShadowResult,
    ShadowTraffic,
    with_options,
    with_shadow_traffic,
)
from sagemaker_rt.context import PREPARE, Context
from sagemaker_rt.resilience.shadow_traffic import CopyFailedError
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.stack import InitializeInput, Output
from sagemaker_rt.testing import fake_event_stream
from tests.doubles import Scripted, Wire
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import context, events, input_at, run_tasks, stack_of

ID = "ShadowTraffic"


class Calls:
    """The rest of the stack: the shadow answers as the test says."""

    def __init__(self, shadow_answer: Any = None, **settings: Any) -> None:
        self.results: list[ShadowResult] = []
        self.provider = RecordingMeterProvider()
        self.shadow = ShadowTraffic(
            **{"endpoint_name": "new", "on_result": self.results.append, **settings}
        )
        stack = stack_of(with_shadow_traffic(self.shadow), meter_provider=self.provider)
        self.copy = stack.initialize.get(ID)
        self.send_once = stack.finalize.get("ShadowErrors")
        self.shadow_answer = shadow_answer or Output("copy")
        self.contexts: list[Context] = []
        self.inputs: list[Any] = []

    async def __call__(self, ctx: Context, input: InitializeInput[Any]) -> Output:
        self.contexts.append(ctx)
        self.inputs.append(input)
        if input.params.endpoint_name != "new":
            return Output("primary")
        if isinstance(self.shadow_answer, asyncio.Event):
            await self.shadow_answer.wait()
        if isinstance(self.shadow_answer, Exception):
            raise self.shadow_answer
        assert isinstance(self.shadow_answer, Output)
        return self.shadow_answer

    async def call(self, ctx: Context | None = None) -> Any:
        ctx = context() if ctx is None else ctx
        output = await self.copy(ctx, InitializeInput(ctx.params), self)
        return output.result

    @property
    def names(self) -> list[str]:
        return [input.params.endpoint_name for input in self.inputs]


async def test_a_copy_is_sent_after_the_response() -> None:
    calls = Calls()

    result = await calls.call()
    before = calls.names
    await run_tasks()

    assert ("primary", ["m"], ["m", "new"]) == (result, before, calls.names)
    (compared,) = calls.results
    assert ("primary", "copy") == (compared.primary, compared.shadow)
    assert compared.error is None
    assert compared.seconds >= 0
    assert set() == calls.shadow.tasks


async def test_a_copy_has_another_context() -> None:
    calls = Calls()
    ctx = Context("InvokeEndpoint", 5.0, params=context().params)

    await calls.call(ctx)
    await run_tasks()

    first, second = calls.contexts
    assert (5.0, None) == (first.deadline, second.deadline)
    assert second.last_exchange is not first.last_exchange


async def test_an_error_of_a_copy_is_reported_and_not_raised() -> None:
    error = ServiceUnavailable()
    calls = Calls(error)

    assert "primary" == await calls.call()
    await run_tasks()

    assert (error, None) == (calls.results[0].error, calls.results[0].shadow)
    assert ["sent", "failed"] == events(calls.provider, "shadow_traffic")


async def test_an_error_of_the_comparison_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def compare(result: ShadowResult) -> None:
        raise ZeroDivisionError

    calls = Calls(on_result=compare)

    await calls.call()
    await run_tasks()

    assert "on_result of ShadowTraffic raised" in caplog.text


async def test_a_comparison_is_optional() -> None:
    calls = Calls(on_result=None)

    await calls.call()
    await run_tasks()

    assert ["m", "new"] == calls.names


async def test_the_stream_of_a_copy_is_read_and_closed() -> None:
    stream = fake_event_stream([b"a", b"b"])
    calls = Calls(Output(stream))

    await calls.call()
    await asyncio.wait(calls.shadow.tasks)

    assert 2 == stream.events_read
    assert "closed" in repr(stream)


async def test_copies_beyond_the_limit_are_dropped_and_end_by_close() -> None:
    calls = Calls(asyncio.Event(), max_in_flight=2)
    for _ in range(3):
        await calls.call()
    await run_tasks()
    in_flight = len(calls.shadow.tasks)

    await calls.shadow.on_client_close()

    assert (2, 0) == (in_flight, len(calls.shadow.tasks))
    assert [] == calls.results
    assert ["sent", "sent", "dropped"] == events(calls.provider, "shadow_traffic")


async def test_a_copy_has_a_time_limit() -> None:
    calls = Calls(asyncio.Event(), timeout=0.001)
    await calls.call()

    await asyncio.wait(calls.shadow.tasks)

    assert isinstance(calls.results[0].error, TimeoutError)


async def test_a_share_of_the_calls_is_copied() -> None:
    chances = iter([0.1, 0.3])
    calls = Calls(share=0.2, chance=lambda: next(chances))
    for _ in range(2):
        await calls.call()
    await run_tasks()

    assert ["m", "m", "new"] == calls.names


async def test_calls_with_a_key_are_all_copied_or_all_not() -> None:
    shadow = ShadowTraffic(target_variant="B", share=0.5)
    keys = [f"user-{number}" for number in range(100)]

    copied = {key for key in keys if shadow.is_copied(key)}

    assert 20 < len(copied) < 80
    assert copied == {key for key in keys if shadow.is_copied(key)}
    calls = Calls(share=0.5)
    for key in keys:
        await calls.call(context().with_value(STICKY_KEY, key))
        await run_tasks()
    assert len(copied) == calls.names.count("new")


def test_a_copy_may_go_to_a_variant() -> None:
    copied = ShadowTraffic(target_variant="B").copied(context("m").params)

    assert ("m", "B") == (copied.endpoint_name, copied.target_variant)


@pytest.mark.parametrize(
    "ctx",
    [
        context(session_id="s-1"),
        context().with_value(PREPARE, True),
        Context(
            "InvokeEndpoint",
            params=InvokeEndpointInput(endpoint_name="m", body=bytearray(b"x")),
        ),
        Context(
            "InvokeEndpointAsync",
            params=InvokeEndpointAsyncInput(endpoint_name="m", body=b""),
        ),
    ],
    ids=["session", "prepare", "buffer", "async"],
)
async def test_some_calls_are_never_copied(ctx: Context) -> None:
    calls = Calls()

    await calls.call(ctx)
    await run_tasks()

    assert ["m"] == calls.names


async def test_errors_of_copies_are_not_retried() -> None:
    calls = Calls()
    await calls.call()
    await run_tasks()
    first, copy = calls.contexts
    error = ServiceUnavailable()

    with pytest.raises(ServiceUnavailable):
        await calls.send_once(first, input_at(), Scripted[Any](error))
    with pytest.raises(CopyFailedError) as caught:
        await calls.send_once(copy, input_at(), Scripted[Any](error))
    await calls.send_once(copy, input_at(), Wire[Any]())

    assert not issubclass(CopyFailedError, SageMakerRuntimeError)
    failing = Calls(caught.value)
    await failing.call()
    await run_tasks()
    assert error is failing.results[0].error


def test_copies_of_another_loop_are_left_alone() -> None:
    shadow = ShadowTraffic(endpoint_name="new")
    loop = asyncio.new_event_loop()
    task = loop.create_task(asyncio.sleep(0))
    shadow.tasks.add(task)

    asyncio.run(shadow.aclose())

    assert not task.cancelled()
    loop.run_until_complete(task)
    loop.close()


def test_the_later_of_two_replaces_the_earlier() -> None:
    shadow = with_shadow_traffic(ShadowTraffic(endpoint_name="new"))
    target = with_options(on_chunk_received=lambda *_: None)

    assert str(stack_of(shadow)) == str(stack_of(shadow, shadow))
    assert ID not in stack_of(shadow, target).initialize


def test_it_pickles_with_its_settings() -> None:
    option = with_shadow_traffic(ShadowTraffic(endpoint_name="new", share=0.5))

    (copied,) = pickle.loads(pickle.dumps(option(Options()))).api_options  # noqa: S301 - our own

    assert "endpoint_name='new'" in repr(copied)
    assert 0.5 == copied.share


@pytest.mark.parametrize(
    "wrong",
    [{}, {"share": 1.1}, {"max_in_flight": 0}, {"timeout": 0}],
    ids=repr,
)
def test_a_setting_out_of_range_is_refused(wrong: Any) -> None:
    settings = {"endpoint_name": "new", **wrong} if wrong else {}
    with pytest.raises(OptionsError, match=r"endpoint_name|share must be"):
        ShadowTraffic(**settings)
