from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import ContainerStreamError
from sagemaker_rt.sansio.event_formats import EVENT_FORMATS
from sagemaker_rt.sansio.text_deltas import TextDelta, ToolCallDelta, Usage
from tests.sansio.test_delta_formats import read

ANTHROPIC, RESPONSES = EVENT_FORMATS


def block_delta(index: int = 0, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def test_the_formats_are_recognized() -> None:
    assert ANTHROPIC.recognizes({"type": "ping"})
    assert not ANTHROPIC.recognizes({"type": "response.created"})
    assert RESPONSES.recognizes({"type": "response.created"})
    assert not RESPONSES.recognizes({"type": "ping"})


def test_messages_are_read() -> None:
    format = ANTHROPIC()
    tool = {"type": "tool_use", "id": "i", "name": "n", "input": {}}

    deltas = read(
        format,
        {"type": "message_start", "message": {"usage": {"input_tokens": 1}}},
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
        block_delta(type="thinking_delta", thinking="t"),
        block_delta(type="text_delta", text="a"),
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": tool},
        block_delta(1, type="input_json_delta", partial_json="{"),
    )
    assert not format.is_finished
    usage = {"output_tokens": 2}
    end = {"type": "message_delta", "delta": {"stop_reason": "s"}, "usage": usage}
    deltas += read(format, end, {"type": "message_stop"})

    assert [delta for delta in deltas if delta != TextDelta()] == [
        TextDelta(usage=Usage(1)),
        TextDelta(reasoning="t"),
        TextDelta("a"),
        TextDelta(tool_calls=(ToolCallDelta(1, "i", "n"),)),
        TextDelta(tool_calls=(ToolCallDelta(1, arguments="{"),)),
        TextDelta(finish_reason="s", usage=Usage(1, 2)),
    ]
    assert format.is_finished


def test_the_end_of_a_message_is_an_end_mark() -> None:
    format = ANTHROPIC()

    read(format, {"type": "message_stop"})

    assert format.is_finished


def test_a_whole_message_is_read() -> None:
    format = ANTHROPIC()
    content = [{"type": "text", "text": "a"}]

    deltas = read(format, {"type": "message", "content": content, "stop_reason": "s"})

    assert deltas == [TextDelta("a"), TextDelta(finish_reason="s")]
    assert format.is_finished


def test_the_input_of_a_whole_tool_call_is_its_arguments() -> None:
    tool = {"type": "tool_use", "id": "i", "name": "n", "input": {"city": "Malmö"}}

    deltas = read(ANTHROPIC(), {"type": "message", "content": [tool]})

    assert deltas[0].tool_calls == (ToolCallDelta(0, "i", "n", '{"city": "Malmö"}'),)


def test_a_whole_response_is_read() -> None:
    format = RESPONSES()
    thought = {"type": "reasoning", "summary": [{"text": "s"}], "content": None}
    call = {"type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"}
    message = {"type": "message", "content": [{"type": "output_text", "text": "a"}]}
    response = {
        "object": "response",
        "status": "completed",
        "output": [thought, call, message, {"type": "web_search_call"}],
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }

    assert read(format, response) == [
        TextDelta(reasoning="s"),
        TextDelta(tool_calls=(ToolCallDelta(1, "c", "n", "{}"),)),
        TextDelta("a"),
        TextDelta(finish_reason="completed", usage=Usage(1, 2)),
    ]
    assert format.is_finished


def test_responses_are_read() -> None:
    format = RESPONSES()
    call = {"type": "function_call", "call_id": "c", "id": "i", "name": "n"}
    added = {"type": "response.output_item.added", "output_index": 1}
    usage = {"input_tokens": 1, "output_tokens": 2}

    deltas = read(
        format,
        {"type": "response.created", "response": {}},
        {"type": "response.output_text.delta", "delta": "a"},
        {"type": "response.reasoning_text.delta", "delta": "b"},
        {"type": "response.reasoning_summary_text.delta", "delta": "c"},
        {"type": "response.reasoning_summary.delta", "delta": {"text": "d"}},
        {"type": "response.reasoning_text.done", "text": "b"},
        {**added, "item": call},
        {**added, "item": {"type": "message"}},
        {
            "type": "response.function_call_arguments.delta",
            "output_index": 1,
            "delta": "{",
        },
        {"type": "response.output_text.done", "text": "a"},
    )
    assert not format.is_finished
    response = {"status": "completed", "usage": usage}
    deltas += read(format, {"type": "response.completed", "response": response})

    assert deltas == [
        TextDelta("a"),
        TextDelta(reasoning="b"),
        TextDelta(reasoning="c"),
        TextDelta(reasoning="d"),
        TextDelta(tool_calls=(ToolCallDelta(1, "c", "n"),)),
        TextDelta(tool_calls=(ToolCallDelta(1, arguments="{"),)),
        TextDelta(finish_reason="completed", usage=Usage(1, 2)),
    ]
    assert format.is_finished


def test_an_incomplete_response_has_ended() -> None:
    format = RESPONSES()

    deltas = read(format, {"type": "response.incomplete"})

    assert deltas == [TextDelta(finish_reason="incomplete")]
    assert format.is_finished


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        ({"code": "server_error", "message": "m"}, ("m", "server_error")),
        (None, (None, None)),
    ],
)
def test_a_failed_response_is_an_error(
    error: object, facts: tuple[str | None, str | None]
) -> None:
    response = {"status": "failed", "error": error}
    deltas = iter(RESPONSES().read({"type": "response.failed", "response": response}))

    assert next(deltas).finish_reason == "failed"
    with pytest.raises(ContainerStreamError) as caught:
        next(deltas)

    assert (caught.value.message, caught.value.error_code) == facts
