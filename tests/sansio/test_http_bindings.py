from __future__ import annotations

from typing import Annotated

import pytest
from attrs import frozen

from sagemaker_rt.sansio.http_bindings import (
    UNCONSTRAINED,
    Constraints,
    Header,
    JSONMember,
    Label,
    Member,
    Pattern,
    Payload,
    bindings_of,
    members,
)


@frozen(kw_only=True)
class Order:
    """A shape with each kind of binding, and an attribute without one."""

    name: Annotated[str, Label("Name")]
    count: Annotated[int | None, Header("X-Count")] = None
    payload: Annotated[bytes | None, Payload()] = None
    note: Annotated[str | None, JSONMember("Note")] = None
    remark: str = ""


def test_members_are_the_attributes_that_have_a_binding() -> None:
    assert (
        Member("name", Label("Name"), is_integer=False, is_required=True),
        Member("count", Header("X-Count"), is_integer=True, is_required=False),
        Member("payload", Payload(), is_integer=False, is_required=False),
        Member("note", JSONMember("Note"), is_integer=False, is_required=False),
    ) == members(Order)


def test_bindings_are_selected_by_kind() -> None:
    assert {"count": Header("X-Count")} == bindings_of(Order, Header)
    assert {"payload": Payload()} == bindings_of(Order, Payload)


@pytest.mark.parametrize(
    ("text", "value", "matches"),
    [
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc1", False),
        ("[a-z]+", "1abc", False),
        ("[a-z]+", "abc\n", False),
        ("[a-z]+", "", False),
        ("a.b", "a\nb", True),
        ("", "", True),
    ],
)
def test_a_pattern_must_match_the_whole_value(
    text: str, value: str, matches: bool
) -> None:
    assert matches == (Pattern(text).compile().fullmatch(value) is not None)


@pytest.mark.parametrize("binding", [Label("L"), Header("H"), Payload()])
def test_a_member_is_unconstrained_by_default(
    binding: Label | Header | Payload,
) -> None:
    assert UNCONSTRAINED is binding.constraints
    assert Constraints(min=None, max=None, pattern=None) == UNCONSTRAINED


def test_the_size_of_a_payload_is_not_enforced_by_default() -> None:
    assert not Payload(Constraints(max=1)).is_limited
    assert Payload(Constraints(max=1), is_limited=True).is_limited


def test_bindings_are_hashable() -> None:
    assert Header("Accept") == Header("Accept")
    assert len({Label("A"), Label("A"), JSONMember("A"), JSONMember("A")}) == 2
