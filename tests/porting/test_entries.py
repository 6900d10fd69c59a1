from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.porting import entries
from sagemaker_rt.porting.entries import (
    Entries,
    Found,
    Into,
    Nested,
    Nothing,
    Refused,
    Several,
    found,
)


def doubled(value: int) -> int:
    if value < 0:
        message = "give a number from 0"
        raise ValueError(message)
    return 2 * value


ENTRIES: Entries = {
    "plain": Into("region"),
    "read": Into("port", doubled),
    "several": Several(lambda value: {"region": value, "profile": value}),
    "inner": Nested({"deep": Nested({"plain": Into("region")})}),
    "nothing": Nothing(),
    "elsewhere": Nothing("is done elsewhere"),
    "refused": Refused("do it otherwise", (False,)),
}


@pytest.fixture(autouse=True)
def _nothing_is_told_yet() -> Iterator[None]:
    entries._told.clear()
    yield
    entries._told.clear()


def test_a_value_is_found_under_its_option_with_the_name_that_said_it() -> None:
    settings = {
        "plain": "a",
        "read": 2,
        "several": "b",
        "inner": {"deep": {"plain": 1}},
    }

    told = list(found(ENTRIES, settings))

    assert [
        Found("plain", "region", "a"),
        Found("read", "port", 4),
        Found("several", "region", "b"),
        Found("several", "profile", "b"),
        Found("inner.deep.plain", "region", 1),
    ] == told


def test_none_says_nothing() -> None:
    settings = dict.fromkeys(ENTRIES)

    assert [] == list(found(ENTRIES, settings))


def test_what_has_no_meaning_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    settings = {"nothing": True, "elsewhere": 1}

    with caplog.at_level(logging.DEBUG, logger=entries.__name__):
        again = [list(found(ENTRIES, settings)) for _ in range(2)]

    assert [[], []] == again
    assert [
        "nothing has no meaning for SageMaker Runtime",
        "elsewhere is done elsewhere",
    ] == caplog.messages


def test_what_would_be_so_anyway_is_not_refused() -> None:
    assert [] == list(found(ENTRIES, {"refused": False}))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"refused": True}, "refused cannot be carried over: do it otherwise"),
        ({"read": -1}, "read cannot be carried over: give a number from 0"),
        (
            {"inner": {"deep": 1}},
            "inner.deep cannot be carried over: give a mapping of its settings",
        ),
        ({"plane": 1}, "there is no setting 'plane'; did you mean 'plain'?"),
        (
            {"inner": {"depp": None}},
            "there is no setting 'inner.depp'; did you mean 'deep'?",
        ),
    ],
)
def test_what_cannot_be_read_is_named(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        list(found(ENTRIES, settings))

    assert message == str(caught.value)
