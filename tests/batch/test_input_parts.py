from __future__ import annotations

from pathlib import Path

import pytest

from sagemaker_rt.batch import BatchJob
from sagemaker_rt.batch.input_parts import (
    InputPart,
    split_file,
    split_folder,
)


def parts_of(path: Path, content: bytes, lines: int) -> list[InputPart]:
    path.write_bytes(content)
    return [*split_file(BatchJob("m", path, "out"), path, lines)]


def test_a_file_is_split_at_its_lines(tmp_path: Path) -> None:
    content = b"1\n\n333\n4\n5"

    parts = parts_of(tmp_path / "in.jsonl", content, 2)

    texts = [content[part.start : part.end] for part in parts]
    assert [b"1\n\n", b"333\n4\n", b"5"] == texts
    assert [0, 2, 4] == [part.before for part in parts]


def test_rows_that_span_lines_are_not_split(tmp_path: Path) -> None:
    content = b'\na,b\n1,"x\ny"\n2,"\n"\n3,4\n'

    parts = parts_of(tmp_path / "in.csv", content, 3)

    texts = [content[part.start : part.end] for part in parts]
    assert [b'\na,b\n1,"x\ny"\n', b'2,"\n"\n3,4\n'] == texts
    assert [(0, 2), (4, 2)] == [(part.before, part.columns) for part in parts]


@pytest.mark.parametrize("content", [b"", b"1\n2\n"])
def test_a_small_file_is_one_part_or_none(tmp_path: Path, content: bytes) -> None:
    parts = parts_of(tmp_path / "in.jsonl", content, 2)

    assert ([InputPart(0, 4)] if content else []) == parts


def test_a_folder_is_split_by_the_number_of_files() -> None:
    assert [InputPart(0, 2), InputPart(2, 3)] == [*split_folder(3, 2)]
    assert [] == [*split_folder(0, 2)]


def test_a_part_is_read_up_to_its_end() -> None:
    assert (3, 2) == (InputPart(0, 5).left(0, 3), InputPart(0, 5).left(3, 3))
    assert 3 == InputPart().left(100, 3)
