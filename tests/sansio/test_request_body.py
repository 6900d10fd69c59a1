from __future__ import annotations

import io
import tempfile
from array import array
from mmap import mmap
from pathlib import Path

import pytest

from sagemaker_rt import shapes
from sagemaker_rt.errors import (
    SerializationError,
)
from sagemaker_rt.http import FileBody
from sagemaker_rt.sansio.request_body import to_body


@pytest.mark.parametrize(
    "body",
    [
        b"abc",
        bytearray(b"abc"),
        memoryview(b"abc"),
        memoryview(b"a-b-c-")[::2],
        "abc",
    ],
)
def test_bytes_and_text_become_bytes(body: shapes.BodyLike) -> None:
    converted = to_body(body)

    assert (bytes, b"abc") == (type(converted), converted)


def test_text_is_sent_as_utf8() -> None:
    assert "naïve 😹".encode() == to_body("naïve 😹")


def test_a_buffer_that_changes_later_does_not_change_the_body() -> None:
    buffer = bytearray(b"abc")
    body = to_body(buffer)

    buffer[0] = 0

    assert b"abc" == body


def test_none_is_an_empty_body() -> None:
    assert b"" == to_body(None)


def test_a_file_is_sent_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"skipped;sent")

    with path.open("rb") as file:
        file.seek(8)
        body = to_body(file)

        assert isinstance(body, FileBody)
        assert (4, 8) == (len(body), file.tell())
        assert [b"se", b"nt"] == list(body.chunks(2))


def test_a_mapped_file_is_sent() -> None:
    with mmap(-1, 4) as mapped:
        mapped[:] = b"sent"
        body = to_body(mapped)

        assert isinstance(body, FileBody)
        assert [b"sent"] == list(body.chunks())


def test_a_body_made_of_a_file_is_kept() -> None:
    body = FileBody(io.BytesIO(b"abc"))

    assert to_body(body) is body


class Pipe(io.RawIOBase):
    """A binary stream that can be read once."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        return 0


class Awaited:
    """A file whose methods are awaited, as those of aiofiles are."""

    async def read(self, size: int = -1) -> bytes:
        return b""


class Whole:
    """What is read all at once, as an answer of httpx is."""

    def read(self) -> bytes:
        return b""


def closed_file() -> io.BytesIO:
    file = io.BytesIO(b"abc")
    file.close()
    return file


@pytest.mark.parametrize(
    "file", [Pipe(), closed_file(), Whole()], ids=["pipe", "closed", "whole"]
)
def test_a_file_must_be_read_and_sought(file: object) -> None:
    with pytest.raises(SerializationError) as caught:
        to_body(file)

    assert f"body {file!r} is a file that cannot be read and sought" in str(
        caught.value
    )
    assert caught.value.__cause__ is not None


def test_the_text_of_a_file_that_cannot_seek() -> None:
    pipe = Pipe()

    with pytest.raises(SerializationError) as caught:
        to_body(pipe)

    assert (
        f"body {pipe!r} is a file that cannot be read and sought, "
        "as attempts need: seek"
    ) == str(caught.value)


@pytest.mark.parametrize(
    "value",
    [io.StringIO("abc"), Awaited(), 42, {"a": 1}, ["a"], object(), array("b", [1])],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_no_body(value: object) -> None:
    with pytest.raises(SerializationError) as caught:
        to_body(value)

    assert (
        f"body is a {type(value).__name__}; "
        "it must be bytes-like, str or a seekable binary file"
    ) == str(caught.value)


def test_a_file_of_text_is_no_body_even_in_a_wrapper() -> None:
    with (
        tempfile.NamedTemporaryFile("w+", encoding="utf-8") as file,
        pytest.raises(SerializationError, match="must be bytes-like"),
    ):
        to_body(file)


def test_text_that_has_no_encoding_is_no_body() -> None:
    with pytest.raises(SerializationError) as caught:
        to_body("ab\ud800")

    assert "body has a lone surrogate at 2; UTF-8 has none" == str(caught.value)
