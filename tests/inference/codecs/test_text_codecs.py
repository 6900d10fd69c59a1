"""Text and bytes."""

from __future__ import annotations

from array import array

import pytest

from sagemaker_rt.errors import InvalidTextError, SerializationError
from sagemaker_rt.inference.codecs.text_codecs import RawCodec, TextCodec


def test_text_is_sent_as_utf_8_and_decoded_by_its_charset() -> None:
    assert "é".encode() == TextCodec().encode("é")
    assert "é" == TextCodec().decode("é".encode(), None)
    assert "é" == TextCodec().decode(b"\xe9", "text/plain; charset=latin-1")
    assert "" == TextCodec().decode(b"", None)


@pytest.mark.parametrize("value", [b"bytes", 1, None, "\ud800"])
def test_what_is_not_text_is_an_error(value: object) -> None:
    with pytest.raises(SerializationError):
        TextCodec().encode(value)


def test_a_response_that_is_not_text_is_an_error() -> None:
    with pytest.raises(InvalidTextError):
        TextCodec().decode(b"\xff", "text/plain")


@pytest.mark.parametrize(
    "value", [b"abcd", bytearray(b"abcd"), memoryview(b"abcd"), array("b", b"abcd")]
)
def test_bytes_are_sent_as_they_are(value: object) -> None:
    assert b"abcd" == RawCodec().encode(value)


def test_bytes_are_not_copied() -> None:
    data = b"abcd"

    assert data is RawCodec().encode(data)
    assert data is RawCodec().decode(data, None)


@pytest.mark.parametrize("value", ["text", 1, None, [1]])
def test_what_is_not_bytes_like_is_an_error(value: object) -> None:
    with pytest.raises(SerializationError):
        RawCodec().encode(value)
