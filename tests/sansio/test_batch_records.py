from __future__ import annotations

import json

import pytest

from sagemaker_rt.errors import InvalidJSONError
from sagemaker_rt.sansio.batch_records import (
    BatchRecord,
    csv_record,
    json_record,
    openai_record,
    strict_json,
)
from sagemaker_rt.sansio.line_splitter import Line


def line(content: bytes, problem: str | None = None) -> Line:
    return Line(3, content, len(content) + 1, problem)


def request(**members: object) -> bytes:
    found = {"custom_id": "a", "method": "POST", "url": "/v1/x", "body": {"n": 1}}
    return json.dumps({**found, **members}).encode()


@pytest.mark.parametrize("content", [b'{"a": 1}', b"1", b'"NaN"', b" [1, 2] "])
def test_a_line_of_json_is_sent_unchanged(content: bytes) -> None:
    record = json_record(line(content))

    size = len(content) + 1
    assert BatchRecord(3, None, content, content, size, is_json=True) == record
    assert 3 == record.key


@pytest.mark.parametrize(
    "content", [b"{", b"a b", b"\xff", b"[NaN]", b"-Infinity", b"1 2", b"[" * 100_000]
)
def test_a_line_that_is_not_json_has_a_problem(content: bytes) -> None:
    assert json_record(line(content)).problem


def test_a_problem_of_the_line_is_kept() -> None:
    for record_of in (json_record, csv_record(2), openai_record):
        assert "too long" == record_of(line(b"x", "too long")).problem


@pytest.mark.parametrize(
    ("content", "columns", "is_valid"),
    [
        (b"1,2", 2, True),
        (b"1,2", 3, False),
        (b'"1,2",3', 2, True),
        (b'"1,2",3', 3, False),
        (b"1,2,3", None, True),
        (b"\xff,2", 2, False),
    ],
)
def test_a_record_of_csv_has_as_many_cells_as_the_first(
    content: bytes, columns: int | None, *, is_valid: bool
) -> None:
    record = csv_record(columns)(line(content))

    assert content == record.body
    assert is_valid is (record.problem is None)


def test_the_body_of_an_openai_request_is_sent() -> None:
    content = request(body={"messages": ["ü"]})

    record = openai_record(line(content))

    assert (None, "a", "a") == (record.problem, record.id, record.key)
    assert {"messages": ["ü"]} == json.loads(record.body)
    assert content == record.source


def test_a_method_may_be_missing() -> None:
    assert openai_record(line(request(method=None))).problem is None


@pytest.mark.parametrize(
    ("content", "id", "problem"),
    [
        (b"{", None, "not JSON"),
        (b"[]", None, "object"),
        (request(custom_id=""), None, "custom_id"),
        (request(custom_id=1), None, "custom_id"),
        (request(method="GET"), "a", "method"),
        (request(url=""), "a", "url"),
        (request(url=None), "a", "url"),
        (request(body=[]), "a", "body"),
        (request(body={"stream": True}), "a", "stream"),
        (request(body={"x": "\ud800"}), "a", "body"),
    ],
)
def test_an_invalid_openai_request_has_a_problem(
    content: bytes, id: str | None, problem: str
) -> None:
    record = openai_record(line(content))

    assert (id, b"") == (record.id, record.body)
    assert record.problem is not None
    assert problem in record.problem


def test_strict_json_has_no_extensions_of_python() -> None:
    assert {"a": ["NaN"]} == strict_json(b'{"a": ["NaN"]}')
    with pytest.raises(InvalidJSONError):
        strict_json(b'{"a": [Infinity]}')
