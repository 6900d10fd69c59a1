from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_rt.errors import (
    IncompleteOutputError,
    InvalidJSONError,
    LineTooLongError,
    UnknownFormatError,
)
from sagemaker_rt.sansio.openai_events import OpenAIEventEncoder, encode_event
from sagemaker_rt.sansio.text_deltas import Usage
from tests.splits import Decoded, decode, decode_all_splits

DONE = b"data: [DONE]\n\n"


def chunk(text: str = "", finish_reason: str | None = None, index: int = 0) -> str:
    choice = {
        "index": index,
        "delta": {"content": text},
        "finish_reason": finish_reason,
    }
    return json.dumps({"object": "chat.completion.chunk", "choices": [choice]})


def converted(output: str, content_type: str | None = None) -> Decoded:
    """Return what the output becomes, whatever way it is split."""
    return decode_all_splits(lambda: OpenAIEventEncoder(content_type), output.encode())


def values(decoded: Decoded) -> list[Any]:
    """Return the data of events that have no name, without the end mark."""
    assert decoded.error is None
    assert DONE == decoded.results[-1]
    return [json.loads(event[len("data: ") :]) for event in decoded.results[:-1]]


def error_in(decoded: Decoded) -> dict[str, Any]:
    """Return the error in the last event."""
    assert decoded.error is None
    error: dict[str, Any] = json.loads(decoded.results[-1][len("data: ") :])["error"]
    return error


CHUNKS = [chunk("é\u2028"), chunk("b"), chunk("", "stop")]


@pytest.mark.parametrize(
    ("output", "content_type"),
    [
        ("\n".join(CHUNKS), "application/jsonlines"),
        ("\r\n".join(CHUNKS) + "\r\n\n\n", "application/json"),
        ("".join(CHUNKS), None),
        ("".join(f"data: {one}\n\n" for one in CHUNKS), "text/event-stream"),
        ("".join(f"data:{one}\r\n\r\n" for one in CHUNKS), "application/json"),
        ("".join(f"data: {one}\n\n" for one in [*CHUNKS, "[DONE]"]), "text/plain"),
    ],
    ids=["lines", "CRLF", "concatenated", "events", "wrong type", "end mark"],
)
def test_each_framing_becomes_events_with_an_end_mark(
    output: str, content_type: str | None
) -> None:
    assert list(map(json.loads, CHUNKS)) == values(converted(output, content_type))


def test_an_event_is_one_line_of_ascii_data() -> None:
    assert b'data: {"a":"\\u2028\\n"}\n\n' == encode_event({"a": "\u2028\n"})


@pytest.mark.parametrize(
    "output",
    [
        "",
        chunk("a"),
        chunk("a") + "\n" + chunk("b"),
        f"data: {chunk('a')}\n\n",
        chunk("a") + "\n" + chunk("", "stop", index=1),
    ],
)
def test_an_output_without_its_end_is_incomplete(output: str) -> None:
    decoded = converted(output)

    assert IncompleteOutputError is decoded.error
    assert DONE not in decoded.results


def test_an_output_that_ends_inside_a_value_is_incomplete() -> None:
    decoded = converted(chunk("a") + "\n" + chunk("b")[:-1])

    assert IncompleteOutputError is decoded.error
    assert 1 == len(decoded.results)


def test_the_end_mark_alone_completes_an_output() -> None:
    assert Decoded([DONE]) == converted("data: [DONE]\n\n")


def test_chunks_without_choices_are_passed_on() -> None:
    usage = '{"choices": [], "usage": {"prompt_tokens": 1}}'

    decoded = converted("\n".join([usage, chunk("", "stop"), usage]))

    assert 3 == len(values(decoded))


def test_the_last_usage_is_known() -> None:
    encoder = OpenAIEventEncoder()
    usage = b'{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}'

    before = encoder.usage
    decode(encoder, [usage, chunk("a", "stop").encode()])

    assert (None, Usage(1, 2)) == (before, encoder.usage)


@pytest.mark.parametrize(
    ("error", "message", "type", "code"),
    [
        (
            '{"error": {"message": "no", "type": "BadRequestError", "code": 400}}',
            "no",
            "BadRequestError",
            400,
        ),
        ('{"error": "no", "error_type": "overloaded"}', "no", "overloaded", None),
        ('{"code": 424, "error": "no"}', "no", None, 424),
        ('{"object": "error", "message": "no", "code": 5}', "no", None, 5),
        (
            '{"error": {}}',
            "the container reported an error (no type): no message",
            None,
            None,
        ),
    ],
    ids=["OpenAI", "TGI", "LMI", "SGLang", "empty"],
)
@pytest.mark.parametrize("rest", ["", "\n\ndata: [DONE]\n\n", f"\n{chunk('b')}\n{{"])
def test_an_error_is_written_as_openai_has_it_and_ends_the_output(
    error: str, message: str, type: str | None, code: int | None, rest: str
) -> None:
    decoded = converted(f"{chunk('a')}\n{error}{rest}")

    assert 2 == len(decoded.results)
    assert {"message": message, "type": type, "code": code} == error_in(decoded)


def test_an_error_after_events_may_have_no_framing() -> None:
    decoded = converted(f'data: {chunk("a")}\n\n{{"error": "no", "code": 424}}')

    assert 424 == error_in(decoded)["code"]


def test_nothing_is_read_after_an_error() -> None:
    decoded = decode(OpenAIEventEncoder(), [b'{"error": "no"}\n', b"not JSON", b"\xff"])

    assert "no" == error_in(decoded)["message"]


def test_the_finish_reason_of_an_error_is_an_error() -> None:
    decoded = converted(chunk("a", "error"))

    assert 2 == len(decoded.results)
    assert "error" == error_in(decoded)["type"]


def test_events_of_responses_keep_their_names() -> None:
    start = '{"type": "response.output_text.delta", "delta": "a"}'
    end = '{"type": "response.completed", "response": {"status": "completed"}}'

    decoded = converted(
        f"event: response.output_text.delta\ndata: {start}\n\n"
        f"event: response.completed\ndata: {end}\n\n"
    )

    assert decoded.results[0].startswith(b"event: response.output_text.delta\n")
    assert 2 == len(decoded.results)  # the last event is the end mark
    assert decoded.error is None


def test_a_failed_response_is_an_event_of_its_own() -> None:
    end = '{"type": "response.failed", "response": {"error": {"message": "no"}}}'

    (event,) = converted(f"data: {end}\n\n").results

    assert json.loads(end) == json.loads(event.removeprefix(b"data: "))


def test_a_response_without_its_last_event_is_incomplete() -> None:
    start = '{"type": "response.output_text.delta", "delta": "a"}'

    assert IncompleteOutputError is converted(f"data: {start}\n\n").error


def test_a_whole_answer_becomes_one_chunk() -> None:
    call = {"id": "c", "function": {"name": "f", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "assistant", "content": "a"},
        {"role": "assistant", "tool_calls": [call]},
    ]
    answer = {
        "object": "chat.completion",
        "choices": [
            {"index": index, "message": message, "finish_reason": "stop"}
            for index, message in enumerate(messages)
        ],
    }

    (whole,) = values(converted(json.dumps(answer)))

    deltas = [messages[0], {**messages[1], "tool_calls": [{"index": 0, **call}]}]
    assert "chat.completion.chunk" == whole["object"]
    assert deltas == [choice["delta"] for choice in whole["choices"]]
    assert all("message" not in choice for choice in whole["choices"])


def test_a_whole_answer_after_chunks_adds_nothing() -> None:
    message = {"role": "assistant", "content": "a"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    answer = json.dumps({"object": "chat.completion", "choices": [choice]})

    (_, last) = values(converted(f"{chunk('a')}\n{answer}"))

    assert {} == last["choices"][0]["delta"]


def test_a_ping_is_skipped() -> None:
    output = f'data: {{"type": "ping"}}\n\ndata: {chunk("a", "stop")}\n\n'

    assert 1 == len(values(converted(output)))


def test_the_data_of_an_event_may_be_a_list() -> None:
    output = f"data: [{chunk('a')}, {chunk('b', 'stop')}]\n\n"

    assert 2 == len(values(converted(output)))


def test_the_data_of_an_error_may_be_text() -> None:
    decoded = converted(f"data: {chunk('a')}\n\nevent: error\ndata: no memory\n\n")

    assert "no memory" == error_in(decoded)["message"]


def test_values_that_are_not_objects_are_skipped() -> None:
    assert 1 == len(values(converted(f"1\n{chunk('a', 'stop')}\nnull", "text/json")))


def test_another_format_is_unknown() -> None:
    decoded = converted('{"token": {"text": "a"}}\n')

    assert Decoded([], UnknownFormatError) == decoded


def test_text_is_not_json() -> None:
    assert Decoded([], InvalidJSONError) == converted("Hello", "text/plain")


def test_the_events_before_an_invalid_value_are_valid() -> None:
    decoded = converted(chunk("a") + "\nx\n")

    assert 1 == len(decoded.results)
    assert InvalidJSONError is decoded.error


def test_the_size_of_a_value_is_limited() -> None:
    encoder = OpenAIEventEncoder(max_value_bytes=10)

    assert LineTooLongError is decode(encoder, [chunk("a").encode()]).error
