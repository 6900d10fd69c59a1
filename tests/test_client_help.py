"""What `inspect.signature` and `help` show of the operations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, get_overloads

import attrs
import pytest

from sagemaker_rt import operations
from sagemaker_rt.client import Client
from sagemaker_rt.operations import Operation

METHODS = pytest.mark.parametrize(
    ("method", "operation"),
    [
        (Client.invoke_endpoint, operations.INVOKE_ENDPOINT),
        (Client.invoke_endpoint_async, operations.INVOKE_ENDPOINT_ASYNC),
        (
            Client.invoke_endpoint_with_response_stream,
            operations.INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
        ),
    ],
    ids=["unary", "async", "stream"],
)


@METHODS
def test_the_signature_lists_all_members_with_their_types(
    method: Callable[..., Any], operation: Operation
) -> None:
    _, params, opts, *members = inspect.signature(method).parameters.values()
    json = members.pop([member.name for member in members].index("body") + 1)

    assert (params.annotation, opts.annotation) == (operation.input.__name__, "Option")
    assert "json: 'object' = None" == str(json)
    for member, field in zip(members, attrs.fields(operation.input), strict=True):
        assert member.name == field.name
        annotation = operation.input.__annotations__[field.name]
        assert annotation.startswith(f"Annotated[{member.annotation}, ")
        if field.default is attrs.NOTHING:
            assert repr(member.default) == "<required>"
        else:
            assert member.default == field.default


@METHODS
def test_the_signature_accepts_a_shape_or_members(
    method: Callable[..., Any], operation: Operation
) -> None:
    signature = inspect.signature(method)

    signature.bind("client", "a shape", "an option")
    signature.bind("client", "an option", endpoint_name="m", body=b"")
    with pytest.raises(TypeError, match="read_timeout"):
        signature.bind("client", endpoint_name="m", body=b"", read_timeout=5)
    signature.bind("client", endpoint_name="m", json={})


@METHODS
def test_the_result_is_that_of_the_overloads(
    method: Callable[..., Any], operation: Operation
) -> None:
    returned = {
        inspect.signature(form).return_annotation for form in get_overloads(method)
    }

    assert {inspect.signature(method).return_annotation} == returned


@METHODS
def test_the_docstring_describes_all_parameters(
    method: Callable[..., Any], operation: Operation
) -> None:
    _, *parameters = inspect.signature(method).parameters
    _, _, section = str(inspect.getdoc(method)).partition("Args:\n")

    assert (
        re.findall(r"^    (\w+): \S", section.split("\n\n")[0], re.MULTILINE)
        == parameters
    )
