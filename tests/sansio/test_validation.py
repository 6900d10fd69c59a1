from __future__ import annotations

import io
import re
from contextlib import nullcontext
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.http import FileBody
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM,
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
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointWithBidirectionalStreamInput,
)

ALL: Final = VALIDATION_MODES
CHECKED: Final = ("required", "strict")
STRICT: Final = ("strict",)
REQUIRED: Final[dict[str, Any]] = {"endpoint_name": "m", "body": b"{}"}
UNUSUAL_BUT_VALID: Final = 'tab\there, and \\ " ; = ~'
HEADERS: Final = [
    (operation, member.attribute)
    for operation in OPERATIONS.values()
    for member in members(operation.input)
    if isinstance(member.binding, Header) and not member.is_integer
]
SECRET: Final = "a-secret-attribute"


def limit_of(operation: Operation, name: str) -> int:
    (binding,) = (m.binding for m in members(operation.input) if m.attribute == name)
    assert isinstance(binding, Header | Payload)
    assert binding.constraints.max is not None
    return binding.constraints.max


def params_of(operation: Operation, **members: Any) -> Any:
    """Return an input with the required members and *members*."""
    values, location = REQUIRED | members, members.get("input_location")
    if isinstance(location, str) and location:
        values["body"] = members.get("body")
    return operation.input(**values)


def problems(
    mode: ValidationMode | Validation,
    operation: Operation = INVOKE_ENDPOINT,
    **members: Any,
) -> list[str]:
    """Return the problems that *mode* finds in *members*."""
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


def modes_that_reject(operation: Operation, **members: Any) -> tuple[str, ...]:
    return tuple(mode for mode in ALL if problems(mode, operation, **members))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_input_with_the_required_members_is_valid(operation: Operation) -> None:
    assert () == modes_that_reject(operation)


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        (
            INVOKE_ENDPOINT,
            {
                "content_type": "text/csv; charset=utf-8",
                "accept": "*/*",
                "custom_attributes": UNUSUAL_BUT_VALID,
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
def test_an_input_with_all_members_is_valid(
    operation: Operation, members: dict[str, Any]
) -> None:
    assert () == modes_that_reject(operation, **members)


def test_the_error_names_the_shape_and_lists_all_problems() -> None:
    params = attrs.evolve(params_of(INVOKE_ENDPOINT), body=None, endpoint_name="")
    validate = compile_validator(INVOKE_ENDPOINT.input, "required")

    with pytest.raises(ParamValidationError) as caught:
        validate(params)

    assert "InvokeEndpointInput" in str(caught.value)
    assert ["endpoint_name", "body"] == [
        problem.split()[0] for problem in caught.value.problems
    ]
    assert all(problem in str(caught.value) for problem in caught.value.problems)


def test_params_of_another_operation_are_rejected() -> None:
    params = params_of(INVOKE_ENDPOINT)

    (problem,) = problems_of(params, "off", INVOKE_ENDPOINT_ASYNC)

    assert "InvokeEndpointInput" in problem
    assert "InvokeEndpointAsyncInput" in problem


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize(
    ("value", "token"),
    [
        (None, "non-empty str"),
        ("", "non-empty str"),
        (b"m", "non-empty str"),
        ("..", "[a-zA-Z0-9](-*[a-zA-Z0-9])*"),
        ("m\n", "[a-zA-Z0-9](-*[a-zA-Z0-9])*"),
        ("m" * 64, "at most 63"),
    ],
)
def test_the_endpoint_name_is_checked_in_every_mode(
    value: object, token: str, mode: ValidationMode
) -> None:
    """It is in the path, where ``..`` would address another resource."""
    (problem,) = problems(mode, endpoint_name=value)

    assert problem.startswith("endpoint_name ")
    assert token in problem
    assert repr(value) in problem


@pytest.mark.parametrize("value", ["a/b", "a?b", "a#b", "%2e", "a b", "-a", "a-", "ü"])
def test_an_endpoint_name_contains_no_special_characters_of_paths(value: str) -> None:
    assert ALL == modes_that_reject(INVOKE_ENDPOINT, endpoint_name=value)


@pytest.mark.parametrize("value", ["m", "M-1", "a--b", "m" * 63])
def test_an_endpoint_name_may_contain_letters_digits_and_inner_hyphens(
    value: str,
) -> None:
    assert () == modes_that_reject(INVOKE_ENDPOINT, endpoint_name=value)


class Incomparable:
    """A value without equality and truth, as a NumPy array of several elements."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError

    def __bool__(self) -> bool:
        raise AssertionError

    __hash__ = None  # type: ignore[assignment] # as an array


@pytest.mark.parametrize(
    "name", ["endpoint_name", "body", "accept", "input_location", "request_ttl_seconds"]
)
def test_a_value_of_another_type_is_rejected(name: str) -> None:
    rejected_by = modes_that_reject(INVOKE_ENDPOINT_ASYNC, **{name: Incomparable()})

    assert ALL == rejected_by


def test_a_header_member_must_be_text(subtests: pytest.Subtests) -> None:
    for operation, name in HEADERS:
        with subtests.test(f"{operation.name}-{name}"):
            for mode in ALL:
                (problem, *_) = problems(mode, operation, **{name: b"x"})
                assert (name, "bytes") == (problem.split()[0], problem.split()[-1])


def test_an_empty_header_member_is_valid(subtests: pytest.Subtests) -> None:
    for operation, name in HEADERS:
        with subtests.test(f"{operation.name}-{name}"):
            assert () == modes_that_reject(operation, **{name: ""})


@given(value=st.text(max_size=8))
def test_a_header_must_be_printable_ascii_or_tabs_in_every_mode(value: str) -> None:
    is_valid = re.fullmatch(r"[ -~\t]*", value) is not None

    for operation, name in HEADERS:
        found = problems("off", operation, **{name: value})

        assert is_valid == (found == []), name


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize("character", ["\r", "\n", "\0", "\x7f", "é", "\ud800", "😹"])
def test_the_problem_names_the_invalid_character(
    character: str, mode: ValidationMode
) -> None:
    (problem,) = problems(mode, target_model=f"m{character}x")

    assert f"target_model has {character!r} at index 1" in problem


def test_a_header_member_has_the_maximum_length_of_the_model(
    subtests: pytest.Subtests,
) -> None:
    for operation, name in HEADERS:
        with subtests.test(f"{operation.name}-{name}"):
            limit = limit_of(operation, name)
            pad = "s3://b/" if name == "input_location" else ""
            longest, longer = pad.ljust(limit, "a"), pad.ljust(limit + 1, "a")

            assert () == modes_that_reject(operation, **{name: longest})
            assert CHECKED == modes_that_reject(operation, **{name: longer})
            (problem,) = problems("strict", operation, **{name: longer})
            assert f"{name} has {limit + 1} characters" in problem


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
def test_only_strict_checks_patterns(
    operation: Operation, name: str, value: str
) -> None:
    assert STRICT == modes_that_reject(operation, **{name: value})
    (problem,) = problems("strict", operation, **{name: value})
    assert problem.startswith(f"{name} {value!r} must match ")


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("request_ttl_seconds", 60, 21_600),
        ("invocation_timeout_seconds", 1, 3600),
    ],
)
def test_only_strict_checks_ranges(name: str, low: int, high: int) -> None:
    def rejecting(value: int) -> tuple[str, ...]:
        return modes_that_reject(INVOKE_ENDPOINT_ASYNC, **{name: value})

    assert () == rejecting(low)
    assert () == rejecting(high)
    assert STRICT == rejecting(low - 1)
    assert STRICT == rejecting(high + 1)
    (problem,) = problems("strict", INVOKE_ENDPOINT_ASYNC, **{name: high + 1})
    for token in (name, str(low), str(high), str(high + 1)):
        assert token in problem


@pytest.mark.parametrize(
    ("checks", "minimum", "maximum", "pattern"),
    [
        (Validation(), False, False, False),
        (Validation(min=True), True, False, False),
        (Validation(max=True), False, True, False),
        (Validation(pattern=True), False, False, True),
        (Validation(required=False, min=True, max=True), True, True, False),
    ],
    ids=str,
)
def test_each_check_can_be_chosen(
    checks: Validation, *, minimum: bool, maximum: bool, pattern: bool
) -> None:
    queue = INVOKE_ENDPOINT_ASYNC

    assert minimum is bool(problems(checks, queue, request_ttl_seconds=59))
    assert maximum is bool(problems(checks, queue, request_ttl_seconds=21_601))
    assert maximum is bool(problems(checks, body=b"0" * 6_291_457))
    assert pattern is bool(problems(checks, target_variant="a_b"))


def test_the_check_of_required_members_can_be_chosen() -> None:
    assert problems(Validation(), body=None)
    assert [] == problems(Validation(required=False), body=None)


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("60", "str: '60'"),
        (60.0, "float: 60.0"),
        (True, "bool: True"),
        (2**31, "32 bits"),
        (-(10**5_000), "32 bits"),
    ],
    ids=["text", "float", "bool", "2**31", "huge"],
)
def test_an_integer_is_checked_in_every_mode(
    value: object, token: str, mode: ValidationMode
) -> None:
    """Python refuses to print an integer of thousands of digits."""
    (problem,) = problems(mode, INVOKE_ENDPOINT_ASYNC, request_ttl_seconds=value)

    assert problem.startswith("request_ttl_seconds ")
    assert token in problem


@pytest.mark.parametrize(
    "operation", [INVOKE_ENDPOINT, INVOKE_ENDPOINT_WITH_RESPONSE_STREAM]
)
def test_a_body_is_required_but_may_be_empty(operation: Operation) -> None:
    assert CHECKED == modes_that_reject(operation, body=None)
    assert () == modes_that_reject(operation, body=b"")
    assert () == modes_that_reject(operation, body="")


BODIES: Final = {
    "bytes": b"abc",
    "bytearray": bytearray(b"abc"),
    "memoryview": memoryview(b"abc"),
    "text": "abc",
    "file": io.BytesIO(b"abc"),
    "FileBody": FileBody(io.BytesIO(b"abc")),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_body_may_be_of_any_type_that_can_be_sent(
    operation: Operation, body: object
) -> None:
    assert () == modes_that_reject(operation, body=body)


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize("value", [io.StringIO("abc"), 42, {"a": 1}])
def test_another_type_of_body_is_rejected_in_every_mode(
    value: object, mode: ValidationMode
) -> None:
    (problem,) = problems(mode, body=value)

    assert f"body is of type {type(value).__name__};" in problem


@pytest.mark.parametrize(
    ("operation", "rejected_by"),
    [
        (INVOKE_ENDPOINT, STRICT),
        (INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, STRICT),
        (INVOKE_ENDPOINT_ASYNC, CHECKED),
    ],
)
def test_only_an_asynchronous_body_is_limited_by_default(
    operation: Operation, rejected_by: tuple[str, ...]
) -> None:
    """The service accepts more than its model says, except for asynchronous calls."""
    limit = limit_of(operation, "body")
    too_large = bytes(limit + 1)

    assert () == modes_that_reject(operation, body=bytes(limit))
    assert rejected_by == modes_that_reject(operation, body=too_large)
    assert rejected_by == modes_that_reject(operation, body=io.BytesIO(too_large))
    (problem,) = problems("strict", operation, body=too_large)
    assert f"body has {limit + 1} bytes" in problem


def test_the_size_of_text_is_in_bytes() -> None:
    text = "é" * 64_001

    (problem,) = problems("required", INVOKE_ENDPOINT_ASYNC, body=text)

    assert "128002" in problem


@pytest.mark.parametrize(
    ("members", "chosen"),
    [
        ({"body": None}, "none"),
        ({"body": None, "input_location": ""}, "none"),
        ({"body": b"", "input_location": "s3://b/k"}, "body and input_location"),
        ({"body": "", "input_location": "s3://b/k"}, "body and input_location"),
    ],
)
def test_exactly_one_of_body_and_location_must_be_set(
    members: dict[str, Any], chosen: str
) -> None:
    (problem,) = problems("required", INVOKE_ENDPOINT_ASYNC, **members)

    assert CHECKED == modes_that_reject(INVOKE_ENDPOINT_ASYNC, **members)
    assert problem.endswith(f"not {chosen}")


def test_each_call_is_checked() -> None:
    operation = INVOKE_ENDPOINT_ASYNC
    validate = compile_validator(operation.input, "strict", one_of=operation.one_of)

    for is_valid, seconds in ((True, 60), (True, 60), (False, 60.0), (True, 60)):
        members: dict[str, Any] = {"request_ttl_seconds": seconds}
        params = InvokeEndpointAsyncInput(endpoint_name="m", body=b"", **members)
        expected = nullcontext() if is_valid else pytest.raises(ParamValidationError)
        with expected:
            validate(params)


@pytest.mark.parametrize(
    "members", [{"body": b""}, {"body": b"x", "input_location": ""}]
)
def test_an_empty_body_is_set_and_an_empty_location_is_not(
    members: dict[str, Any],
) -> None:
    assert () == modes_that_reject(INVOKE_ENDPOINT_ASYNC, **members)


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
def test_custom_attributes_are_not_quoted(
    value: object, operation: Operation, mode: ValidationMode
) -> None:
    """The service model marks them as sensitive."""
    found = problems(mode, operation, custom_attributes=value)

    assert SECRET not in repr(found)
    assert (mode == "off" and value == SECRET * 100) == (found == [])


@pytest.mark.parametrize(
    ("members_set", "is_valid"),
    [
        ({}, True),
        ({"model_invocation_path": "v1/listen", "model_query_string": "a=%20"}, True),
        ({"model_invocation_path": "/v1"}, False),
        ({"model_query_string": "a=b c"}, False),
        ({"model_query_string": "a b"}, False),
    ],
)
@pytest.mark.parametrize("mode", ["required", "strict"])
def test_path_and_query_of_a_stream_are_checked_unless_checks_are_off(
    members_set: dict[str, str], mode: ValidationMode, *, is_valid: bool
) -> None:
    validate = compile_validator(INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM.input, mode)
    params = InvokeEndpointWithBidirectionalStreamInput(
        endpoint_name="m", **members_set
    )

    with nullcontext() if is_valid else pytest.raises(ParamValidationError):
        validate(params)
    compile_validator(INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM.input, "off")(params)
