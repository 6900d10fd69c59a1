"""A value in, a value out."""

from __future__ import annotations

import math
import traceback
from datetime import date
from typing import Any, Final

import attrs
import numpy as np
import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.errors import (
    ClientStateError,
    InvalidJSONError,
    ModelError,
    OutputDecodingError,
    ParamValidationError,
    SerializationError,
)
from sagemaker_rt.identity import Credentials
from sagemaker_rt.inference.codecs.csv_codec import CSVCodec
from sagemaker_rt.inference.codecs.json_codecs import JSONCodec
from sagemaker_rt.inference.codecs.text_codecs import RawCodec
from sagemaker_rt.inference.predict import decode_output, predict
from sagemaker_rt.options import Options, with_options
from sagemaker_rt.shapes import InvokeEndpointOutput
from tests.doubles import ManualClock, ScriptedHTTPClient, response

JSON: Final = {"Content-Type": "application/json"}


class DateCodec:
    """A codec that fails as Python's functions do."""

    content_type = "application/x-date"
    accept = "application/x-date"

    def encode(self, value: Any, /) -> bytes:
        return value.isoformat().encode()  # type: ignore[no-any-return] # or raises

    def decode(self, body: bytes, _: str | None, /) -> date:
        return date.fromisoformat(body.decode())


class Closed(DateCodec):
    """A codec that raises an exception of this library."""

    def decode(self, body: bytes, _: str | None, /) -> date:
        message = "closed"
        raise ClientStateError(message)


class WrongResult(DateCodec):
    """A codec that returns text."""

    def encode(self, value: Any, /) -> Any:
        return str(value)


def client(http_client: ScriptedHTTPClient) -> Client:
    return Client(
        Options(
            region="eu-west-1",
            credentials=Credentials("AKID", "a-secret"),
            environ={},
            clock=ManualClock(),
            http_client=http_client,
        )
    )


async def answered(
    value: object, body: bytes, content_type: str | None = None, **arguments: Any
) -> tuple[ScriptedHTTPClient, Any]:
    """Return what was sent for *value*, and the value for a response with *body*."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    wire = ScriptedHTTPClient(response(200, headers, body))
    return wire, await predict(client(wire), "m", value, **arguments)


async def test_a_value_is_json_in_both_directions() -> None:
    wire, value = await answered({"a": [1]}, b'{"b": 2}', "application/json")

    (request,) = wire.requests
    assert {"b": 2} == value
    assert b'{"a":[1]}' == request.body
    assert ("application/json",) * 2 == (
        request.headers["Content-Type"],
        request.headers["Accept"],
    )


async def test_a_response_of_any_type_is_requested_by_no_header() -> None:
    wire, value = await answered("text", b"[1]", "application/json")

    (request,) = wire.requests
    assert [1] == value
    assert ("text/plain", False) == (
        request.headers["Content-Type"],
        "Accept" in request.headers,
    )


async def test_members_and_options_are_passed_on() -> None:
    wire = ScriptedHTTPClient(response(200, JSON, b"1"))

    value = await predict(
        client(wire),
        "m",
        b"\x89PNG",
        with_options(region="us-east-2"),
        content_type="image/png",
        accept="application/json",
        target_model="t.tar.gz",
        session_id="s-1",
        inference_component_name="c",
    )

    (request,) = wire.requests
    assert 1 == value
    assert "us-east-2" in request.url
    assert {
        "content-type": "image/png",
        "accept": "application/json",
        "x-amzn-sagemaker-target-model": "t.tar.gz",
        "x-amzn-sagemaker-session-id": "s-1",
        "x-amzn-sagemaker-inference-component": "c",
    }.items() <= request.headers.lower.items()


@pytest.mark.parametrize(
    ("codec", "value", "sent"),
    [
        ("csv", [[1, 2]], b"1,2\n"),
        ("text/csv", [[1, 2]], b"1,2\n"),
        (CSVCodec(), [[1, 2]], b"1,2\n"),
        ("jsonlines", [[1, 2]], b"[1,2]\n"),
        (DateCodec(), date(2026, 11, 28), b"2026-11-28"),
    ],
)
async def test_a_codec_is_a_name_a_media_type_or_an_object(
    codec: Any, value: object, sent: bytes
) -> None:
    wire, _ = await answered(value, b"", "text/plain", codec=codec)

    assert sent == wire.requests[0].body


async def test_arrays_are_sent_and_received_as_npy() -> None:
    array = np.arange(6.0).reshape(2, 3)
    wire, _ = await answered(array, b"", "text/plain")
    body = wire.requests[0].body
    assert isinstance(body, bytes)

    _, value = await answered(array, body, "application/x-npy")

    np.testing.assert_array_equal(array, value)


@pytest.mark.parametrize(
    ("value", "arguments"),
    [
        ({"a": {1}}, {}),
        ({"a": math.nan}, {}),
        ({"a": 1}, {"codec": "csv"}),
        ({"a": 1}, {"codec": DateCodec()}),
        (date(2026, 11, 28), {"codec": WrongResult()}),
    ],
    ids=["set", "nan", "csv", "custom", "wrong result"],
)
async def test_a_value_that_cannot_be_encoded_is_an_error_before_sending(
    value: object, arguments: dict[str, Any]
) -> None:
    wire = ScriptedHTTPClient()

    with pytest.raises(SerializationError) as caught:
        await predict(client(wire), "m", value, **arguments)

    assert ("InvokeEndpoint", False) == (
        caught.value.operation,
        caught.value.request_sent,
    )
    assert [] == wire.requests


async def test_an_error_of_a_custom_codec_names_it() -> None:
    with pytest.raises(SerializationError, match="codec DateCodec") as encoding:
        await answered(5, b"", codec=DateCodec())
    with pytest.raises(OutputDecodingError, match="codec DateCodec") as decoding:
        await answered(date(2026, 11, 28), b"tomorrow", codec=DateCodec())

    assert isinstance(encoding.value.__cause__, AttributeError)
    assert isinstance(decoding.value.__cause__, ValueError)
    assert "codec" == encoding.value.component == decoding.value.component
    assert b"tomorrow" == decoding.value.output.body


async def test_an_error_of_this_library_in_a_codec_is_unchanged() -> None:
    with pytest.raises(ClientStateError, match="closed"):
        await answered(date(2026, 11, 28), b"", codec=Closed())


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"value": {1}}, "set"),
        ({"codec": "jsno"}, "'json'"),
        ({"codec": DateCodec}, "DateCodec"),
        ({"body": b""}, "position"),
        ({"json": {}}, "position"),
        ({"target_modle": "m"}, "'target_model'"),
        ({"read_timeout": 5}, "with_options"),
    ],
)
async def test_an_invalid_argument_is_named(
    arguments: dict[str, Any], word: str
) -> None:
    wire = ScriptedHTTPClient()

    with pytest.raises(ParamValidationError, match=word) as caught:
        await predict(client(wire), "m", **{"value": {}, **arguments})

    assert "InvokeEndpoint" == caught.value.operation
    assert [] == wire.requests


async def test_an_error_of_the_model_is_raised() -> None:
    body = b'{"Code": "ModelError", "OriginalStatusCode": 500}'
    headers = {"x-amzn-ErrorType": "ModelError"}

    with pytest.raises(ModelError):
        await predict(client(ScriptedHTTPClient(response(424, headers, body))), "m", {})


async def test_a_response_that_cannot_be_decoded_has_the_output() -> None:
    with pytest.raises(InvalidJSONError) as caught:
        await answered({}, b"<html>", "application/json")

    error = caught.value
    assert b"<html>" == error.output.body
    assert ("InvokeEndpoint", 200, 1) == (
        error.operation,
        error.http_status,
        error.attempts,
    )


async def test_a_response_without_content_is_none() -> None:
    wire = ScriptedHTTPClient(response(204, {}, b""))

    assert None is await predict(client(wire), "m", [[1, 2]], codec="csv")


@pytest.mark.parametrize(
    ("codec", "content_type", "value"),
    [
        ("csv", None, []),
        ("jsonlines", None, []),
        ("text", None, ""),
        ("raw", None, b""),
        ("csv", "text/plain", ""),
        ("csv", "image/png", b""),
    ],
)
async def test_an_empty_body_is_an_empty_value(
    codec: str, content_type: str | None, value: object
) -> None:
    sent = {"csv": [1], "jsonlines": [1], "raw": b"1"}.get(codec, "1")

    assert value == (await answered(sent, b"", content_type, codec=codec))[1]


async def test_an_empty_body_is_not_json() -> None:
    with pytest.raises(InvalidJSONError):
        await answered({}, b"", "application/json")


def test_an_output_is_decoded_by_a_codec() -> None:
    output = InvokeEndpointOutput(body=b"[1]")

    assert [1] == decode_output(output, JSONCodec())
    assert b"[1]" == decode_output(output, RawCodec())
    assert [1] == decode_output(
        attrs.evolve(output, content_type="application/json"), RawCodec()
    )


@pytest.mark.parametrize("value", [{"a": ["the-secret", {1}]}, {"a": "the-secret"}])
async def test_no_traceback_shows_the_value(value: object) -> None:
    wire = ScriptedHTTPClient(OSError("unplugged"))

    with pytest.raises(Exception, match=r"set|unplugged|OSError") as caught:
        await client(wire).predict("m", value, custom_attributes="the-secret")

    shown = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    frames = [f for f in shown.stack if "/tests/" not in f.filename]
    assert not any("the-secret" in str(frame.locals) for frame in frames)
