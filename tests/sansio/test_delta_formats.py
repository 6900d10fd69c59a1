from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import ContainerStreamError
from sagemaker_rt.sansio.delta_formats import DELTA_FORMATS
from sagemaker_rt.sansio.text_deltas import (
    DeltaFormat,
    TextDelta,
    ToolCallDelta,
    Usage,
)

FORMATS = {format.name: format for format in DELTA_FORMATS}


def read(format: DeltaFormat, *values: dict[str, Any]) -> list[TextDelta]:
    """Return the deltas of *values*, without the raw values."""
    deltas: list[TextDelta] = []
    for value in values:
        for delta in format.read(value):
            assert delta.raw is value
            deltas.append(
                TextDelta(
                    delta.text,
                    delta.index,
                    delta.finish_reason,
                    delta.usage,
                    delta.tool_calls,
                    delta.reasoning,
                )
            )
    return deltas


def chunk(
    index: int = 0, finish_reason: str | None = None, **delta: Any
) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "finish_reason": finish_reason}
    return {"choices": [choice]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("openai", {"choices": []}),
        ("tgi", {"token": {"text": "a"}}),
        ("tgi", {"generated_text": "a"}),
        ("lmi-outputs", {"outputs": ["a"]}),
        ("lmi-3p", {"body": {"generation": "a"}}),
        ("triton", {"text_output": "a"}),
        ("sglang", {"text": "a", "meta_info": {}}),
        ("llama.cpp", {"content": "a", "stop": False}),
        ("anthropic", {"type": "message_start"}),
        ("openai-responses", {"type": "response.created"}),
        ("openai", {"choices": None, "usage": None}),
        ("tgi", {"generated_texts": ["a"]}),
        ("lmi-3p", {"generation": "a"}),
        ("llama.cpp", {"content": None, "stop": False}),
        ("openai-responses", {"object": "response"}),
        (None, {"choices": 1, "body": {}, "text": "", "content": "", "type": "x"}),
        (None, {"content": [], "stop": True}),
        (None, {"outputs": [{"name": "o", "data": ["a"]}]}),
    ],
)
def test_a_format_is_recognized_by_the_first_object(
    name: str | None, value: dict[str, Any]
) -> None:
    recognized = [format.name for format in DELTA_FORMATS if format.recognizes(value)]

    assert recognized == ([] if name is None else [name])


def test_a_chat_is_read() -> None:
    format = FORMATS["openai"]()

    deltas = read(
        format,
        {"choices": [], "prompt_filter_results": []},
        chunk(role="assistant", content=""),
        chunk(content="a"),
        chunk(reasoning="b"),
        chunk(reasoning_content="c"),
        chunk(content=[{"type": "text", "text": "d"}, {"type": "image"}, 1]),
        chunk(finish_reason="stop"),
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
    )

    assert deltas == [
        TextDelta(),
        TextDelta("a"),
        TextDelta(reasoning="b"),
        TextDelta(reasoning="c"),
        TextDelta("d"),
        TextDelta(finish_reason="stop"),
        TextDelta(usage=Usage(1, 2)),
    ]
    assert format.is_finished


def test_completions_and_whole_answers_are_read() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    completion = {"text": "a", "finish_reason": ""}
    answer = {"index": 1, "message": {"content": "b"}, "finish_reason": "stop"}

    deltas = read(
        FORMATS["openai"](), {"choices": [completion, answer, None], "usage": usage}
    )

    assert deltas == [
        TextDelta("a", usage=Usage(1, 2)),
        TextDelta("b", 1, "stop"),
    ]


def test_a_stream_is_finished_with_all_its_choices() -> None:
    format = FORMATS["openai"]()

    read(format, chunk(0, content="a"), chunk(1, content="b"), chunk(1, "stop"))
    assert not format.is_finished

    read(format, chunk(0, "length"))
    assert format.is_finished


def test_a_choice_that_starts_late_is_waited_for() -> None:
    format = FORMATS["openai"]()

    read(format, chunk(0, "stop"), chunk(1, content="b"), chunk(0))
    assert not format.is_finished

    read(format, chunk(1, "stop"), chunk(0))
    assert format.is_finished


def test_a_message_after_its_deltas_is_not_read_again() -> None:
    whole = {"delta": {}, "message": {"content": "a"}, "finish_reason": "stop"}

    deltas = read(FORMATS["openai"](), chunk(content="a"), {"choices": [whole]})

    assert deltas == [TextDelta("a"), TextDelta(finish_reason="stop")]


def test_a_function_call_is_a_tool_call() -> None:
    deltas = read(
        FORMATS["openai"](),
        chunk(function_call={"name": "n", "arguments": ""}),
        chunk(function_call={"arguments": "{}"}),
    )

    assert [delta.tool_calls for delta in deltas] == [
        (ToolCallDelta(0, None, "n"),),
        (ToolCallDelta(0, arguments="{}"),),
    ]


def test_tool_calls_are_read() -> None:
    first = {"index": 1, "id": "i", "function": {"name": "n", "arguments": ""}}
    second = {"index": 1, "function": {"arguments": "{}"}}
    without_index = {"function": {"name": "m"}}

    deltas = read(
        FORMATS["openai"](),
        chunk(tool_calls=[first]),
        chunk(tool_calls=[second, None]),
        chunk(tool_calls=[without_index]),
    )

    assert [delta.tool_calls for delta in deltas] == [
        (ToolCallDelta(1, "i", "n"),),
        (ToolCallDelta(1, arguments="{}"),),
        (ToolCallDelta(0, None, "m"),),
    ]


def test_the_finish_reason_error_is_an_error() -> None:
    for name, value in (
        ("openai", chunk(finish_reason="error")),
        ("tgi", {"token": {}, "details": {"finish_reason": "error"}}),
        ("lmi-3p", {"body": {"generation": "", "stop_reason": "error"}}),
    ):
        deltas = iter(FORMATS[name]().read(value))

        assert next(deltas).finish_reason == "error"
        with pytest.raises(ContainerStreamError) as caught:
            next(deltas)
        assert (caught.value.message, caught.value.error_type) == (None, "error")


def test_tokens_are_read() -> None:
    format = FORMATS["tgi"]()
    details = {"finish_reason": "length", "generated_tokens": 2, "input_length": 3}

    deltas = read(
        format,
        {"index": 1, "token": {"text": "a"}, "generated_text": None},
        {"index": 2, "token": {"text": "</s>", "special": True}},
        {"index": 3, "token": {"text": "</s>", "special_token": True}},
        {"token": {"text": "b"}, "generated_text": "ab", "details": details},
    )

    assert deltas == [
        TextDelta("a"),
        TextDelta(),
        TextDelta(),
        TextDelta("b", finish_reason="length", usage=Usage(3, 2)),
    ]
    assert format.is_finished


def test_a_whole_text_is_read_if_no_tokens_came() -> None:
    format = FORMATS["tgi"]()

    assert read(format, {"generated_text": "ab"}) == [TextDelta("ab")]
    assert format.is_finished


def test_whole_texts_are_those_of_one_prompt_each() -> None:
    texts = {"generated_texts": ["b", "c"]}

    assert read(FORMATS["tgi"](), {"generated_text": "a"}, texts) == [
        TextDelta("a"),
        TextDelta("b", 1),
        TextDelta("c", 2),
    ]


def test_the_error_of_a_token_is_an_error() -> None:
    token = {"id": -1, "text": "", "error_msg": "no memory"}

    with pytest.raises(ContainerStreamError) as caught:
        read(FORMATS["tgi"](), {"token": token})

    assert (caught.value.message, caught.value.error_type) == ("no memory", None)


@pytest.mark.parametrize(
    ("name", "member"), [("lmi-outputs", "outputs"), ("triton", "text_output")]
)
def test_outputs_are_read(name: str, member: str) -> None:
    format = FORMATS[name]()

    assert read(format, {member: ["a", "b"]}, {member: "c"}, {member: None}) == [
        TextDelta("a"),
        TextDelta("b", 1),
        TextDelta("c"),
    ]
    assert not format.has_end_mark


def test_generations_are_read() -> None:
    format = FORMATS["lmi-3p"]()

    deltas = read(
        format,
        {"body": {"generation": "a", "prompt_token_count": 1, "stop_reason": None}},
        {"body": {"generation": "b", "generation_token_count": 2}},
        {"body": {"generation": "", "stop_reason": "length"}},
        {"body": {"generation": ""}},
    )

    assert deltas == [
        TextDelta("a", usage=Usage(1)),
        TextDelta("b", usage=Usage(1, 2)),
        TextDelta(finish_reason="length"),
        TextDelta(),
    ]
    assert format.is_finished


def test_generations_need_no_body() -> None:
    format = FORMATS["lmi-3p"]()

    assert read(format, {"generation": "a", "stop_reason": "length"}) == [
        TextDelta("a", finish_reason="length")
    ]
    assert format.is_finished


def test_an_answer_of_jumpstart_has_no_end_mark() -> None:
    format = FORMATS["lmi-3p"]()
    message = {"role": "assistant", "content": "a"}

    assert read(format, {"generation": message}, {"generation": message}) == [
        TextDelta("a"),
        TextDelta("a", 1),
    ]
    assert not format.is_finished
    assert not format.has_end_mark


def test_the_error_object_of_a_generation_is_left_to_the_reader() -> None:
    value = {"body": {"generation": "", "stop_reason": "error"}, "error": {}}

    assert read(FORMATS["lmi-3p"](), value) == [TextDelta(finish_reason="error")]


def test_new_text_is_read_from_whole_texts() -> None:
    format = FORMATS["sglang"]()
    running: dict[str, Any] = {"finish_reason": None}
    ended = {"finish_reason": {"type": "stop"}, "prompt_tokens": 1}
    old = {"finish_reason": "length", "completion_tokens": 2}

    deltas = read(
        format,
        {"text": "a", "meta_info": running},
        {"text": "x", "index": 1, "meta_info": running},
        {"text": "ab", "meta_info": ended},
    )
    assert not format.is_finished
    deltas += read(format, {"text": "y", "index": 1, "meta_info": old})

    assert deltas == [
        TextDelta("a"),
        TextDelta("x", 1),
        TextDelta("b", finish_reason="stop", usage=Usage(1)),
        TextDelta("y", 1, "length", Usage(None, 2)),
    ]
    assert format.is_finished


@pytest.mark.parametrize(
    ("end", "finish_reason"),
    [
        ({"stop_type": "eos"}, "eos"),
        ({"stopped_word": True}, "word"),
        ({"stopped_limit": True, "stopped_eos": False}, "limit"),
        ({}, None),
    ],
)
def test_contents_are_read(end: dict[str, Any], finish_reason: str | None) -> None:
    format = FORMATS["llama.cpp"]()
    usage = {"tokens_evaluated": 1, "tokens_predicted": 2}

    deltas = read(
        format,
        {"index": 1, "content": "a", "stop": False},
        {"content": "", "stop": True, **end, **usage},
    )

    assert deltas == [
        TextDelta("a"),
        TextDelta(finish_reason=finish_reason, usage=Usage(1, 2)),
    ]
    assert format.is_finished


@pytest.mark.parametrize(
    ("received", "added"),
    [
        (["a", "ab", "abc"], ["a", "b", "c"]),
        (["a", "a", "ab"], ["a", "", "b"]),
        (["a", "ab", "ab"], ["a", "b", ""]),
        (["", "a", "", "ab"], ["", "a", "", "ab"]),
        (["a", "b", "b"], ["a", "b", "b"]),
        (["a", "a", "a", "b", "a"], ["a", "", "", "aab", "a"]),
        (["a", "ab\ufffd", "ab🚀"], ["a", "b\ufffd", "🚀"]),
        (["a", "abc", "ab", "abcd"], ["a", "bc", "", "cd"]),
    ],
)
def test_texts_are_cumulative_or_not(received: list[str], added: list[str]) -> None:
    values = [{"text": text, "meta_info": {}} for text in received]

    assert added == [delta.text for delta in read(FORMATS["sglang"](), *values)]
