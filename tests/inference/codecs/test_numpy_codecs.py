"""NPY and NPZ, compared with NumPy's own functions."""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from sagemaker_rt.errors import OutputDecodingError, SerializationError
from sagemaker_rt.inference.codecs.numpy_codecs import NPYCodec, NPZCodec, _numpy

RECORDS: Final = np.array([(1, 2.5)], dtype=[("a", "<i4"), ("b", ">f8")])
ARRAYS: Final[list[npt.NDArray[Any]]] = [
    np.arange(6, dtype="<f4").reshape(2, 3),
    np.arange(6, dtype=">i8").reshape(3, 2),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.arange(12).reshape(3, 4)[::2, ::-1],
    np.array(1.5),
    np.zeros((0, 3)),
    np.array([True, False]),
    np.array(["é", "text"]),
    np.array([b"ab", b"c"]),
    np.zeros(2, dtype="V0"),
    np.array(["2026-01-01"], dtype="datetime64[D]"),
    np.array([1 + 2j]),
    RECORDS,
    np.zeros(2, dtype=[("é", "<f4")]),
    np.zeros(1, dtype=[("f" * 20 + str(i), "<f4") for i in range(200)]),
]


def saved(array: npt.NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: array.dtype.str[:9])
def test_an_array_is_the_same_after_encoding_and_decoding(
    array: npt.NDArray[Any],
) -> None:
    body = NPYCodec().encode(array)

    for again in (NPYCodec().decode(body, None), np.load(io.BytesIO(body))):
        assert (array.dtype, array.shape) == (again.dtype, again.shape)
        np.testing.assert_array_equal(array, again)
    assert body == saved(array)


@given(
    st_numpy.arrays(
        st_numpy.scalar_dtypes(), st_numpy.array_shapes(min_dims=0, min_side=0)
    )
)
def test_any_array_is_the_same_after_encoding_and_decoding(
    array: npt.NDArray[Any],
) -> None:
    again = NPYCodec().decode(NPYCodec().encode(array), None)

    assert (array.dtype, array.shape) == (again.dtype, again.shape)
    assert array.tobytes() == again.tobytes()


def test_a_decoded_array_is_a_view_of_the_body() -> None:
    body = NPYCodec().encode(np.arange(4))

    array = NPYCodec().decode(body, "application/x-npy")

    assert np.shares_memory(array, np.frombuffer(body, np.uint8))
    assert not array.flags.writeable


def test_a_list_of_numbers_is_an_array() -> None:
    array = NPYCodec().decode(NPYCodec().encode([[1, 2], [3, 4]]), None)

    assert [[1, 2], [3, 4]] == array.tolist()


@pytest.mark.parametrize(
    "value",
    [
        [[1], [2, 3]],
        {"a": 1},
        np.array([object()]),
        np.array([1, None]),
        np.ma.masked_array([1, 2], mask=[True, False]),
    ],
    ids=["ragged", "dictionary", "objects", "None", "masked"],
)
def test_what_is_not_an_array_of_values_is_an_error(value: object) -> None:
    with pytest.raises(SerializationError):
        NPYCodec().encode(value)


def test_a_dtype_that_no_version_of_the_format_holds_is_an_error() -> None:
    array = np.zeros(1, dtype=[("é\u4e2d" * 20 + str(i), "<f4") for i in range(900)])

    with pytest.raises(SerializationError, match="format"):
        NPYCodec().encode(array)


class Bomb:
    """An object that fails the test if it is unpickled."""

    def __reduce__(self) -> Any:
        return pytest.fail, ("it was unpickled",)


def header(descr: str, shape: str = "(1,)") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "start"),
        (b"<html>", "start"),
        (saved(np.arange(3))[:-1], "23 bytes of items, not 24"),
        (saved(np.arange(3)) + b"x", "25 bytes of items, not 24"),
        (saved(np.arange(3)) * 2, "bytes of items"),
        (saved(np.array([{}], dtype=object), allow_pickle=True), "Python objects"),
        (header("'|O'") + pickle.dumps(Bomb()), "Python objects"),
        (header("[('a', '|O')]") + pickle.dumps(Bomb()), "Python objects"),
        (header("'no such type'"), "dtype"),
        (header("None"), "members"),
        (header("[1, 2]"), "dtype"),
        (header("{}"), "members"),
        (header("('<f4', -1)"), "dtype|bytes"),
        (header("'<f4'", "(" + "1," * 100 + ")") + bytes(4), "shape"),
        (header("'<f4'", f"(0, {2**80})"), "shape"),
    ],
)
def test_a_body_that_is_not_one_array_is_an_error(body: bytes, word: str) -> None:
    with pytest.raises(OutputDecodingError, match=word):
        NPYCodec().decode(body, "application/x-npy")


DESCRIPTIONS = st.recursive(
    st.sampled_from(["'<f4'", "'|O'", "''", "None", "1", "-1", "'<U9'", "()"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda texts: f"[{', '.join(texts)}]")
        | st.lists(inner, max_size=3).map(lambda texts: f"({', '.join(texts)})")
    ),
)


@given(DESCRIPTIONS, st.binary(max_size=8))
def test_any_dtype_is_valid_or_an_error(descr: str, items: bytes) -> None:
    try:
        array = NPYCodec().decode(header(descr) + items, None)
    except OutputDecodingError:
        return
    assert len(items) == array.nbytes


def test_arrays_have_their_names() -> None:
    body = NPZCodec().encode({"a": np.arange(3), "b": [[1.5]]})

    arrays = NPZCodec().decode(body, "application/x-npz")

    loaded = np.load(io.BytesIO(body))
    assert ["a", "b"] == list(arrays) == list(loaded)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, loaded[name])


def test_arrays_of_a_list_have_the_names_of_numpy() -> None:
    arrays = NPZCodec().decode(NPZCodec().encode([np.arange(3), [1]]), None)

    assert ["arr_0", "arr_1"] == list(arrays)


def test_compressed_arrays_are_decoded() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, a=np.zeros(10_000))

    arrays = NPZCodec().decode(file.getvalue(), None)

    assert (10_000,) == arrays["a"].shape


def test_equal_arrays_are_equal_bytes() -> None:
    assert NPZCodec().encode({"a": [1]}) == NPZCodec().encode({"a": [1]})


@pytest.mark.parametrize("value", [np.arange(3), 1, {1: [1]}, {"a": [[1], [2, 3]]}])
def test_what_has_no_arrays_is_an_error(value: object) -> None:
    with pytest.raises(SerializationError):
        NPZCodec().encode(value)


def archive(*names: str, compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as members:
        for name in names:
            members.writestr(zipfile.ZipInfo(name), saved(np.arange(3)), compression)
    return file.getvalue()


@pytest.mark.parametrize("name", [1, "a\0b", "\ud800", "a" * 65_532, "é" * 32_766])
def test_a_name_that_an_archive_cannot_hold_is_an_error(name: Any) -> None:
    with pytest.raises(SerializationError, match="the name of an array"):
        NPZCodec().encode({name: np.zeros(1)})


@pytest.mark.parametrize("name", ["", "../é", "a" * 65_531])
def test_an_archive_holds_every_other_name(name: str) -> None:
    body = NPZCodec().encode({name: np.zeros(1)})

    assert [name] == [*NPZCodec().decode(body, None)]


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_arrays_of_one_name_are_an_error() -> None:
    with pytest.raises(OutputDecodingError, match="'a' twice"):
        NPZCodec().decode(archive("a.npy", "a.npy"), None)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", archive("a.npy", compression=zipfile.ZIP_BZIP2)],
    ids=["empty", "html", "bzip2"],
)
def test_a_body_that_is_not_such_an_archive_is_an_error(body: bytes) -> None:
    with pytest.raises(OutputDecodingError):
        NPZCodec().decode(body, None)


def test_an_archive_that_expands_beyond_the_limit_is_an_error() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, a=np.zeros(10_000))

    with pytest.raises(OutputDecodingError, match="limit is 1000"):
        NPZCodec(max_bytes=1000).decode(file.getvalue(), None)


@given(st.data())
def test_a_damaged_archive_is_an_error_or_the_same_arrays(data: st.DataObject) -> None:
    """A change in the times or attributes of a member does no damage."""
    body = bytearray(NPZCodec().encode({"a": [1, 2]}))
    position = data.draw(st.integers(0, len(body) - 1))
    body[position] ^= data.draw(st.integers(1, 255))

    try:
        arrays = NPZCodec().decode(bytes(body), None)
    except OutputDecodingError:
        return
    assert [[1, 2]] == [array.tolist() for array in arrays.values()]


def test_each_truncated_archive_is_an_error() -> None:
    body = NPZCodec().encode({"a": [1, 2]})
    for size in range(len(body)):
        with pytest.raises(OutputDecodingError):
            NPZCodec().decode(body[:size], None)


def test_the_extra_is_named_if_numpy_is_missing() -> None:
    with pytest.raises(SerializationError, match=r"sagemaker-rt\[numpy\]"):
        _numpy(SerializationError, "no_such_module_as_numpy")
