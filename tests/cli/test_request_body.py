from __future__ import annotations

import io
import signal
from pathlib import Path

import pytest

from sagemaker_rt.cli.request_body import read_body
from sagemaker_rt.errors import ParamValidationError


def test_an_argument_is_encoded_in_utf_8() -> None:
    assert "é".encode() == read_body("é", None)


def test_a_file_is_read_as_bytes(tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"\x00\xff")

    assert b"\x00\xff" == read_body(None, file)


def test_standard_input_is_the_default() -> None:
    assert b"\xff" == read_body(None, None, stdin=io.BytesIO(b"\xff"))


def test_an_empty_argument_is_an_empty_body() -> None:
    assert b"" == read_body("", None, stdin=io.BytesIO(b"not read"))


def test_a_body_and_a_file_are_rejected() -> None:
    with pytest.raises(ParamValidationError, match=r"body\.txt"):
        read_body("text", Path("body.txt"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamValidationError, match="nowhere"):
        read_body(None, tmp_path / "nowhere")


def test_a_hyphen_as_file_is_standard_input() -> None:
    assert b"x" == read_body(None, Path("-"), stdin=io.BytesIO(b"x"))


def test_an_argument_that_is_not_utf_8_is_sent_unchanged() -> None:
    assert b"\xff" == read_body("\udcff", None)


def test_standard_input_that_cannot_be_read_is_rejected() -> None:
    closed = io.BytesIO()
    closed.close()

    with pytest.raises(ParamValidationError, match="standard input"):
        read_body(None, None, stdin=closed)


def test_the_handler_of_interrupts_is_restored_after_standard_input() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert read_body(None, None, stdin=io.BytesIO(b"a")) == b"a"
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
