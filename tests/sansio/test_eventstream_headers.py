from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import CorruptMessageError, SerializationError
from sagemaker_rt.sansio.eventstream_headers import (
    Byte,
    HeaderValue,
    Integer,
    Short,
    decode_headers,
    encode_headers,
)

ALL_TYPES: dict[str, HeaderValue] = {
    "true": True,
    "false": False,
    "byte": Byte(-49),
    "short": Short(42),
    "integer": Integer(40972),
    "long": 42424242,
    "bytes": b"\x00\xff teapot",
    "string": "thé",
    "timestamp": datetime(1970, 1, 1, 2, 24, 35, 309_000, tzinfo=UTC),
    "uuid": UUID(int=0x0102030405060708090A0B0C0D0E0F10),
}
VALUES: st.SearchStrategy[HeaderValue] = st.one_of(
    st.booleans(),
    st.integers(-(2**7), 2**7 - 1).map(Byte),
    st.integers(-(2**15), 2**15 - 1).map(Short),
    st.integers(-(2**31), 2**31 - 1).map(Integer),
    st.integers(-(2**63), 2**63 - 1),
    st.binary(max_size=40),
    st.text(max_size=40),
    st.datetimes(timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ),
    st.uuids(),
)
NAMES = st.text(min_size=1, max_size=63)


def test_the_encoding_of_headers() -> None:
    headers: dict[str, HeaderValue] = {"true": True, "b": Byte(-128), "s": "é!"}

    block = b"\x04true\x00\x01b\x02\x80\x01s\x07\x00\x03\xc3\xa9!"
    assert block == encode_headers(headers)
    assert headers == decode_headers(block)


def test_no_headers_are_an_empty_block() -> None:
    assert b"" == encode_headers({})
    assert {} == decode_headers(b"")


@given(st.dictionaries(NAMES, VALUES))
def test_decoding_reverses_encoding(headers: dict[str, HeaderValue]) -> None:
    decoded = decode_headers(encode_headers(headers))

    assert headers == decoded
    assert [type(value) for value in headers.values()] == [
        type(value) for value in decoded.values()
    ]


@pytest.mark.parametrize(
    "value",
    [
        Byte(-(2**7)), Byte(2**7 - 1), Short(-(2**15)), Short(2**15 - 1),
        Integer(-(2**31)), Integer(2**31 - 1), -(2**63), 2**63 - 1,
        b"", "", b"x" * 32767, "x" * 32767,
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    ],
)  # fmt: skip
def test_the_largest_values_are_encoded_and_decoded(value: HeaderValue) -> None:
    decoded = decode_headers(encode_headers({"n" * 255: value}))

    assert {"n" * 255: value} == decoded
    assert type(value) is type(decoded["n" * 255])


def test_a_time_in_any_zone_keeps_its_value() -> None:
    moment = datetime(2024, 2, 29, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    assert {"when": moment} == decode_headers(encode_headers({"when": moment}))


def test_a_member_of_an_int_enum_is_encoded_as_an_int() -> None:
    class Level(IntEnum):
        HIGH = 3

    assert encode_headers({"n": 3}) == encode_headers({"n": Level.HIGH})


def test_values_longer_than_the_encoder_allows_are_decoded() -> None:
    value = b"x" * 65535

    assert {"v": value} == decode_headers(b"\x01v\x06\xff\xff" + value)


@pytest.mark.parametrize(
    ("value", "kind", "token"),
    [
        (Byte(128), "Byte", "too big"),
        (Byte(-129), "Byte", "too big"),
        (Short(2**15), "Short", "too big"),
        (Integer(-(2**31) - 1), "Integer", "too big"),
        (2**63, "int", "too big"),
        (b"x" * 32768, "bytes", "32768 bytes"),
        ("é" * 16384, "str", "32768 bytes"),
        (
            datetime(2024, 1, 1),  # noqa: DTZ001 - is rejected
            "datetime",
            "2024-01-01 00:00:00",
        ),
        (
            datetime(2024, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
            "datetime",
            ".000001",
        ),
        (
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
            "datetime",
            "out of range",
        ),
        (None, "NoneType", "HeaderValue"),
        (1.5, "float", "HeaderValue"),
    ],
)
def test_a_value_that_does_not_fit_the_format_is_rejected(
    value: HeaderValue, kind: str, token: str
) -> None:
    with pytest.raises(SerializationError) as caught:
        encode_headers({"name": value})

    assert f"header 'name' ({kind})" in str(caught.value)
    assert token in str(caught.value)


def test_text_must_be_valid_unicode() -> None:
    with pytest.raises(SerializationError, match="surrogates not allowed"):
        encode_headers({"name": "\udc80"})


def test_a_name_has_at_least_one_byte() -> None:
    with pytest.raises(SerializationError, match="0 bytes"):
        encode_headers({"": True})


def test_a_name_has_at_most_255_bytes() -> None:
    with pytest.raises(SerializationError, match="256 bytes"):
        encode_headers({"é" * 128: True})


@pytest.mark.parametrize(
    ("block", "position", "token"),
    [
        (b"\x00\x00", 1, "''"),
        (b"\x01a\x00\x01a\x01", 5, "'a'"),
        (b"\x01a\x0a", 3, "type 10"),
        (b"\x01a\xff", 3, "type 255"),
        (b"\x01\xff\x00", 2, "0xff"),
        (
            b"\x01a\x07\x00\x03\xed\xa0\x80",
            8,
            "0xed",
        ),
        (b"\x01a\x07\x00\x09abc", 8, "9 bytes"),
    ],
)
def test_invalid_headers_are_rejected(block: bytes, position: int, token: str) -> None:
    with pytest.raises(CorruptMessageError) as caught:
        decode_headers(block)

    assert f"byte {position}:" in str(caught.value)
    assert token in str(caught.value)


@pytest.mark.parametrize(
    "milliseconds", [-(2**63), -62_135_596_800_001, 253_402_300_800_000, 2**63 - 1]
)
def test_a_timestamp_outside_the_range_of_datetime_is_rejected(
    milliseconds: int,
) -> None:
    with pytest.raises(CorruptMessageError, match="timestamp before byte 11"):
        decode_headers(b"\x01t\x08" + milliseconds.to_bytes(8, signed=True))


@pytest.mark.parametrize("name", ALL_TYPES)
def test_truncated_headers_are_rejected(name: str) -> None:
    block = encode_headers({name: ALL_TYPES[name]})

    for end in range(1, len(block)):
        with pytest.raises(CorruptMessageError, match="bytes are declared"):
            decode_headers(block[:end])


@given(st.binary(max_size=60))
def test_headers_are_rejected_or_can_be_encoded_again(block: bytes) -> None:
    try:
        headers = decode_headers(block)
    except CorruptMessageError:
        return

    assert headers == decode_headers(encode_headers(headers))


@pytest.mark.parametrize("byte", [0x00, 0x01, 0x07, 0x7F, 0x80, 0xFF])
def test_a_wrong_byte_raises_no_other_error(byte: int) -> None:
    block = encode_headers(ALL_TYPES)

    for position in range(len(block)):
        with suppress(CorruptMessageError):
            decode_headers(block[:position] + bytes([byte]) + block[position + 1 :])


def test_sized_integers_are_integers() -> None:
    assert [2, 4, 8] == [Byte(1) * 2, Short(2) * 2, Integer(4) * 2]
    assert "42" == f"{Short(42)}"
