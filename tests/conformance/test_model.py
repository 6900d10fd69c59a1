"""Serialization, deserialization and validation of all members of the service model."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest
from botocore import xform_name
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import ParamValidationError, UnmodeledEventError
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.operation_deserializer import OperationDeserializer
from sagemaker_rt.operations import MODELLED_ERRORS, OPERATIONS, Operation
from sagemaker_rt.sansio.error_responses import event_error, service_error
from sagemaker_rt.sansio.http_bindings import Header, Label, members
from sagemaker_rt.sansio.request_serialization import compile_serializer
from sagemaker_rt.sansio.response_deserialization import compile_deserializer
from sagemaker_rt.sansio.validation import compile_validator
from sagemaker_rt.sansio.validation_modes import ValidationMode
from sagemaker_rt.stack import DeserializeInput, Output
from tests.conformance.vectors import entries, vectors
from tests.doubles import Wire, response

FOLDER: Final = "model/botocore-1.44.5/sagemaker-runtime"
Member = dict[str, Any]
"""A member of the service model, merged with its shape."""


def load() -> dict[str, Any]:
    model: dict[str, Any] = {"operations": {}, "shapes": {}}
    for path in entries(FOLDER, "service-2.json"):
        model |= json.loads(path.read_text("utf-8"))
    return model


MODEL: Final = load()
SHAPES: Final[dict[str, Any]] = MODEL["shapes"]
ERRORS: Final = [name for name, shape in SHAPES.items() if shape.get("exception")]


def members_of(side: str) -> list[tuple[Operation, Member]]:
    """Return each operation with each member of its input or output."""
    return [
        (OPERATIONS[name], member_of(shape, member))
        for name, operation in MODEL["operations"].items()
        for shape in [SHAPES[operation[side]["shape"]]]
        for member in shape["members"]
        if not member_of(shape, member).get("eventstream")
    ]


def member_of(shape: dict[str, Any], name: str) -> Member:
    member = shape["members"][name]
    return {
        **SHAPES[member["shape"]],
        **member,
        "attribute": xform_name(name),
        "wire_name": member.get("locationName", name),
        "is_payload": shape.get("payload") == name,
        "is_required": name in shape.get("required", ()),
    }


INPUTS: Final = members_of("input")
OUTPUTS: Final = members_of("output")
TEXTS: Final = [
    pytest.param(operation, member, id=f"{operation.name}-{member['wire_name']}")
    for operation, member in INPUTS
    if "pattern" in member
]


@pytest.fixture(autouse=True)
def _model() -> None:
    """Skip the tests if there is no model."""
    vectors(FOLDER)


def params_of(operation: Operation, **changes: Any) -> Any:
    """Return an input with the required members and *changes*."""
    body = None if changes.get("input_location") else b""
    return operation.input(**{"endpoint_name": "m", "body": body, **changes})


def is_valid(mode: ValidationMode, operation: Operation, **changes: Any) -> bool:
    validate = compile_validator(operation.input, mode, one_of=operation.one_of)
    try:
        validate(params_of(operation, **changes))
    except ParamValidationError:
        return False
    return True


def of_size(member: Member, size: int) -> Any:
    """Return a value of *member* with this length, or this number."""
    if member["type"] == "integer":
        return size
    if member["type"] == "blob":
        return bytes(size)
    return ("s3://b/" if member["attribute"] == "input_location" else "").ljust(
        size, "a"
    )


def pattern_of(member: Member) -> re.Pattern[str]:
    """Return the pattern of the model in the syntax of `re` instead of Java."""
    text = member["pattern"].replace(r"\z", r"\Z").replace(r"[\p{Print}]", "[ -~]")
    return re.compile(text.replace(r"\p{ASCII}", r"[\x00-\x7f]"))


def printable(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    alphabet = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    return st.from_regex(pattern, fullmatch=True, alphabet=alphabet)


def test_the_model_is_read() -> None:
    assert set(OPERATIONS) == set(MODEL["operations"])
    assert (35, 12) == (len(INPUTS), len(OUTPUTS))


def test_a_member_is_serialized_to_its_location(subtests: pytest.Subtests) -> None:
    for operation, member in INPUTS:
        with subtests.test(operation.name, member=member["wire_name"]):
            value = of_size(member, 60)
            request, empty = Request(), Request()
            uri = MODEL["operations"][operation.name]["http"]["requestUri"]
            serialize = compile_serializer(operation.input, operation.path)

            serialize(params_of(operation), empty)
            serialize(params_of(operation, **{member["attribute"]: value}), request)

            is_label = member.get("location") == "uri"
            is_header = member.get("location") == "header"
            path = uri.replace("{EndpointName}", value if is_label else "m")
            assert ({}, b"") == (empty.headers.lower, empty.body)
            assert path == request.path
            assert (
                {member["wire_name"]: str(value)} if is_header else {}
            ) == request.headers
            assert (value if member["is_payload"] else b"") == request.body


def test_a_member_is_deserialized_from_its_location(subtests: pytest.Subtests) -> None:
    for operation, member in OUTPUTS:
        with subtests.test(operation.name, member=member["wire_name"]):
            headers = (
                {member["wire_name"]: "x"} if member.get("location") == "header" else {}
            )
            document = json.dumps(
                {} if headers else {member["wire_name"]: "x"}
            ).encode()
            body = b"x" if member["is_payload"] else document

            output = compile_deserializer(operation.output)(
                response(200, headers, body), body, Metadata()
            )

            expected = b"x" if member["type"] == "blob" else "x"
            assert expected == getattr(output, member["attribute"])


def test_a_member_is_required_if_the_model_says_so(subtests: pytest.Subtests) -> None:
    for operation, member in INPUTS:
        with subtests.test(operation.name, member=member["wire_name"]):
            changes: dict[str, Any] = {member["attribute"]: None}
            if operation.one_of and member["is_payload"]:
                changes["input_location"] = "s3://b/k"

            assert member["is_required"] != is_valid("required", operation, **changes)


def test_a_member_has_the_limits_of_the_model(subtests: pytest.Subtests) -> None:
    for operation, member in INPUTS:
        with subtests.test(operation.name, member=member["wire_name"]):
            low, high = member.get("min", 1), member["max"]
            invalid = [high + 1, *([low - 1] if member["type"] == "integer" else [])]

            assert [True, True] == [
                is_valid_size(operation, member, n) for n in (low, high)
            ]
            assert True not in [is_valid_size(operation, member, n) for n in invalid]


def is_valid_size(operation: Operation, member: Member, size: int) -> bool:
    value = of_size(member, size)
    return is_valid("strict", operation, **{member["attribute"]: value})


@pytest.mark.parametrize(("operation", "member"), TEXTS)
@given(data=st.data())
@settings(max_examples=25)
def test_values_that_the_model_allows_are_valid(
    operation: Operation, member: Member, data: st.DataObject
) -> None:
    value = data.draw(printable(pattern_of(member)))
    assume(member.get("min", 0) <= len(value) <= member["max"])

    assert is_valid("strict", operation, **{member["attribute"]: value})


@pytest.mark.parametrize(("operation", "member"), TEXTS)
@given(data=st.data())
@settings(max_examples=25)
def test_valid_values_are_allowed_by_the_model(
    operation: Operation, member: Member, data: st.DataObject
) -> None:
    (binding,) = (
        m.binding
        for m in members(operation.input)
        if m.attribute == member["attribute"]
    )
    assert isinstance(binding, Header | Label)
    assert binding.constraints.pattern is not None
    pattern = re.compile(binding.constraints.pattern.text)

    value = data.draw(printable(pattern))

    assert pattern_of(member).fullmatch(value) is not None


async def test_the_status_in_the_model_is_a_success(subtests: pytest.Subtests) -> None:
    for name in MODEL["operations"]:
        with subtests.test(name):
            status = MODEL["operations"][name]["http"].get("responseCode", 200)
            middleware = OperationDeserializer(OPERATIONS[name], max_response_bytes=1)
            wire = Wire[DeserializeInput](Output(response=response(status)))

            output = await middleware(Context(name), DeserializeInput(Request()), wire)

            assert status == output.result.http_status


def test_an_operation_lists_the_errors_of_the_model(
    subtests: pytest.Subtests,
) -> None:
    for name in MODEL["operations"]:
        with subtests.test(name):
            listed = [error["shape"] for error in MODEL["operations"][name]["errors"]]

            assert sorted(listed) == sorted(e.__name__ for e in OPERATIONS[name].errors)


def test_an_error_of_the_model_has_its_class(subtests: pytest.Subtests) -> None:
    for name in ERRORS:
        with subtests.test(name):
            shape = SHAPES[name]
            status = shape.get("error", {}).get("httpStatusCode", 400)
            document = {
                member: 400 if SHAPES[of["shape"]]["type"] == "integer" else member
                for member, of in shape["members"].items()
            }
            error_response = response(status, {"x-amzn-errortype": name})

            error = service_error(
                error_response, json.dumps(document).encode(), MODELLED_ERRORS
            )

            assert (name, name, status) == (
                type(error).__name__,
                error.code,
                error.http_status,
            )
            assert list(document.values()) == [
                getattr(error, xform_name(member)) for member in document
            ]


def test_the_errors_are_those_of_the_model() -> None:
    modelled = {e.__name__ for o in OPERATIONS.values() for e in o.errors}

    assert sorted(ERRORS) == sorted(modelled)


def test_a_stream_has_the_events_of_the_model() -> None:
    union = SHAPES["ResponseStream"]["members"]
    failures = {name for name in union if SHAPES[name].get("exception")}

    raised = {name: event_error(name, b"{}", MODELLED_ERRORS) for name in union}

    assert {"PayloadPart"} == set(union) - failures
    assert failures == {name for name in union if type(raised[name]).__name__ == name}
    assert isinstance(raised["PayloadPart"], UnmodeledEventError)
