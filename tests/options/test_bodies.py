from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import (
    BodyOptions,
    is_cacheable,
    with_options,
)

FILE: Final = io.BytesIO()


def report(*args: object) -> None:
    pass


def test_the_defaults() -> None:
    options = BodyOptions()

    assert (None, None, None, "none", 10_240) == (
        options.on_chunk_sent,
        options.on_chunk_received,
        options.response_target,
        options.request_compression,
        options.min_compression_bytes,
    )


@pytest.mark.parametrize(
    "target",
    ["answer", Path("answer"), FILE, sys.stdout.buffer, report, [].append],
    ids=["str", "Path", "BytesIO", "a file", "a function", "a method"],
)
def test_a_response_target_is_a_path_a_writer_or_a_function(target: Any) -> None:
    assert target is BodyOptions(response_target=target).response_target


@pytest.mark.parametrize(
    "fields",
    [
        {"on_chunk_sent": 1},
        {"on_chunk_received": "f"},
        {"response_target": b"answer"},
        {"request_compression": "br"},
        {"min_compression_bytes": -1},
        {"min_compression_bytes": 10_485_761},
        {"min_compression_bytes": True},
        {"min_compression_bytes": 1.0},
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_invalid_value_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        BodyOptions(**fields)

    name, value = next(iter(fields.items()))
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)


def test_a_text_file_is_not_a_response_target() -> None:
    with pytest.raises(OptionsError, match="open it in binary mode"):
        BodyOptions(response_target=io.StringIO())  # type: ignore[arg-type] # refused


def test_a_response_target_is_not_cached() -> None:
    option = with_options(response_target=FILE)

    assert not is_cacheable(option)
    assert not is_cacheable(with_options(region="eu-west-1") | option)
    assert f"with_options(response_target={FILE!r})" == repr(option)
    assert is_cacheable(
        with_options(on_chunk_sent=report) | with_options(request_compression="gzip")
    )
