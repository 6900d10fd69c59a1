"""Observers act on outputs and errors, one after another, in one coroutine."""

from __future__ import annotations

import pytest
from attrs import define, field

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ConnectError, SageMakerRuntimeError, StackError
from sagemaker_rt.http import Request
from sagemaker_rt.observers import Observer, bind_observers
from sagemaker_rt.stack import DeserializeInput, Output
from tests.doubles import Scripted, Wire

CONTEXT = Context("InvokeEndpoint")


@define(eq=False)
class Recorder(Observer[DeserializeInput]):
    """Records what it observes, and raises *failure* for an output."""

    name: str
    seen: list[str]
    failure: Exception | None = field(default=None, kw_only=True)

    def on_output(self, ctx: Context, output: Output) -> None:
        self.seen.append(f"{self.name} output")
        if self.failure is not None:
            raise self.failure

    def on_error(self, ctx: Context, error: SageMakerRuntimeError) -> None:
        self.seen.append(f"{self.name} {type(error).__name__}")


def observers(
    seen: list[str], failure: Exception | None = None
) -> list[Observer[DeserializeInput]]:
    return [
        Recorder("inner", seen),
        Recorder("middle", seen, failure=failure),
        Recorder("outer", seen),
    ]


async def test_an_output_is_observed_from_the_inside_to_the_outside() -> None:
    seen: list[str] = []
    answer = Output()
    wire = Wire[DeserializeInput](answer)
    input = DeserializeInput(Request())

    output = await bind_observers(observers(seen), wire)(CONTEXT, input)

    assert output is answer
    assert ["inner output", "middle output", "outer output"] == seen
    assert [input] == wire.inputs


async def test_an_error_is_observed_and_raised_again() -> None:
    seen: list[str] = []
    error = ConnectError()
    wire = Scripted[DeserializeInput](error)

    with pytest.raises(ConnectError) as caught:
        await bind_observers(observers(seen), wire)(
            CONTEXT, DeserializeInput(Request())
        )

    assert caught.value is error
    assert ["inner ConnectError", "middle ConnectError", "outer ConnectError"] == seen


async def test_an_error_of_an_observer_is_observed_outside_of_it() -> None:
    seen: list[str] = []
    handler = bind_observers(
        observers(seen, ConnectError()), Wire[DeserializeInput](Output())
    )

    with pytest.raises(ConnectError):
        await handler(CONTEXT, DeserializeInput(Request()))

    assert ["inner output", "middle output", "outer ConnectError"] == seen


async def test_another_exception_is_not_observed() -> None:
    seen: list[str] = []
    wire = Scripted[DeserializeInput](KeyError("a bug"))

    with pytest.raises(KeyError):
        await bind_observers(observers(seen), wire)(
            CONTEXT, DeserializeInput(Request())
        )

    assert [] == seen


async def test_a_wrong_output_is_an_error() -> None:
    async def forgetful(ctx: Context, input: DeserializeInput) -> Output:
        return None  # type: ignore[return-value] # the mistake

    with pytest.raises(StackError, match="NoneType"):
        await bind_observers(observers([]), forgetful)(
            CONTEXT, DeserializeInput(Request())
        )


async def test_an_observer_alone_is_a_middleware() -> None:
    seen: list[str] = []
    answer = Output()

    output = await Recorder("one", seen)(
        CONTEXT, DeserializeInput(Request()), Wire[DeserializeInput](answer)
    )

    assert output is answer
    assert ["one output"] == seen


def test_without_observers_the_handler_is_unchanged() -> None:
    wire = Wire[DeserializeInput](Output())

    assert bind_observers([], wire) is wire
