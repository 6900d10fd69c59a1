"""Shapes, operations and errors, compared with the published service model."""

from __future__ import annotations

import json
import re
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt import errors, shapes
from sagemaker_rt.operations import (
    API_VERSION,
    OPERATIONS,
    SERVICE_ID,
    SIGNING_NAME,
    Operation,
)
from sagemaker_rt.sansio.http_bindings import Binding, Header, JSONMember, Label
from tests.conformance.vectors import vectors

INPUTS_AND_OUTPUTS = [
    shape
    for operation in OPERATIONS.values()
    for shape in (operation.input, operation.output)
]
TYPES = {"blob": bytes, "string": str, "integer": int}
# parts of Java patterns that `re` does not support
IN_PYTHON = {r"\p{ASCII}": r"[\x00-\x7f]", r"[\p{Print}]": r"[ -~]", r"\z": r"\Z"}


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    path = vectors("model/botocore-1.44.5/sagemaker-runtime/service-2.json")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def bindings_of(shape: type) -> dict[str, Binding]:
    """Return the bindings of a shape; attributes without one are not in the model."""
    return {
        name: hint.__metadata__[0]
        for name, hint in get_type_hints(shape, include_extras=True).items()
        if hasattr(hint, "__metadata__")
    }


def members_of(shape: type, model: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the members of the model by attribute name, without event streams."""
    modelled = model["shapes"][shape.__name__]
    return {
        xform_name(name): {
            **model["shapes"][member["shape"]],
            **member,
            "wire_name": member.get("locationName", name),
            "is_payload": name == modelled.get("payload"),
            "is_required": name in modelled.get("required", ()),
        }
        for name, member in modelled["members"].items()
        if not model["shapes"][member["shape"]].get("eventstream")
    }


def expected_binding(member: dict[str, Any]) -> tuple[type | str, str | None]:
    if member["is_payload"]:
        return "Payload", None
    kinds = {"header": "Header", "uri": "Label", None: "JSONMember"}
    return kinds[member.get("location")], member["wire_name"]


def test_the_service_metadata_is_that_of_the_model(model: dict[str, Any]) -> None:
    assert model["metadata"]["serviceId"] == SERVICE_ID
    assert model["metadata"]["apiVersion"] == API_VERSION
    assert model["metadata"]["signingName"] == SIGNING_NAME


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_is_that_of_the_model(
    operation: Operation, model: dict[str, Any]
) -> None:
    modelled = model["operations"][operation.name]
    output = model["shapes"][modelled["output"]["shape"]]
    is_stream = any(
        model["shapes"][member["shape"]].get("eventstream")
        for member in output["members"].values()
    )

    assert ("POST", operation.path) == tuple(modelled["http"].values())[:2]
    assert modelled["input"]["shape"] == operation.input.__name__
    assert modelled["output"]["shape"] == operation.output.__name__
    assert is_stream == operation.is_stream
    assert {error["shape"] for error in modelled["errors"]} <= {
        error.__name__ for error in operation.errors
    }


def test_all_operations_are_in_the_model(model: dict[str, Any]) -> None:
    assert set(model["operations"]) == set(OPERATIONS)


@pytest.mark.parametrize("shape", INPUTS_AND_OUTPUTS)
def test_each_member_has_the_location_in_the_model(
    shape: type, model: dict[str, Any]
) -> None:
    expected = {n: expected_binding(m) for n, m in members_of(shape, model).items()}

    actual = {
        name: (type(binding).__name__, getattr(binding, "name", None))
        for name, binding in bindings_of(shape).items()
    }

    assert expected == actual


@pytest.mark.parametrize("shape", INPUTS_AND_OUTPUTS)
def test_each_member_has_the_type_in_the_model(
    shape: type, model: dict[str, Any]
) -> None:
    hints = get_type_hints(shape)
    for name, member in members_of(shape, model).items():
        types = get_args(hints[name]) or (hints[name],)

        assert TYPES[member["type"]] in types, name
        assert member["is_required"] != (type(None) in types), name


@pytest.mark.parametrize("shape", INPUTS_AND_OUTPUTS)
def test_sensitive_members_are_hidden_in_the_repr(
    shape: type, model: dict[str, Any]
) -> None:
    shown = {field.name: field.repr is True for field in attrs.fields(shape)}

    for name, member in members_of(shape, model).items():
        assert shown[name] != member.get("sensitive", False), name


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_each_input_has_the_limits_of_the_model(
    operation: Operation, model: dict[str, Any]
) -> None:
    bindings = bindings_of(operation.input)

    for name, member in members_of(operation.input, model).items():
        binding = bindings[name]
        assert not isinstance(binding, JSONMember)
        limits = (binding.constraints.min, binding.constraints.max)
        assert (member.get("min"), member.get("max")) == limits, name
        has_pattern = binding.constraints.pattern is not None
        assert ("pattern" in member) == has_pattern, name


@given(
    value=st.text("aZ0-_.*'()/!: ~=;?é", max_size=12)
    | st.from_regex(r"(s3|https)://[a-z0-9./-]*", fullmatch=True)
    | st.sampled_from(["NEW_SESSION", "NEW_SESSIONS", "a.b", "a.b.c", "a--b", "a-"])
)
def test_a_pattern_matches_as_that_of_the_model(
    value: str, model: dict[str, Any]
) -> None:
    for operation in OPERATIONS.values():
        bindings = bindings_of(operation.input)
        for name, member in members_of(operation.input, model).items():
            binding, text = bindings[name], member.get("pattern")
            if text is None or not isinstance(binding, Label | Header):
                continue
            for java, python in IN_PYTHON.items():
                text = text.replace(java, python)
            pattern = binding.constraints.pattern
            assert pattern is not None
            assert (re.fullmatch(text, value) is not None) == (
                pattern.compile().fullmatch(value) is not None
            )


def test_each_error_has_code_status_and_fault_of_the_model(
    model: dict[str, Any],
) -> None:
    for name, shape in model["shapes"].items():
        if shape.get("exception"):
            error = getattr(errors, name)()

            assert name == error.code
            assert shape.get("error", {}).get("httpStatusCode") == error.http_status
            assert ("server" if shape.get("fault") else "client") == error.fault


def test_each_error_has_the_members_of_the_model(
    model: dict[str, Any],
) -> None:
    for name, shape in model["shapes"].items():
        if shape.get("exception"):
            members = {xform_name(member) for member in shape["members"]}

            assert {
                m for m in members if not hasattr(getattr(errors, name)(), m)
            } == set()


def test_an_event_has_the_payload_of_the_model(model: dict[str, Any]) -> None:
    members = model["shapes"]["PayloadPart"]["members"]

    names = [field.name for field in attrs.fields(shapes.PayloadPart)]

    assert [xform_name(member) for member in members] == names
