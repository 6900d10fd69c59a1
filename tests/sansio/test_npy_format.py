"""The header of .npy files, compared with NumPy's."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import OutputDecodingError
from sagemaker_rt.sansio.npy_format import NPYHeader, parse_npy_header


def file(header: bytes, version: int = 1) -> bytes:
    """Return a file with *header*, in a version of the format."""
    size = len(header).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + header


VALID = file(b"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n")


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_header_of_each_version_is_read(version: int) -> None:
    text = "{'descr': [('é', '<f4')], 'fortran_order': True, 'shape': (2,)}"
    data = file(text.encode("utf-8" if version == 3 else "latin-1"), version)

    header = parse_npy_header(data + b"items")

    assert NPYHeader([("é", "<f4")], True, (2,), len(data)) == header


def test_the_header_is_that_of_numpy() -> None:
    saved = io.BytesIO()
    np.save(saved, np.zeros((4, 5), dtype=">i2", order="F"))

    header = parse_npy_header(saved.getvalue())

    assert (">i2", True, (4, 5)) == header[:3]
    assert len(saved.getvalue()) - 4 * 5 * 2 == header.offset


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "start"),
        (b"<html>", "start"),
        (b"\x93NUMPY", "version None"),
        (file(b"{}", 4), "version 4"),
        (VALID[:9], "truncated"),
        (VALID[:40], "truncated"),
        (file(b" " * 10_001), "truncated"),
        (file(b"\xff", 3), "dictionary"),
        (file(b"{'descr': open('x')}"), "dictionary"),
        (file(b"[" * 9000), "dictionary"),
        (file(b"{[]: 1}"), "dictionary"),
        (file(b"[]"), "members"),
        (file(b"{'descr': 1}"), "members"),
        (file(b"{'descr': 1, 'fortran_order': True, 'shape': ()}"), "members"),
        (file(b"{'descr': 'f', 'fortran_order': 1, 'shape': ()}"), "members"),
        (file(b"{'descr': 'f', 'fortran_order': True, 'shape': 1}"), "members"),
        (file(b"{'descr': 'f', 'fortran_order': True, 'shape': (-1,)}"), "members"),
        (file(b"{'descr': 'f', 'fortran_order': True, 'shape': (True,)}"), "members"),
    ],
)
def test_an_invalid_header_is_an_error(data: bytes, word: str) -> None:
    with pytest.raises(OutputDecodingError, match=word):
        parse_npy_header(data)


def test_each_truncated_header_is_an_error() -> None:
    for size in range(len(VALID)):
        with pytest.raises(OutputDecodingError):
            parse_npy_header(VALID[:size])


@given(st.binary(max_size=80), st.integers(0, 4))
def test_any_bytes_are_a_header_or_an_error(header: bytes, version: int) -> None:
    with pytest.raises(OutputDecodingError):
        parse_npy_header(file(header, version))
