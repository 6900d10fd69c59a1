from __future__ import annotations

import inspect
from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from attrs import frozen
from attrs.exceptions import FrozenInstanceError

from sagemaker_rt import shapes
from sagemaker_rt.context import (
    ATTEMPTS,
    HTTP_STATUS,
    REQUEST_ID,
    AttemptResult,
    Metadata,
)
from sagemaker_rt.errors import (
    InvalidJSONError,
    InvalidTextError,
    OutputDecodingError,
)
from sagemaker_rt.operations import OPERATIONS
from sagemaker_rt.sansio.http_bindings import (
    JSONMember,
    Label,
    Member,
    Payload,
    members,
)
from sagemaker_rt.shapes import (
    BodyLike,
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
    InvokeEndpointWithResponseStreamOutput,
    OperationOutput,
    PayloadPart,
    SessionInfo,
    UnknownEvent,
)

OUTPUTS: list[OperationOutput] = [
    InvokeEndpointOutput(body=b""),
    InvokeEndpointAsyncOutput(),
    InvokeEndpointWithResponseStreamOutput(),
]
SHAPES = [
    shape
    for operation in OPERATIONS.values()
    for shape in (operation.input, operation.output)
]


def test_inputs_are_frozen_and_compared_by_value() -> None:
    input = InvokeEndpointInput(endpoint_name="m", body=b"abc")

    assert InvokeEndpointInput(endpoint_name="m", body=b"abc") == input
    assert InvokeEndpointInput(endpoint_name="m", body=b"abd") != input
    with pytest.raises(FrozenInstanceError):
        input.body = b""  # type: ignore[misc] # what is tested


@pytest.mark.parametrize(
    "shape",
    [
        InvokeEndpointInput(
            endpoint_name="m", body=b"a-secret", custom_attributes="a-secret"
        ),
        InvokeEndpointAsyncInput(
            endpoint_name="m", body=b"a-secret", custom_attributes="a-secret"
        ),
        InvokeEndpointWithResponseStreamInput(
            endpoint_name="m", body=b"a-secret", custom_attributes="a-secret"
        ),
        InvokeEndpointOutput(body=b"a-secret", custom_attributes="a-secret"),
        InvokeEndpointWithResponseStreamOutput(custom_attributes="a-secret"),
        PayloadPart(b"a-secret"),
        UnknownEvent("Newer", {}, b"a-secret"),
    ],
    ids=lambda shape: type(shape).__name__,
)
def test_reprs_omit_bodies_and_custom_attributes(shape: object) -> None:
    assert "a-secret" not in repr(shape)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"12345", "<5 bytes>"),
        (bytearray(5), "<5 bytes>"),
        (array("d", [1.0]), "<8 bytes>"),
        ("é1234", "<5 characters>"),
        (BytesIO(b"12345"), "<BytesIO>"),
    ],
)
def test_the_repr_of_an_input_has_the_size_of_its_body(
    body: BodyLike, text: str
) -> None:
    shape = InvokeEndpointInput(endpoint_name="m", body=body)

    assert f"body={text}," in repr(shape)


def test_the_repr_of_an_output_has_its_facts() -> None:
    attempts = (AttemptResult(1, None, None),)
    metadata = Metadata({HTTP_STATUS: 200, REQUEST_ID: "r-1", ATTEMPTS: attempts})

    text = repr(InvokeEndpointOutput(body=b"12345", metadata=metadata))

    assert "body=<5 bytes>," in text
    assert "metadata=<HTTP 200, request id r-1, attempts: 1>" in text


def test_the_repr_of_a_part_has_its_size() -> None:
    assert repr(PayloadPart(b"12345")) == "PayloadPart(bytes=<5 bytes>)"


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_an_output_without_metadata_has_no_facts(output: OperationOutput) -> None:
    assert output.http_status is None
    assert len(output.metadata) == 0


def test_an_output_has_the_facts_of_its_metadata() -> None:
    metadata = Metadata()
    metadata[HTTP_STATUS] = 200
    metadata[REQUEST_ID] = "r-1"

    output = InvokeEndpointOutput(body=b"", metadata=metadata)

    assert (200, "r-1") == (output.http_status, output.request_id)


def test_metadata_is_not_compared() -> None:
    metadata = Metadata()
    metadata[HTTP_STATUS] = 200

    assert InvokeEndpointOutput(body=b"a") == InvokeEndpointOutput(
        body=b"a", metadata=metadata
    )


@pytest.mark.parametrize(
    ("new_session_id", "expected"),
    [
        (None, None),
        (
            "s-1; Expires=2030-10-22T12:34:56Z",
            SessionInfo(
                id="s-1", expires_at=datetime(2030, 10, 22, 12, 34, 56, tzinfo=UTC)
            ),
        ),
        ("s-1", SessionInfo(id="s-1", expires_at=None)),
        ("s-1;", SessionInfo(id="s-1", expires_at=None)),
        ("s-1; Expires=soon", SessionInfo(id="s-1", expires_at=None)),
        ("s-1; Path=/", SessionInfo(id="s-1", expires_at=None)),
    ],
)
def test_a_new_session_is_parsed(
    new_session_id: str | None, expected: SessionInfo | None
) -> None:
    output = InvokeEndpointOutput(body=b"", new_session_id=new_session_id)

    assert expected == output.new_session


def test_events_are_compared_by_value() -> None:
    assert PayloadPart(b"a") == PayloadPart(b"a")
    assert UnknownEvent("Newer", {}, b"a") != UnknownEvent("Newer", {}, b"b")


def test_signatures_of_shapes_have_plain_types() -> None:
    signature = inspect.signature(InvokeEndpointInput)

    assert [
        "endpoint_name: 'str'",
        "body: 'BodyLike'",
        "content_type: 'str | None' = None",
    ] == [str(parameter) for parameter in signature.parameters.values()][:3]
    assert "Annotated" not in "".join(str(inspect.signature(shape)) for shape in SHAPES)


def test_help_describes_each_member_with_its_header_and_limit() -> None:
    incomplete = [
        f"{shape.__name__}.{member.attribute}: {expected}"
        for shape in SHAPES
        for member in members(shape)
        for expected in facts_of(member)
        if expected not in (inspect.getdoc(getattr(shape, member.attribute)) or "")
    ]

    assert [] == incomplete


def facts_of(member: Member) -> list[str]:
    """Return texts that the docstring of *member* contains."""
    binding = member.binding
    if isinstance(binding, JSONMember):
        return ["."]
    is_media_type = member.attribute in {"content_type", "accept"}
    limit = None if is_media_type else binding.constraints.max
    return [
        "." if isinstance(binding, (Label, Payload)) else f"``{binding.name}``",
        "." if limit is None else f"{limit:,}" if limit >= 10_000 else str(limit),
    ]


def test_help_works_without_the_source() -> None:
    names: dict[str, Any] = {"frozen": frozen, "__name__": "builtins"}
    exec("@frozen\nclass Unknown:\n    member: int", names)  # noqa: S102 - has no source
    shape = shapes._with_help(names["Unknown"])

    assert inspect.getdoc(vars(shape)["member"]) is None


def test_the_body_is_decoded_as_text_and_as_json() -> None:
    body = '{"a": "é"}'.encode("latin-1")
    output = InvokeEndpointOutput(body=body, content_type="text/x; charset=latin-1")

    assert '{"a": "é"}' == output.text
    assert {"a": "é"} == output.json()


@pytest.mark.parametrize(
    ("decode", "error"),
    [
        (lambda output: output.text, InvalidTextError),
        (lambda output: output.json(), InvalidTextError),
    ],
    ids=["text", "json"],
)
def test_a_body_that_is_not_text_is_an_error_with_the_output(
    decode: Callable[[InvokeEndpointOutput], object], error: type[OutputDecodingError]
) -> None:
    metadata = Metadata({HTTP_STATUS: 200, REQUEST_ID: "r-1", ATTEMPTS: ()})
    output = InvokeEndpointOutput(body=b"\xff", metadata=metadata)

    with pytest.raises(error) as caught:
        decode(output)

    assert output is caught.value.output
    assert ("InvokeEndpoint", "r-1", 200) == (
        caught.value.operation,
        caught.value.request_id,
        caught.value.http_status,
    )


def test_a_body_that_is_not_json_is_an_error_with_the_output() -> None:
    output = InvokeEndpointOutput(body=b"<html>")

    with pytest.raises(InvalidJSONError) as caught:
        output.json()

    assert (output, "<html>") == (caught.value.output, caught.value.value)
