from __future__ import annotations

import csv
import io
import json
from base64 import b64decode
from typing import Any

import pytest

from sagemaker_rt.errors import (
    ConnectionLostError,
    ModelError,
    ThrottlingException,
)
from sagemaker_rt.sansio.batch_records import BatchRecord
from sagemaker_rt.sansio.batch_results import (
    RESULT_LINES,
    BatchAnswer,
    BatchJoin,
    failure_line,
    is_result_of,
)


def record(
    source: bytes, *, id: str | None = None, problem: str | None = None
) -> BatchRecord:
    return BatchRecord(3, id, source, source, len(source), problem, problem is None)


def row(source: bytes) -> BatchRecord:
    return BatchRecord(3, None, source, source, len(source))


def answer(body: bytes, content_type: str | None = "application/json") -> BatchAnswer:
    return BatchAnswer(body, content_type, "r-1", 200)


def written(join: BatchJoin, source: BatchRecord, response: BatchAnswer) -> Any:
    line = RESULT_LINES[join](source, response)
    assert line.endswith(b"\n")
    assert 1 == line.count(b"\n")
    return json.loads(line)


def failed(source: BatchRecord, error: Exception, *, is_openai: bool = False) -> Any:
    line = failure_line(source, error, is_openai=is_openai)
    assert 1 == line.count(b"\n")
    return json.loads(line)


def test_a_record_has_the_line_the_input_and_the_output() -> None:
    found = written("record", record(b'{"a": 1}'), answer(b'{\n "b": [1.50]\r\n}\n'))

    assert {"line": 3, "input": {"a": 1}, "output": {"b": [1.5]}} == found


def test_a_result_is_compared_with_its_input() -> None:
    source = record(b' {"a": 1}\r')
    line = RESULT_LINES["record"](source, answer(b"1"))

    assert is_result_of(line, source)
    assert not is_result_of(line, record(b'{"a": 2}'))
    assert not is_result_of(line, record(b'{"a": 1, "b": 2}'))
    file = record(b"", id="a.png")
    assert is_result_of(RESULT_LINES["record"](file, answer(b"1")), file)


def test_numbers_are_written_as_they_are() -> None:
    line = RESULT_LINES["record"](record(b"1.10"), answer(b"1e400"))

    assert b'{"line":3,"input":1.10,"output":1e400}\n' == line


def test_a_file_is_identified_by_its_path() -> None:
    found = written("record", record(b"", id="a/ü.png"), answer(b"1"))

    assert {"id": "a/ü.png", "output": 1} == found


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        (b"cat,0.9\n", "text/csv", "text"),
        (b"NaN", "application/json", "text"),
        (b"[NaN]", "application/json", "text"),
        (b"", None, "text"),
        (b"\xff\x00", "image/png", "base64"),
        (b"\xff\x00", "text/plain", "base64"),
        (b"1", "text/plain", "text"),
    ],
)
def test_an_output_that_is_not_json_says_how_to_read_it(
    body: bytes, content_type: str | None, encoding: str
) -> None:
    found = written("record", record(b"1"), answer(body, content_type))

    text = found["output"]
    assert body == (text.encode() if encoding == "text" else b64decode(text))
    assert (encoding, content_type) == (found["output_encoding"], found["content_type"])


def test_json_of_a_generic_type_is_json() -> None:
    found = written("record", record(b"1"), answer(b"[1]", "application/octet-stream"))

    assert {"line": 3, "input": 1, "output": [1]} == found


def test_a_row_of_csv_is_a_text_in_a_record() -> None:
    found = written("record", row(b"1,x"), answer(b"1"))

    assert {"line": 3, "input": "1,x", "output": 1} == found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b'{"a":1}', {"a": 1, "SageMakerOutput": [2]}),
        (b" {} ", {"SageMakerOutput": [2]}),
        (b"[1]", {"SageMakerInput": [1], "SageMakerOutput": [2]}),
        (b'{"SageMakerOutput":1,"b":"\\u00fc"}', {"b": "ü", "SageMakerOutput": [2]}),
        (b'{"b":"SageMakerOutput"}', {"b": "SageMakerOutput", "SageMakerOutput": [2]}),
        (b'{"SageMakerOutput":1}', {"SageMakerOutput": [2]}),
    ],
)
def test_the_join_of_batch_transform_adds_the_output(
    source: bytes, expected: object
) -> None:
    line = RESULT_LINES["transform"](record(source), answer(b"[2]"))

    assert expected == json.loads(line)
    assert 1 == line.count(b'"SageMakerOutput":')


@pytest.mark.parametrize(
    ("body", "content_type", "cells"),
    [
        (b"0.9,cat\n", "text/csv; charset=utf-8", ["1", "2", "0.9", "cat"]),
        (b"0.9", None, ["1", "2", "0.9"]),
        (b'{"a": "b,c"}', "application/json", ["1", "2", '{"a": "b,c"}']),
        (b"1\n2\n", "text/csv", ["1", "2", "1\n2"]),
        (b"1\r2\n", "text/csv", ["1", "2", "1\r2"]),
        (b'"a, b",c', "text/csv", ["1", "2", "a, b", "c"]),
        (b'"not closed, twice', "text/plain", ["1", "2", '"not closed, twice']),
    ],
)
def test_csv_has_the_cells_of_input_and_output(
    body: bytes, content_type: str | None, cells: list[str]
) -> None:
    line = RESULT_LINES["csv"](row(b"1,2"), answer(body, content_type))

    assert [cells] == list(csv.reader(io.StringIO(line.decode(), newline="")))


def test_the_join_of_batch_transform_takes_rows_of_csv_as_text() -> None:
    line = RESULT_LINES["transform"](row(b"x,y"), answer(b"[2]"))

    assert {"SageMakerInput": "x,y", "SageMakerOutput": [2]} == json.loads(line)


def test_an_openai_result_has_the_response() -> None:
    found = written("openai", record(b"{}", id="a"), answer(b'{"choices": []}'))

    assert {
        "id": "batch_req_3",
        "custom_id": "a",
        "response": {"status_code": 200, "request_id": "r-1", "body": {"choices": []}},
        "error": None,
    } == found


def throttled() -> ThrottlingException:
    error = ThrottlingException("slow down")
    error.http_status, error.attempts = 429, 3
    return error


def model_error(status: int, message: str) -> ModelError:
    error = ModelError("m")
    error.http_status, error.request_id = 424, "r-2"
    error.original_status_code, error.original_message = status, message
    return error


def test_a_failure_has_the_input_and_the_error() -> None:
    found = failed(record(b'{"a":1}'), throttled())

    assert (3, {"a": 1}) == (found["line"], found["input"])
    assert ("ThrottlingException", 429, 3) == tuple(
        found["error"][name] for name in ("code", "http_status", "attempts")
    )


def test_a_failure_of_the_model_has_what_the_container_says() -> None:
    found = failed(record(b"1"), model_error(400, "x" * 5000))

    error = found["error"]
    assert 400 == error["container_status"]
    assert 2001 == len(error["container_message"])


def test_an_input_that_is_not_json_is_kept_as_text_or_base64() -> None:
    text = failed(record(b"{", problem="not JSON"), ValueError("x"))
    binary = failed(record(b"\xff", problem="not UTF-8"), ValueError("x"))

    assert ("{", "text") == (text["input"], text["input_encoding"])
    assert ("/w==", "base64") == (binary["input"], binary["input_encoding"])
    assert {"type": "ValueError", "code": "ValueError", "message": "x"} == text["error"]


def test_a_failed_file_has_its_path_and_number() -> None:
    found = failed(record(b"", id="a.png"), ValueError("x"))

    assert ("a.png", 3, False) == (found["id"], found["line"], "input" in found)


def test_a_surrogate_is_written_as_an_escape() -> None:
    assert "\udc80" == failed(record(b"1"), ValueError("\udc80"))["error"]["message"]


def test_an_openai_failure_without_a_response_is_an_error() -> None:
    for error in (ConnectionLostError("lost"), ValueError("lost")):
        found = failed(record(b"{}", id="a"), error, is_openai=True)

        assert found["response"] is None
        assert {"code": type(error).__name__, "message": "lost"} == found["error"]
        assert ("a", 3) == (found["custom_id"], found["line"])


@pytest.mark.parametrize(
    ("status", "message", "expected", "body"),
    [
        (400, '{"error": {"code": "x"}}', 400, {"error": {"code": "x"}}),
        (0, '{"a": 1}', 424, {"a": 1}),
        (200, '{"a": 1}', 400, {"a": 1}),
    ],
)
def test_an_error_of_the_container_is_an_openai_response(
    status: int, message: str, expected: int, body: object
) -> None:
    error = model_error(status, message)

    found = failed(record(b"{}", id="a"), error, is_openai=True)

    assert found["error"] is None
    assert {"status_code": expected, "request_id": "r-2", "body": body} == (
        found["response"]
    )


def test_an_error_body_that_is_not_json_is_described() -> None:
    found = failed(record(b"{}", id="a"), throttled(), is_openai=True)

    response = found["response"]
    assert 429 == response["status_code"]
    assert "ThrottlingException" == response["body"]["error"]["code"]


def test_an_openai_line_without_an_id_has_none() -> None:
    found = failed(record(b"{", problem="x"), ValueError("x"), is_openai=True)

    assert (3, None) == (found["line"], found["custom_id"])
