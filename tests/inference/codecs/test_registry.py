"""Which codec encodes a value, and which decodes a response."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.inference.codecs.codec import Codec
from sagemaker_rt.inference.codecs.csv_codec import CSVCodec
from sagemaker_rt.inference.codecs.json_codecs import JSONCodec, JSONLinesCodec
from sagemaker_rt.inference.codecs.numpy_codecs import NPYCodec, NPZCodec
from sagemaker_rt.inference.codecs.registry import (
    CODECS,
    CodecRegistry,
    register_codec,
)
from sagemaker_rt.inference.codecs.text_codecs import RawCodec, TextCodec
from tests.inference.codecs.data_frame import DataFrame


class DateCodec:
    """A codec of dates."""

    content_type = "application/x-date; v=1"
    accept = "application/x-day"

    def encode(self, value: Any, /) -> bytes:
        return str(value).encode()

    def decode(self, body: bytes, _: str | None, /) -> date:
        return date.fromisoformat(body.decode())


class Incomplete:
    """What lacks a method of a codec."""

    content_type = accept = "text/plain"

    def encode(self, value: Any, /) -> bytes:
        return b""


class Async(Incomplete):
    async def decode(self, body: bytes, _: str | None, /) -> Any:
        return body


class Untyped(DateCodec):
    accept: Any = None


@pytest.fixture
def registry() -> CodecRegistry:
    return CodecRegistry()


@pytest.mark.parametrize(
    ("value", "codec"),
    [
        ({"a": 1}, JSONCodec()),
        ([1], JSONCodec()),
        ((1,), JSONCodec()),
        (1, JSONCodec()),
        (True, JSONCodec()),
        (0.5, JSONCodec()),
        (None, JSONCodec()),
        (np.float32(0.5), JSONCodec()),
        (np.int64(1), JSONCodec()),
        ("text", TextCodec()),
        (b"bytes", RawCodec()),
        (bytearray(1), RawCodec()),
        (memoryview(b"1"), RawCodec()),
        (np.zeros(3), NPYCodec()),
        (DataFrame([], []), CSVCodec()),
    ],
    ids=lambda one: type(one).__name__,
)
def test_the_default_codec_is_that_of_the_type(
    registry: CodecRegistry, value: object, codec: Codec
) -> None:
    assert codec == registry.of_value(value)


@pytest.mark.parametrize("value", [{1}, object(), iter([1])])
def test_a_value_of_another_type_needs_a_codec(
    registry: CodecRegistry, value: object
) -> None:
    with pytest.raises(ParamValidationError, match=type(value).__name__):
        registry.of_value(value)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("json", JSONCodec()),
        ("jsonlines", JSONLinesCodec()),
        ("csv", CSVCodec()),
        ("npy", NPYCodec()),
        ("npz", NPZCodec()),
        ("text", TextCodec()),
        ("raw", RawCodec()),
        ("text/csv", CSVCodec()),
        ("application/x-ndjson", JSONLinesCodec()),
    ],
)
def test_a_codec_is_found_by_its_name_or_a_media_type(
    registry: CodecRegistry, name: str, codec: Codec
) -> None:
    assert codec == registry.find(name)


def test_a_codec_is_found_as_itself(registry: CodecRegistry) -> None:
    codec = CSVCodec(header=True)

    assert codec is registry.find(codec)


def test_an_unknown_codec_is_an_error_with_the_closest_name(
    registry: CodecRegistry,
) -> None:
    with pytest.raises(ParamValidationError, match="did you mean 'csv'"):
        registry.find("csvs")
    with pytest.raises(ParamValidationError, match="json, jsonlines, csv"):
        registry.find("zzz")


@pytest.mark.parametrize(
    "codec", [Incomplete(), DateCodec, 5, None, Async(), Untyped()]
)
def test_what_is_not_a_codec_is_an_error(registry: CodecRegistry, codec: Any) -> None:
    with pytest.raises(ParamValidationError, match="codec"):
        registry.find(codec)
    with pytest.raises(ParamValidationError, match="codec"):
        registry.register(codec)


@pytest.mark.parametrize(
    ("content_type", "codec"),
    [
        (None, DateCodec),
        ("", DateCodec),
        ("application/octet-stream", DateCodec),
        ("binary/octet-stream", DateCodec),
        ("Application/X-Date", DateCodec),
        ("application/x-day; v=2", DateCodec),
        ("application/json; charset=utf-8", JSONCodec),
        ("application/problem+json", JSONCodec),
        ("application/x-ndjson", JSONLinesCodec),
        ("text/csv", CSVCodec),
        ("application/x-npy", NPYCodec),
        ("text/plain", TextCodec),
        ("text/html", TextCodec),
        ("image/png", RawCodec),
    ],
)
def test_a_response_is_decoded_by_its_content_type(
    registry: CodecRegistry, content_type: str | None, codec: type
) -> None:
    assert codec is type(registry.of_response(content_type, DateCodec()))


def test_a_configured_codec_decodes_responses_of_its_type(
    registry: CodecRegistry,
) -> None:
    codec = CSVCodec(numbers=False)

    assert codec is registry.of_response("text/csv", codec)


def test_a_registered_codec_is_used_for_its_name_types_and_media_types(
    registry: CodecRegistry,
) -> None:
    codec = DateCodec()

    registry.register(
        codec, name="date", types=[date], media_types=["application/x-when"]
    )

    assert codec is registry.of_value(date(2026, 11, 28))
    assert codec is registry.find("date")
    assert codec is registry.of_response("application/x-when", JSONCodec())
    assert codec is registry.of_response("application/x-date", JSONCodec())


def test_a_later_codec_takes_precedence(registry: CodecRegistry) -> None:
    codec = JSONCodec(accept="*/*")

    registry.register(codec, name="json", types=[dict])

    assert codec is registry.find("json") is registry.of_value({})
    assert codec is registry.of_response("application/json", CSVCodec())


@pytest.fixture
def media_type() -> Iterator[str]:
    yield "application/x-test-of-the-registry"
    del CODECS._media_types["application/x-test-of-the-registry"]


def test_the_function_registers_for_all_clients(media_type: str) -> None:
    codec = RawCodec(content_type=media_type)

    register_codec(codec)

    assert codec is CODECS.find(media_type)


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": 5},
        {"types": 5},
        {"types": date},
        {"types": [date, 5]},
        {"types": [list[int]]},
        {"media_types": "text/x"},
        {"media_types": [None]},
    ],
)
def test_an_invalid_registration_changes_nothing(
    registry: CodecRegistry, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ParamValidationError):
        registry.register(DateCodec(), **arguments)

    with pytest.raises(ParamValidationError):
        registry.of_value(date(2026, 11, 28))
    with pytest.raises(ParamValidationError):
        registry.find("application/x-date")
