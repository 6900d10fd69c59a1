from __future__ import annotations

import ctypes
import io
import tempfile
from array import array
from mmap import mmap
from pathlib import Path

import numpy as np
import pytest

from sagemaker_rt.errors import SerializationError
from sagemaker_rt.http import FileBody
from sagemaker_rt.sansio.request_body import body_size, buffer_of, to_body


class Point(ctypes.Structure):
    _fields_ = (("x", ctypes.c_uint8), ("y", ctypes.c_uint8))


BUFFERS = {
    "bytes": b"abc",
    "subclass of bytes": np.bytes_(b"abc"),
    "bytearray": bytearray(b"abc"),
    "memoryview": memoryview(b"abc"),
    "memoryview with gaps": memoryview(b"a-b-c-")[::2],
    "array.array": array("B", b"abc"),
    "ctypes array": (ctypes.c_ubyte * 3)(*b"abc"),
    "NumPy array": np.frombuffer(b"abc", dtype=np.uint8),
}
"""Objects whose buffer is ``abc``."""


@pytest.mark.parametrize("value", BUFFERS.values(), ids=BUFFERS)
def test_the_body_of_a_buffer_is_its_bytes(value: object) -> None:
    body = to_body(value)

    assert (bytes, b"abc") == (type(body), body)
    assert 3 == body_size(value)


@pytest.mark.parametrize(
    "value",
    [
        array("d", [1.5, -2.5]),
        (ctypes.c_int32 * 4)(1, 2, 3, 4),
        (Point * 8)(),
        np.arange(4, dtype=">i4").reshape(2, 2),
        np.ones(1, dtype=np.complex128),
        np.array([("a", 1)], dtype=[("Opaque", "S8"), ("n", "<i8")]),
        np.float64(1.5),
    ],
    ids=lambda value: type(value).__name__,
)
def test_elements_of_any_size_are_sent_in_memory_order(value: object) -> None:
    body = to_body(value)

    assert memoryview(value).tobytes() == body  # type: ignore[arg-type] # has a buffer
    assert isinstance(body, bytes)
    assert len(body) == body_size(value)


@pytest.mark.parametrize("value", [np.zeros((0, 3)), array("f"), bytearray()])
def test_an_empty_buffer_is_an_empty_body(value: object) -> None:
    assert (b"", 0) == (to_body(value), body_size(value))


@pytest.mark.parametrize(
    "value",
    [np.arange(6).reshape(2, 3).T, np.arange(6)[::2]],
    ids=["transposed", "every second element"],
)
def test_an_array_must_be_contiguous(value: object) -> None:
    for convert in (to_body, body_size, buffer_of):
        with pytest.raises(SerializationError, match="ndarray"):
            convert(value)


@pytest.mark.parametrize(
    "value",
    [
        np.array(["a", None]),
        np.array([("a", 1)], dtype=[("n", object), ("m", "i4")]),
        (ctypes.py_object * 1)(),
        (ctypes.c_char_p * 1)(b"a"),
        (ctypes.c_wchar_p * 1)("a"),
        (ctypes.c_void_p * 1)(1),
        (ctypes.POINTER(ctypes.c_int) * 1)(),
        (ctypes.CFUNCTYPE(None) * 1)(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_addresses_are_not_sent(value: object) -> None:
    with pytest.raises(SerializationError, match=type(value).__name__):
        to_body(value)


def test_a_buffer_must_be_readable() -> None:
    released = memoryview(b"abc")
    released.release()

    for value in (released, np.array(["2030-01-01"], dtype="M8[D]")):
        with pytest.raises(SerializationError, match=type(value).__name__) as caught:
            to_body(value)
        assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("buffer", [bytearray(b"abc"), array("B", b"abc")])
def test_a_later_change_of_a_buffer_does_not_change_the_body(
    buffer: bytearray | array[int],
) -> None:
    body = to_body(buffer)

    buffer[0] = 0

    assert b"abc" == body


def test_bytes_are_not_copied() -> None:
    value = b"abc"

    assert to_body(value) is value


def test_text_is_sent_as_utf8() -> None:
    text = "naïve 😹"

    assert text.encode() == to_body(text)
    assert len(text.encode()) == body_size(text)


def test_none_is_an_empty_body() -> None:
    assert (b"", 0) == (to_body(None), body_size(None))


def test_a_file_is_sent_from_its_current_position(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"skipped;sent")

    with path.open("rb") as file:
        file.seek(8)
        body = to_body(file)

        assert isinstance(body, FileBody)
        assert (4, 4, 8) == (len(body), body_size(file), file.tell())
        assert [b"se", b"nt"] == list(body.chunks(2))


def test_a_mapped_file_is_sent_as_a_file() -> None:
    with mmap(-1, 8) as mapped:
        mapped[:] = b"skipsent"
        mapped.seek(4)
        body = to_body(mapped)

        assert isinstance(body, FileBody)
        assert [b"sent"] == list(body.chunks())


def test_a_file_body_is_returned_as_it_is() -> None:
    body = FileBody(io.BytesIO(b"abc"))

    assert to_body(body) is body


class Pipe(io.RawIOBase):
    """A binary stream that can be read once."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        return 0


class AsyncFile:
    """A file whose methods are coroutines, as in aiofiles."""

    async def read(self, size: int = -1) -> bytes:
        return b""


class ReadsAll:
    """An object whose ``read`` takes no size, as a response of httpx."""

    def read(self) -> bytes:
        return b""


def closed_file() -> io.BytesIO:
    file = io.BytesIO(b"abc")
    file.close()
    return file


@pytest.mark.parametrize(
    "file", [Pipe(), closed_file(), ReadsAll()], ids=["pipe", "closed", "reads all"]
)
def test_a_file_must_be_readable_and_seekable(file: object) -> None:
    with pytest.raises(SerializationError) as caught:
        to_body(file)

    assert repr(file) in str(caught.value)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    "value",
    [io.StringIO("abc"), AsyncFile(), 42, {"a": 1}, ["a"], object()],
    ids=lambda value: type(value).__name__,
)
def test_other_types_are_rejected(value: object) -> None:
    for convert in (to_body, body_size):
        with pytest.raises(SerializationError, match=type(value).__name__):
            convert(value)


def test_a_text_file_is_rejected_even_in_a_wrapper() -> None:
    with (
        tempfile.NamedTemporaryFile("w+", encoding="utf-8") as file,
        pytest.raises(SerializationError, match=type(file).__name__),
    ):
        to_body(file)


def test_text_must_be_valid_unicode() -> None:
    with pytest.raises(SerializationError) as caught:
        to_body("ab\ud800")

    assert isinstance(caught.value.__cause__, UnicodeEncodeError)
