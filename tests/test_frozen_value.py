"""Values behave like the classes that attrs generates in full."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from attrs import field, frozen

from sagemaker_rt.frozen_value import FrozenValue


def size(value: object) -> str:
    return f"<{len(str(value))}>"


@frozen(eq=False, repr=False)
class Place(FrozenValue):
    city: str = field(eq=str.lower)
    visitors: object = None
    secret: str = field(default="s3cr3t", repr=False)
    note: str = field(default="", repr=size, eq=False)


@frozen
class Generated:
    city: str = field(eq=str.lower)
    visitors: object = None
    secret: str = field(default="s3cr3t", repr=False)
    note: str = field(default="", repr=size, eq=False)


class Village(Place):
    pass


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"city": "Rome"}, {"city": "Rome"}),
        ({"city": "Rome"}, {"city": "ROME", "note": "not compared"}),
        ({"city": "Rome"}, {"city": "Bonn"}),
        ({"city": "Rome"}, {"city": "Rome", "secret": "other"}),
        ({"city": "Rome", "visitors": 1}, {"city": "Rome", "visitors": 1.0}),
    ],
)
def test_values_are_compared_hashed_and_shown_like_generated_ones(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    expected = Generated(**one) == Generated(**other)

    assert expected == (Place(**one) == Place(**other))
    assert expected == (hash(Place(**one)) == hash(Place(**other)))
    assert repr(Generated(**other)) == repr(Place(**other)).replace(
        "Place", "Generated"
    )


def test_only_values_of_the_same_class_are_equal() -> None:
    assert Place("Rome") != Generated("Rome")
    assert Place("Rome") != Village("Rome")
    assert Village("Rome") == Village("Rome")
    assert "Village(city='Rome', visitors=None, note=<0>)" == repr(Village("Rome"))


def test_a_value_is_hashable_only_if_its_attributes_are() -> None:
    with pytest.raises(TypeError, match="unhashable type: 'list'"):
        hash(Place("Rome", []))


def test_a_value_that_contains_itself_is_shown() -> None:
    visitors: list[object] = []
    place = Place("Rome", visitors)
    visitors.append(place)

    assert "Place(city='Rome', visitors=[...], note=<0>)" == repr(place)


def test_a_value_is_pickled() -> None:
    place = Place("Rome", note="caput mundi")

    assert repr(place) == repr(pickle.loads(pickle.dumps(place)))  # noqa: S301 - our own
