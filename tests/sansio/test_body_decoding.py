"""Whole bodies as text and as JSON."""

from __future__ import annotations

import pytest

from sagemaker_rt.errors import InvalidJSONError, InvalidTextError
from sagemaker_rt.sansio.body_decoding import decode_body_as_json, decode_body_as_text


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"", None, ""),
        ("é".encode(), None, "é"),
        ("é".encode(), "text/plain", "é"),
        ("é".encode(), "text/plain; charset=UTF-8", "é"),
        ("é".encode("latin-1"), "text/plain; charset=iso-8859-1", "é"),
        ("é".encode("utf-16"), 'text/plain; charset="utf-16"', "é"),
    ],
)
def test_text_is_in_the_charset_of_the_content_type(
    body: bytes, content_type: str | None, text: str
) -> None:
    assert text == decode_body_as_text(body, content_type)


@pytest.mark.parametrize(
    ("body", "charset", "word"),
    [
        (b"\xff", "utf-8", "UTF-8"),
        (b"\xff", "utf-16", "utf-16"),
        (b"a", "klingon", "'klingon'"),
        (b"a", "base64", "'base64'"),
        (b"a", "undefined", "undefined"),
    ],
)
def test_text_that_is_invalid_in_its_charset_is_an_error(
    body: bytes, charset: str, word: str
) -> None:
    with pytest.raises(InvalidTextError, match=word):
        decode_body_as_text(body, f"text/plain; charset={charset}")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"a": "é"}'.encode(), None),
        ('\ufeff{"a": "é"}'.encode(), "application/json; charset=utf8"),
        ('{"a": "é"}'.encode("latin-1"), "text/plain; charset=latin-1"),
        ('{"a": "é"}'.encode("utf-16"), "application/json; charset=utf-16"),
        ('\ufeff{"a": "é"}'.encode("utf-16-le"), "a/b; charset=utf-16-le"),
    ],
)
def test_json_is_in_the_charset_of_the_content_type(
    body: bytes, content_type: str | None
) -> None:
    assert {"a": "é"} == decode_body_as_json(body, content_type)


@pytest.mark.parametrize("content_type", [None, "text/plain; charset=latin-1"])
def test_a_body_that_is_not_json_is_an_error(content_type: str | None) -> None:
    with pytest.raises(InvalidJSONError) as caught:
        decode_body_as_json(b"<html>", content_type)

    assert "<html>" == caught.value.value


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "klingon"])
def test_json_that_is_not_text_is_an_error(charset: str) -> None:
    with pytest.raises(InvalidTextError):
        decode_body_as_json(b'"\xff"', f"application/json; charset={charset}")
