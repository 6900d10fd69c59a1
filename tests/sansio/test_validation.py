from __future__ import annotations

import io
import re
from typing import Any, Final

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.http import FileBody
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    OPERATIONS,
    Operation,
)
from sagemaker_rt.sansio.http_bindings import Header, Payload, members
from sagemaker_rt.sansio.validation import compile_validator
from sagemaker_rt.sansio.validation_modes import (
    VALIDATION_MODES,
    Validation,
    ValidationMode,
)

ALL: Final = VALIDATION_MODES
CHECKED: Final = ("required", "strict")
STRICT: Final = ("strict",)
REQUIRED: Final[dict[str, Any]] = {"endpoint_name": "m", "body": b"{}"}
ODD_BUT_FINE: Final = 'tab\there, and \\ " ; = ~'
HEADERS: Final = [
    (operation, member.attribute)
    for operation in OPERATIONS.values()
    for member in members(operation.input)
    if isinstance(member.binding, Header) and not member.is_integer
]
SECRET: Final = "c0ffee-and-cake"


def limit_of(operation: Operation, name: str) -> int:
    (binding,) = (m.binding for m in members(operation.input) if m.attribute == name)
    assert isinstance(binding, Header | Payload)
    assert binding.constraints.max is not None
    return binding.constraints.max


def params_of(operation: Operation, **members: Any) -> Any:
    """Return an input that is valid but for *members*."""
    given, location = REQUIRED | members, members.get("input_location")
    if isinstance(location, str) and location:
        given["body"] = members.get("body")
    return operation.input(**given)


def problems(
    mode: ValidationMode | Validation,
    operation: Operation = INVOKE_ENDPOINT,
    **members: Any,
) -> list[str]:
    """Return what *mode* finds wrong with *members*."""
    return problems_of(params_of(operation, **members), mode, operation)


def problems_of(
    params: object, mode: ValidationMode | Validation, operation: Operation
) -> list[str]:
    validate = compile_validator(operation.input, mode, one_of=operation.one_of)
    try:
        validate(params)
    except ParamValidationError as error:
        return list(error.problems)
    return []


def modes_that_refuse(operation: Operation, **members: Any) -> tuple[str, ...]:
    return tuple(mode for mode in ALL if problems(mode, operation, **members))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_input_of_required_members_is_valid(operation: Operation) -> None:
    assert () == modes_that_refuse(operation)


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        (
            INVOKE_ENDPOINT,
            {
                "content_type": "text/csv; charset=utf-8",
                "accept": "*/*",
                "custom_attributes": ODD_BUT_FINE,
                "target_model": "model.tar.gz",
                "target_variant": "blue-1",
                "target_container_hostname": "first",
                "inference_id": "id 1",
                "enable_explanations": "`true`",
                "inference_component_name": "adapter--1",
                "session_id": "NEW_SESSION",
                "prefix_aware_id": "~",
            },
        ),
        (
            INVOKE_ENDPOINT_ASYNC,
            {
                "input_location": "s3://bucket/key",
                "s3_output_path_extension": "out/x",
                "filename": "answer.json",
                "request_ttl_seconds": 60,
                "invocation_timeout_seconds": 3600,
            },
        ),
        (INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, {"session_id": "s-1"}),
    ],
)
def test_an_input_of_every_member_is_valid(
    operation: Operation, members: dict[str, Any]
) -> None:
    assert () == modes_that_refuse(operation, **members)


def test_the_text_names_the_shape_and_every_problem() -> None:
    params = attrs.evolve(params_of(INVOKE_ENDPOINT), body=None, endpoint_name="")
    validate = compile_validator(INVOKE_ENDPOINT.input, "required")

    with pytest.raises(ParamValidationError) as caught:
        validate(params)

    assert (
        "InvokeEndpointInput is invalid: "
        "endpoint_name is required and must be a str that is not empty: ''; "
        "body is required; b'' is an empty body"
    ) == str(caught.value)
    assert 2 == len(caught.value.problems)


def test_params_of_another_operation_are_refused() -> None:
    params = params_of(INVOKE_ENDPOINT)

    found = problems_of(params, "off", INVOKE_ENDPOINT_ASYNC)

    assert ["params is a InvokeEndpointInput, no InvokeEndpointAsyncInput"] == found


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "endpoint_name is required and must be a str that is not empty: None"),
        ("", "endpoint_name is required and must be a str that is not empty: ''"),
        (b"m", "endpoint_name is required and must be a str that is not empty: b'm'"),
        ("..", "endpoint_name '..' must match [a-zA-Z0-9](-*[a-zA-Z0-9])*"),
        ("m\n", "endpoint_name 'm\\n' must match [a-zA-Z0-9](-*[a-zA-Z0-9])*"),
        (
            "m" * 64,
            f"endpoint_name has 64 characters; 63 are allowed: {'m' * 64!r}",
        ),
    ],
)
def test_the_endpoint_name_is_held_to_the_model_in_every_mode(
    value: object, problem: str, mode: ValidationMode
) -> None:
    """It goes into the path, where ``..`` would lead to another resource."""
    assert [problem] == problems(mode, endpoint_name=value)


@pytest.mark.parametrize("value", ["a/b", "a?b", "a#b", "%2e", "a b", "-a", "a-", "ü"])
def test_an_endpoint_name_holds_nothing_that_a_path_would_read(value: str) -> None:
    assert ALL == modes_that_refuse(INVOKE_ENDPOINT, endpoint_name=value)


@pytest.mark.parametrize("value", ["m", "M-1", "a--b", "m" * 63])
def test_an_endpoint_name_has_letters_digits_and_inner_hyphens(value: str) -> None:
    assert () == modes_that_refuse(INVOKE_ENDPOINT, endpoint_name=value)


class Refusing:
    """A value that cannot be compared, or told empty, as an array cannot."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError

    def __bool__(self) -> bool:
        raise AssertionError

    __hash__ = None  # type: ignore[assignment] # as of an array


@pytest.mark.parametrize(
    "name", ["endpoint_name", "body", "accept", "input_location", "request_ttl_seconds"]
)
def test_a_value_of_any_type_is_refused_by_its_type(name: str) -> None:
    refused = modes_that_refuse(INVOKE_ENDPOINT_ASYNC, **{name: Refusing()})

    assert ALL == refused


def test_a_header_member_is_text(subtests: pytest.Subtests) -> None:
    for operation, name in HEADERS:
        with subtests.test(f"{operation.name}-{name}"):
            for mode in ALL:
                assert f"{name} must be a str, no bytes" in problems(
                    mode, operation, **{name: b"x"}
                )


def test_an_empty_header_member_is_as_good_as_none(subtests: pytest.Subtests) -> None:
    for operation, name in HEADERS:
        with subtests.test(f"{operation.name}-{name}"):
            assert () == modes_that_refuse(operation, **{name: ""})


@pytest.mark.parametrize(
    ("operation", "name"), HEADERS, ids=lambda value: getattr(value, "name", value)
)
@given(value=st.text(max_size=8))
@settings(deadline=None, max_examples=50)
def test_a_header_takes_printable_ascii_and_tabs_in_every_mode(
    operation: Operation, name: str, value: str
) -> None:
    is_fine = re.fullmatch(r"[ -~\t]*", value) is not None

    found = problems("off", operation, **{name: value})

    assert is_fine == (found == [])


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize("character", ["\r", "\n", "\0", "\x7f", "é", "\ud800", "😹"])
def test_a_character_that_would_end_a_header_is_named(
    character: str, mode: ValidationMode
) -> None:
    (problem,) = problems(mode, target_model=f"m{character}x")

    assert (
        f"target_model has {character!r} at 1; "
        "a header takes printable ASCII and tabs alone"
    ) == problem


def test_a_header_member_has_the_length_of_the_model(subtests: pytest.Subtests) -> None:
    for operation, name in HEADERS:
        with subtests.test(f"{operation.name}-{name}"):
            limit = limit_of(operation, name)
            pad = "s3://b/" if name == "input_location" else ""
            longest, longer = pad.ljust(limit, "a"), pad.ljust(limit + 1, "a")

            assert () == modes_that_refuse(operation, **{name: longest})
            assert CHECKED == modes_that_refuse(operation, **{name: longer})
            assert [
                f"{name} has {limit + 1} characters; {limit} are allowed"
            ] == problems("strict", operation, **{name: longer})


@pytest.mark.parametrize(
    ("operation", "name", "value"),
    [
        (INVOKE_ENDPOINT, "target_model", " m"),
        (INVOKE_ENDPOINT, "target_variant", "a_b"),
        (INVOKE_ENDPOINT, "target_container_hostname", "a-"),
        (INVOKE_ENDPOINT, "inference_id", "\ta"),
        (INVOKE_ENDPOINT, "inference_component_name", "-a"),
        (INVOKE_ENDPOINT, "session_id", "NEW_SESSIONS"),
        (INVOKE_ENDPOINT, "prefix_aware_id", "a\tb"),
        (INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, "session_id", "NEW_SESSION"),
        (INVOKE_ENDPOINT_ASYNC, "input_location", "ftp://b/k"),
        (INVOKE_ENDPOINT_ASYNC, "s3_output_path_extension", "s3://b"),
        (INVOKE_ENDPOINT_ASYNC, "filename", "a.b.c"),
    ],
)
def test_a_pattern_is_the_business_of_strict_alone(
    operation: Operation, name: str, value: str
) -> None:
    assert STRICT == modes_that_refuse(operation, **{name: value})
    (problem,) = problems("strict", operation, **{name: value})
    assert problem.startswith(f"{name} {value!r} must match ")


def test_the_text_of_a_pattern() -> None:
    assert ["target_variant 'a_b' must match [a-zA-Z0-9](-*[a-zA-Z0-9])*"] == problems(
        "strict", target_variant="a_b"
    )


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("request_ttl_seconds", 60, 21_600),
        ("invocation_timeout_seconds", 1, 3600),
    ],
)
def test_a_range_is_the_business_of_strict_alone(
    name: str, low: int, high: int
) -> None:
    def refusing(value: int) -> tuple[str, ...]:
        return modes_that_refuse(INVOKE_ENDPOINT_ASYNC, **{name: value})

    assert () == refusing(low)
    assert () == refusing(high)
    assert STRICT == refusing(low - 1)
    assert STRICT == refusing(high + 1)
    assert [f"{name} must be from {low} to {high}: {high + 1}"] == problems(
        "strict", INVOKE_ENDPOINT_ASYNC, **{name: high + 1}
    )


@pytest.mark.parametrize(
    ("kinds", "least", "greatest", "pattern"),
    [
        (Validation(), False, False, False),
        (Validation(min=True), True, False, False),
        (Validation(max=True), False, True, False),
        (Validation(pattern=True), False, False, True),
        (Validation(required=False, min=True, max=True), True, True, False),
    ],
    ids=str,
)
def test_each_kind_may_be_chosen_by_itself(
    kinds: Validation, *, least: bool, greatest: bool, pattern: bool
) -> None:
    queue = INVOKE_ENDPOINT_ASYNC

    assert least is bool(problems(kinds, queue, request_ttl_seconds=59))
    assert greatest is bool(problems(kinds, queue, request_ttl_seconds=21_601))
    assert greatest is bool(problems(kinds, body=b"0" * 6_291_457))
    assert pattern is bool(problems(kinds, target_variant="a_b"))


def test_what_is_required_is_a_kind_too() -> None:
    assert problems(Validation(), body=None)
    assert [] == problems(Validation(required=False), body=None)


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("60", "request_ttl_seconds must be an int, no str: '60'"),
        (60.0, "request_ttl_seconds must be an int, no float: 60.0"),
        (True, "request_ttl_seconds must be an int, no bool: True"),
        (2**31, "request_ttl_seconds must be an integer of 32 bits"),
        (-(10**5_000), "request_ttl_seconds must be an integer of 32 bits"),
    ],
    ids=["text", "float", "bool", "2**31", "huge"],
)
def test_a_number_is_one_in_every_mode(
    value: object, problem: str, mode: ValidationMode
) -> None:
    """Python does not even print an integer of thousands of digits."""
    found = problems(mode, INVOKE_ENDPOINT_ASYNC, request_ttl_seconds=value)

    assert [problem] == found


@pytest.mark.parametrize(
    "operation", [INVOKE_ENDPOINT, INVOKE_ENDPOINT_WITH_RESPONSE_STREAM]
)
def test_a_body_is_required_but_may_be_empty(operation: Operation) -> None:
    assert CHECKED == modes_that_refuse(operation, body=None)
    assert () == modes_that_refuse(operation, body=b"")
    assert () == modes_that_refuse(operation, body="")


BODIES: Final = {
    "bytes": b"abc",
    "bytearray": bytearray(b"abc"),
    "memoryview": memoryview(b"abc"),
    "text": "abc",
    "file": io.BytesIO(b"abc"),
    "made of a file": FileBody(io.BytesIO(b"abc")),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_body_is_of_any_kind_that_can_be_sent(
    operation: Operation, body: object
) -> None:
    assert () == modes_that_refuse(operation, body=body)


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize("value", [io.StringIO("abc"), 42, {"a": 1}])
def test_what_cannot_be_sent_is_no_body_in_any_mode(
    value: object, mode: ValidationMode
) -> None:
    (problem,) = problems(mode, body=value)

    assert (
        f"body is a {type(value).__name__}; "
        "it must be bytes-like, str or a seekable binary file"
    ) == problem


@pytest.mark.parametrize(
    ("operation", "refused_by"),
    [
        (INVOKE_ENDPOINT, STRICT),
        (INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, STRICT),
        (INVOKE_ENDPOINT_ASYNC, CHECKED),
    ],
)
def test_only_an_asynchronous_body_is_limited_by_default(
    operation: Operation, refused_by: tuple[str, ...]
) -> None:
    """The service takes more than the model says, but from a queue."""
    limit = limit_of(operation, "body")
    too_large = bytes(limit + 1)

    assert () == modes_that_refuse(operation, body=bytes(limit))
    assert refused_by == modes_that_refuse(operation, body=too_large)
    assert refused_by == modes_that_refuse(operation, body=io.BytesIO(too_large))
    assert [f"body has {limit + 1} bytes; {limit} are allowed"] == problems(
        "strict", operation, body=too_large
    )


def test_text_is_measured_in_bytes() -> None:
    text = "é" * 64_001

    found = problems("required", INVOKE_ENDPOINT_ASYNC, body=text)

    assert ["body has 128002 bytes; 128000 are allowed"] == found


@pytest.mark.parametrize(
    ("members", "got"),
    [
        ({"body": None}, "none"),
        ({"body": None, "input_location": ""}, "none"),
        ({"body": b"", "input_location": "s3://b/k"}, "body and input_location"),
        ({"body": "", "input_location": "s3://b/k"}, "body and input_location"),
    ],
)
def test_exactly_one_of_body_and_location_is_given(
    members: dict[str, Any], got: str
) -> None:
    problem = f"give exactly one of body, input_location; got {got}"

    assert CHECKED == modes_that_refuse(INVOKE_ENDPOINT_ASYNC, **members)
    assert [problem] == problems("required", INVOKE_ENDPOINT_ASYNC, **members)


@pytest.mark.parametrize(
    "members", [{"body": b""}, {"body": b"x", "input_location": ""}]
)
def test_an_empty_body_is_given_and_an_empty_location_is_not(
    members: dict[str, Any],
) -> None:
    assert () == modes_that_refuse(INVOKE_ENDPOINT_ASYNC, **members)


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize(
    "value",
    [
        f"{SECRET}\n",
        f"{SECRET}é{SECRET}",
        SECRET * 100,
        f"\x7f{SECRET}",
        SECRET.encode(),
        [SECRET],
        {SECRET: SECRET},
    ],
)
def test_the_custom_attributes_are_in_no_text(
    value: object, operation: Operation, mode: ValidationMode
) -> None:
    """They are sensitive: the model says so."""
    found = problems(mode, operation, custom_attributes=value)

    assert SECRET not in repr(found)
    assert (mode == "off" and value == SECRET * 100) == (found == [])
