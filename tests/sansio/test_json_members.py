from __future__ import annotations

import pytest

from sagemaker_rt.sansio.json_members import (
    integer,
    members,
    objects,
    strings,
    text,
    usage_of,
)
from sagemaker_rt.sansio.text_deltas import Usage


def test_members_of_another_type_are_empty() -> None:
    assert (text("a"), text(1), text(None)) == ("a", "", "")
    assert (integer(1), integer("1"), integer(True), integer(1.0)) == (1, *[None] * 3)
    assert (members({"a": 1}), members([]), members(None)) == ({"a": 1}, {}, {})
    assert (list(objects([{}, 1, {"a": 1}])), objects({}), objects(None)) == (
        [{}, {"a": 1}],
        (),
        (),
    )
    assert (strings("a"), strings(["a", 1]), strings({})) == (("a",), ["a", ""], ())


@pytest.mark.parametrize(
    ("value", "earlier", "usage"),
    [
        (None, Usage(1, 2), None),
        ({"p": "1", "c": None}, None, None),
        ({"p": 1}, None, Usage(1, None)),
        ({"p": 1, "c": 2}, None, Usage(1, 2)),
        ({"c": 3}, Usage(1, 2), Usage(1, 3)),
        ({"p": 3}, Usage(1, 2), Usage(3, 2)),
    ],
)
def test_usage_is_completed_by_what_was_reported_before(
    value: object, earlier: Usage | None, usage: Usage | None
) -> None:
    assert usage == usage_of(value, "p", "c", earlier=earlier)
