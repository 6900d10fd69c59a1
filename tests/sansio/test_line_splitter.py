from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.line_splitter import (
    CSVSplitter,
    Line,
    LineSplitter,
    cell_count,
)

LARGE = 1 << 20


def lines_of(
    splitter: LineSplitter | CSVSplitter, chunks: Iterable[bytes]
) -> list[Line]:
    lines = [line for chunk in chunks for line in splitter.feed(chunk)]
    return [*lines, *splitter.close()]


def contents(text: bytes, *, of_csv: bool = False) -> list[tuple[int, bytes]]:
    splitter = CSVSplitter(LARGE) if of_csv else LineSplitter(LARGE)
    return [(line.number, line.content) for line in lines_of(splitter, [text])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"a", [(1, b"a")]),
        (b"a\n", [(1, b"a")]),
        (b"a\r\nb\r\n", [(1, b"a"), (2, b"b")]),
        (b"\n\nc", [(1, b""), (2, b""), (3, b"c")]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", [(1, b"a"), (2, b"\xef\xbb\xbfb")]),
        ("a\u2028b\x0bc\n".encode(), [(1, "a\u2028b\x0bc".encode())]),
    ],
)
def test_lines_end_with_newlines_only(
    text: bytes, expected: list[tuple[int, bytes]]
) -> None:
    assert expected == contents(text)


def test_a_line_of_white_space_is_blank() -> None:
    lines = lines_of(LineSplitter(LARGE), [b" a\n\n \t\r\n"])

    assert [False, True, True] == [line.is_blank for line in lines]


def test_a_line_that_is_too_long_is_a_problem_of_that_line() -> None:
    text = b"ab\n" + b"x" * 1000 + b"\nabcd\n" + b"y" * 5

    lines = lines_of(LineSplitter(4), [text[i : i + 7] for i in range(0, 1100, 7)])

    assert [1, 2, 3, 4] == [line.number for line in lines]
    assert [False, True, False, True] == [bool(line.problem) for line in lines]
    assert [b"ab", b"abcd"] == [line.content for line in lines if not line.problem]
    assert all(len(line.content) <= 200 for line in lines)
    assert len(text) == sum(line.size for line in lines)


@given(st.binary(max_size=60), st.lists(st.integers(0, 60)))
def test_any_split_gives_the_same_lines(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(places)]

    for make in (LineSplitter, CSVSplitter):
        whole = lines_of(make(20), [data])
        assert whole == lines_of(make(20), chunks)
        assert len(data) == sum(line.size for line in whole)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"1,2\n3,4\n", [(1, b"1,2"), (2, b"3,4")]),
        (b'"a\nb",2\n3\n', [(1, b'"a\nb",2'), (3, b"3")]),
        (b'"a\n\n"",\nb",2\n3', [(1, b'"a\n\n"",\nb",2'), (5, b"3")]),
        (b'1,"a""b"\n2,"c"\n', [(1, b'1,"a""b"'), (2, b'2,"c"')]),
        (b'5" pipe,1\n6" pipe,2\n', [(1, b'5" pipe,1'), (2, b'6" pipe,2')]),
        (b'"a"\n', [(1, b'"a"')]),
        (b'"a" b,"c\nd"\n', [(1, b'"a" b,"c\nd"')]),
    ],
)
def test_quoted_cells_may_have_newlines(
    text: bytes, expected: list[tuple[int, bytes]]
) -> None:
    assert expected == contents(text, of_csv=True)


def test_a_quotation_mark_that_is_not_closed_is_a_problem_of_its_line() -> None:
    lines = lines_of(CSVSplitter(LARGE), [b'1,2\n3,"4\n5,6\n7,8\n'])

    assert [(1, b"1,2"), (2, b'3,"4'), (3, b"5,6"), (4, b"7,8")] == [
        (line.number, line.content) for line in lines
    ]
    assert [None, "a quotation mark is not closed", None, None] == [
        line.problem for line in lines
    ]


def test_a_quotation_mark_must_be_closed_within_a_mebibyte() -> None:
    splitter = CSVSplitter(LARGE)

    lines = splitter.feed(b'"open\n' + (b"1,2".ljust(63) + b"\n") * 20_000)

    assert 13_000 < len(lines)
    assert lines[0].problem
    assert not any(line.problem for line in lines[1:])


def test_a_record_with_a_line_that_is_too_long_has_its_problem() -> None:
    lines = lines_of(CSVSplitter(30), [b'"' + b"x" * 40 + b'"\n1\n"a\n' + b'y"' * 40])

    assert [True, False, True] == [bool(line.problem) for line in lines]


def test_a_long_line_in_an_open_record_ends_the_record() -> None:
    lines = lines_of(CSVSplitter(30), [b'"a\n' + b"x" * 40 + b"\n1\n2\n"])

    assert [b'"a', b"1", b"2"] == [x.content for x in lines if x.size < 40]
    assert [True, True, False, False] == [bool(line.problem) for line in lines]


def test_a_record_that_joins_a_line_with_a_problem_has_the_problem() -> None:
    lines = lines_of(CSVSplitter(250), [b'"a\n' + b'y"' * 200 + b"\n1\n"])

    assert any(line.problem for line in lines)
    assert b"1" == lines[-1].content


@given(st.lists(st.lists(st.text(alphabet='a",\n ', min_size=1), min_size=1)))
def test_records_are_those_that_pythons_module_writes(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)

    lines = lines_of(CSVSplitter(LARGE), [file.getvalue().encode()])

    parsed = [
        next(csv.reader(io.StringIO(x.content.decode(), newline=""))) for x in lines
    ]
    assert rows == parsed
    assert [len(row) for row in rows] == [cell_count(line.content) for line in lines]


@pytest.mark.parametrize(
    ("record", "count"),
    [(b"", 1), (b"a,b,", 3), (b'a"b,c', 2), (b'"a,b",c', 2), (b'a,"b,c', 2)],
)
def test_cells_are_counted(record: bytes, count: int) -> None:
    assert count == cell_count(record)
