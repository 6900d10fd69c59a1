from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from sagemaker_rt.errors import (
    InternalStreamFailure,
    ModelStreamError,
    SageMakerRuntimeError,
    TruncatedStreamError,
    UnmodeledEventError,
)
from sagemaker_rt.shapes import PayloadPart, UnknownEvent
from sagemaker_rt.streaming.response_stream_handler import (
    ResponseStreamHandler,
    require_handler,
)

PART: Final = PayloadPart(b"one")
UNKNOWN: Final = UnknownEvent("Novelty", {}, b"")
MODEL: Final = ModelStreamError("oh")
SERVICE: Final = InternalStreamFailure("oh")
UNMODELED: Final = UnmodeledEventError("oh")
CUT: Final = TruncatedStreamError("oh")
EVENTS: Final = (PART, UNKNOWN, MODEL, SERVICE, UNMODELED, CUT)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("on_payload_part", [PART]),
        ("on_unknown_event", [UNKNOWN]),
        ("on_model_stream_error", [MODEL]),
        ("on_internal_stream_failure", [SERVICE]),
        ("on_event", [PART, UNKNOWN, MODEL, SERVICE, UNMODELED]),
        ("on_error", [MODEL, SERVICE, UNMODELED, CUT]),
    ],
)
async def test_a_function_is_called_with_events_of_its_type(
    name: str, expected: list[object]
) -> None:
    seen, handler = list[object](), ResponseStreamHandler()
    getattr(handler, name)(seen.append)

    for event in EVENTS:
        await handler.dispatch(event)

    assert expected == seen


async def test_functions_are_called_in_the_order_in_which_they_were_added() -> None:
    seen, handler = list[str](), ResponseStreamHandler()

    @handler.on_event
    def first(event: object) -> None:
        seen.append("first")

    @handler.on_payload_part
    async def second(part: PayloadPart) -> None:
        await asyncio.sleep(0)
        seen.append("second")

    @handler.on_event
    async def third(event: object) -> None:
        seen.append("third")

    await handler.dispatch(PART)

    assert ["first", "second", "third"] == seen


def test_the_decorators_return_the_function() -> None:
    handler = ResponseStreamHandler()

    def show(event: Any) -> None:
        pass

    decorators: list[Callable[[Any], object]] = [
        handler.on_payload_part,
        handler.on_unknown_event,
        handler.on_model_stream_error,
        handler.on_internal_stream_failure,
        handler.on_event,
        handler.on_error,
    ]
    assert [show] * 6 == [decorate(show) for decorate in decorators]


async def test_after_an_exception_no_other_function_is_called() -> None:
    seen, handler = list[object](), ResponseStreamHandler()

    @handler.on_error
    async def fail(error: SageMakerRuntimeError) -> None:
        raise KeyError(str(error))

    handler.on_error(seen.append)

    with pytest.raises(KeyError, match="oh"):
        await handler.dispatch(CUT)

    assert [] == seen


async def test_a_function_can_add_another_for_later_events() -> None:
    seen, handler = list[object](), ResponseStreamHandler()
    handler.on_payload_part(lambda _: handler.on_event(seen.append))

    await handler.dispatch(PART)
    await handler.dispatch(UNKNOWN)

    assert [UNKNOWN] == seen


def test_an_object_that_is_not_callable_is_refused() -> None:
    with pytest.raises(TypeError) as caught:
        ResponseStreamHandler().on_event("print")  # type: ignore[arg-type] # must be refused

    assert "'print'" in str(caught.value)


@pytest.mark.parametrize("other", [print, None, {}, ResponseStreamHandler])
def test_another_object_than_a_handler_is_refused_with_advice(other: object) -> None:
    require_handler(ResponseStreamHandler())

    with pytest.raises(TypeError) as caught:
        require_handler(other)

    assert repr(other) in str(caught.value)
    assert "on_payload_part" in str(caught.value)


def test_a_generator_is_not_a_handler_because_it_would_never_run() -> None:
    def parts(_: object) -> Iterator[None]:
        yield

    with pytest.raises(TypeError, match="plain or async function"):
        ResponseStreamHandler().on_payload_part(parts)
