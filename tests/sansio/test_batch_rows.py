from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.batch_records import BatchRecord
from sagemaker_rt.sansio.batch_results import BatchAnswer
from sagemaker_rt.sansio.batch_rows import AnswersNotMatched, joined, split_answer

ROWS = [BatchRecord(line, None, b"", b"%d" % line, 1) for line in (3, 5, 6)]


def answer(body: bytes, content_type: str | None = "application/json") -> BatchAnswer:
    return BatchAnswer(body, content_type, "r", 200)


def split(body: bytes, content_type: str | None = "application/json") -> list[bytes]:
    return [one.body for one in split_answer(answer(body, content_type), ROWS)]


def test_the_bodies_of_rows_are_lines() -> None:
    record = joined(ROWS)

    assert (b"3\n5\n6", 3) == (record.body, record.line)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"[1.0, [2,3] ,\n{}]", "application/json"),
        (b' {"predictions" : [1.0,[2,3],{}]}\n', "application/json"),
        (b"1.0\n[2,3]\n{}\n", "application/jsonlines"),
        (b"1.0\r\n\r\n[2,3]\n{}", "application/json"),
        (b"1.0\n[2,3]\n{}", None),
    ],
)
def test_each_row_has_its_answer(body: bytes, content_type: str | None) -> None:
    assert [b"1.0", b"[2,3]", b"{}"] == split(body, content_type)


def test_lines_of_csv_may_have_newlines_in_quotation_marks() -> None:
    assert [b'"a\nb",1', b"2", b"3"] == split(b'"a\nb",1\n2\n3\n', "text/csv")


def test_lines_of_arrays_are_not_an_array() -> None:
    assert [b"[1]", b"[2]", b"[3]"] == split(b"[1]\n[2]\n[3]")


def test_an_answer_has_the_facts_of_its_response() -> None:
    whole = answer(b"1\n2\n3", "text/csv")
    array = answer(b"[1,2,3]", None)

    assert [whole._replace(body=b"%d" % n) for n in (1, 2, 3)] == split_answer(
        whole, ROWS
    )
    assert {"application/json"} == {
        one.content_type for one in split_answer(array, ROWS)
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[1,2]",
        b"[1,2,3,4]",
        b"[1,2,3",
        b"[1,2,3,]",
        b"[1,2,3]]",
        b"[1,2 3]",
        b'{"predictions":[1,2,3]',
        b'{"predictions":[1,2,3],"more":1}',
        b'{"other":[1,2,3]}',
        b"\xff",
        b"1\n2",
        b"[" * 100_000,
    ],
)
def test_another_number_of_answers_is_an_error_with_the_lines(body: bytes) -> None:
    with pytest.raises(AnswersNotMatched, match="lines 3 to 6"):
        split(body)


@given(
    st.lists(st.recursive(st.none() | st.floats() | st.text(), st.lists), min_size=1)
)
def test_elements_are_as_they_are_written(values: list[object]) -> None:
    rows = ROWS[:1] * len(values)
    body = json.dumps(values, ensure_ascii=False).encode(errors="replace")

    answers = split_answer(answer(body), rows)

    assert body == b"[%b]" % b", ".join(one.body for one in answers)
