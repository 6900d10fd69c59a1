from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import pytest

from sagemaker_rt.errors import SerializationError
from sagemaker_rt.file_body import FileBody


def test_a_file_is_sent_from_its_current_position() -> None:
    file = io.BytesIO(b"header,body")
    file.seek(7)

    body = FileBody(file)

    assert len(body) == 4
    assert file.tell() == 7
    assert [b"bod", b"y"] == list(body.chunks(3))


def test_a_file_can_be_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"abc" * 100)

    with path.open("rb") as file:
        body = FileBody(file)
        twice = [b"".join(body.chunks()) for _ in range(2)]

    assert [b"abc" * 100] * 2 == twice


def test_a_file_that_grows_is_sent_with_its_first_length() -> None:
    file = io.BytesIO(b"abc")
    body = FileBody(file)

    file.seek(0, io.SEEK_END)
    file.write(b"def")

    assert b"abc" == b"".join(body.chunks(2))


def test_a_file_that_shrinks_is_an_error() -> None:
    file = io.BytesIO(b"abcdef")
    body = FileBody(file)

    file.truncate(2)

    with pytest.raises(OSError, match="4 bytes"):
        list(body.chunks())


def test_an_empty_file_has_no_chunks() -> None:
    assert [] == list(FileBody(io.BytesIO()).chunks())


class Abandoned(io.BytesIO):
    """A file that another reader moves in the middle of each read."""

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        self.seek(1)
        return chunk


def test_a_file_that_another_reader_moves_is_read_correctly() -> None:
    body = FileBody(Abandoned(b"0123456789"))

    assert b"0123456789" == b"".join(body.chunks(3))
    assert b"0123456789" == b"".join(body.chunks(4))


def test_a_file_is_reserved_for_one_call_at_a_time() -> None:
    file = io.BytesIO(b"abc")
    body, same = FileBody(file), FileBody(file)

    with body.held(), FileBody(io.BytesIO()).held():
        refusal = same.held()
        with pytest.raises(SerializationError, match="another call"):
            refusal.__enter__()

    with same.held():
        pass


def test_a_file_is_released_after_an_exception() -> None:
    body = FileBody(io.BytesIO(b"abc"))

    with suppress(KeyError), body.held():
        raise KeyError

    with body.held():
        pass
