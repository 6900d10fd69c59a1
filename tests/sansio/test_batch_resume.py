from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import ModelError
from sagemaker_rt.sansio.batch_records import BatchRecord
from sagemaker_rt.sansio.batch_results import RESULT_LINES, BatchAnswer, failure_line
from sagemaker_rt.sansio.batch_resume import (
    JOURNAL_ENTRY_SIZE,
    FinishedInputs,
    is_whole,
    journal_entries,
    journal_entry,
    key_of_failure,
    key_of_result,
)

ANSWER = BatchAnswer(b'{"a":"}"}', None, "r", 200)
LINE = BatchRecord(12, None, b'{"x":1}', b"", 8)
FILE = BatchRecord(1, "a/b.png", b"", b"", 8)
OPENAI = BatchRecord(2, "id-2", b"{}", b"", 8)


@given(st.sets(st.integers(1, 3000)), st.sets(st.text()))
def test_finished_inputs_are_a_set(lines: set[int], ids: set[str]) -> None:
    finished = FinishedInputs()

    keys: list[int | str] = [*lines, *ids]
    for key in keys * 2:
        finished.add(key)

    assert len(lines) + len(ids) == len(finished)
    assert lines == {line for line in range(4000) if line in finished}
    assert all(id in finished for id in ids)
    assert "-not-there-" * 9 not in finished


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (RESULT_LINES["record"](LINE, ANSWER), (12, True)),
        (RESULT_LINES["record"](FILE, ANSWER), ("a/b.png", True)),
        (RESULT_LINES["openai"](OPENAI, ANSWER), ("id-2", True)),
        (failure_line(OPENAI, ValueError("x"), is_openai=True), ("id-2", False)),
        (failure_line(OPENAI, ModelError("x"), is_openai=True), ("id-2", False)),
        (b'{"custom_id": "x", "response": {"status_code": "y"}}', ("x", False)),
        (b'{"id": "x"}', None),
        (b'{"line": 1}', None),
        (b'{"line":0,"output":1}', None),
        (b"[1]", None),
        (b"{", None),
        (b"", None),
    ],
)
def test_a_result_names_its_input(
    line: bytes, expected: tuple[int | str, bool] | None
) -> None:
    assert expected == key_of_result(line.removesuffix(b"\n"))


@pytest.mark.parametrize("record", [LINE, FILE, OPENAI])
@pytest.mark.parametrize("is_openai", [True, False])
def test_a_failure_names_its_input(record: BatchRecord, *, is_openai: bool) -> None:
    line = failure_line(record, ValueError("x"), is_openai=is_openai)

    assert record.key == key_of_failure(line.removesuffix(b"\n"))


@pytest.mark.parametrize("line", [b"1", b"{", b'{"line":1}', b'{"error":1,"id":2}'])
def test_other_lines_are_not_failures(line: bytes) -> None:
    assert key_of_failure(line) is None


def test_a_line_is_whole_only_if_no_byte_is_missing() -> None:
    line = RESULT_LINES["record"](LINE, ANSWER).removesuffix(b"\n")
    json.loads(line)

    assert is_whole(line)
    assert not any(is_whole(line[:size]) for size in range(len(line)))
    assert not is_whole(b"1")


def test_entries_of_a_journal_count_up_to_the_end_of_the_output() -> None:
    journal = journal_entry(5, 10) + journal_entry(2, 30) + journal_entry(9, 31)

    assert [(5, 10), (2, 30), (9, 31)] == list(journal_entries(journal, 31))
    assert [(5, 10), (2, 30)] == list(journal_entries(journal, 30))
    assert [] == list(journal_entries(journal, 9))


def test_an_entry_that_is_half_written_does_not_count() -> None:
    journal = journal_entry(5, 10) + journal_entry(2, 30)

    for size in range(JOURNAL_ENTRY_SIZE, len(journal)):
        assert [(5, 10)] == list(journal_entries(journal[:size], 100))
