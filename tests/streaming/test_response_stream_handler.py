from __future__ import annotations

import asyncio
from collections.abc import Callable
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
async def test_a_function_sees_what_it_asks_for(
    name: str, expected: list[object]
) -> None:
    seen, handler = list[object](), ResponseStreamHandler()
    getattr(handler, name)(seen.append)

    for event in EVENTS:
        await handler.dispatch(event)

    assert expected == seen


async def test_functions_are_called_in_the_order_in_which_they_were_given() -> None:
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


def test_a_function_that_is_decorated_stays_what_it_is() -> None:
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


async def test_what_a_function_raises_keeps_the_next_from_being_called() -> None:
    seen, handler = list[object](), ResponseStreamHandler()

    @handler.on_error
    async def fail(error: SageMakerRuntimeError) -> None:
        raise KeyError(str(error))

    handler.on_error(seen.append)

    with pytest.raises(KeyError, match="oh"):
        await handler.dispatch(CUT)

    assert [] == seen


async def test_a_function_may_add_another_for_the_events_to_come() -> None:
    seen, handler = list[object](), ResponseStreamHandler()
    handler.on_payload_part(lambda _: handler.on_event(seen.append))

    await handler.dispatch(PART)
    await handler.dispatch(UNKNOWN)

    assert [UNKNOWN] == seen


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(TypeError) as caught:
        ResponseStreamHandler().on_event("print")  # type: ignore[arg-type] # to be refused

    message = "a handler of events is a function of one event: 'print'"
    assert message == str(caught.value)


@pytest.mark.parametrize("other", [print, None, {}, ResponseStreamHandler])
def test_what_is_no_handler_is_refused_with_advice(other: object) -> None:
    require_handler(ResponseStreamHandler())

    with pytest.raises(TypeError) as caught:
        require_handler(other)

    assert str(caught.value).startswith("handle() takes a ResponseStreamHandler: ")
    assert "give your function to its on_payload_part" in str(caught.value)
