"""The keyword arguments for type checkers are the members of the input shapes."""

from __future__ import annotations

import attrs
import pytest

from sagemaker_rt.invocation.members import (
    InvokeMembers,
    Members,
    OptionalMembers,
    QueueMembers,
    StreamMembers,
)
from sagemaker_rt.operations import OPERATIONS

CONTENT = {"body", "input_location"}
"""The members in whose place ``json`` is."""


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("InvokeEndpoint", InvokeMembers),
        ("InvokeEndpointAsync", QueueMembers),
        ("InvokeEndpointWithResponseStream", StreamMembers),
    ],
)
def test_they_are_the_members_of_the_input(operation: str, members: type) -> None:
    expected = {field.name for field in attrs.fields(OPERATIONS[operation].input)}

    assert expected - CONTENT == set(members.__annotations__)


def test_optional_members_lack_the_endpoint_alone() -> None:
    names = set(InvokeMembers.__annotations__) - set(OptionalMembers.__annotations__)

    assert {"endpoint_name"} == names


def test_the_members_of_all_operations_and_json() -> None:
    expected = {
        field.name
        for operation in OPERATIONS.values()
        for field in attrs.fields(operation.input)
    }

    assert expected | {"json"} == set(Members.__annotations__)
