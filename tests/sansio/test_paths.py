from __future__ import annotations

import pytest

from sagemaker_rt.sansio.paths import expand_path, home_folder

ENVIRON = {"HOME": "/home/me", "DIR": "/etc/aws", "NAME": "ca", "EMPTY": ""}


@pytest.mark.parametrize(
    ("path", "expanded"),
    [
        ("/ca.pem", "/ca.pem"),
        ("~", "/home/me"),
        ("~/ca.pem", "/home/me/ca.pem"),
        ("~\\ca.pem", "/home/me\\ca.pem"),
        ("$HOME/ca.pem", "/home/me/ca.pem"),
        ("${HOME}/ca.pem", "/home/me/ca.pem"),
        ("$DIR/${NAME}.pem", "/etc/aws/ca.pem"),
        ("a/$EMPTY/b", "a//b"),
        ("$NONE/ca.pem", "$NONE/ca.pem"),
        ("${NONE}", "${NONE}"),
        ("${}", "${}"),
        ("a$", "a$"),
        ("a/~/b", "a/~/b"),
        ("~other/ca.pem", "~other/ca.pem"),
    ],
)
def test_home_and_variables_are_replaced(path: str, expanded: str) -> None:
    assert expanded == expand_path(path, ENVIRON)


def test_a_variable_may_begin_with_the_home_folder() -> None:
    assert "/me/x" == expand_path("$A/x", {"A": "~", "HOME": "/me"})


def test_a_value_of_a_variable_is_not_expanded_again() -> None:
    assert "$B/x" == expand_path("$A/x", {"A": "$B", "B": "b"})


@pytest.mark.parametrize(
    ("environ", "home"),
    [
        ({"HOME": "/a", "USERPROFILE": "/b"}, "/a"),
        ({"HOME": "", "USERPROFILE": "/b"}, "/b"),
        ({}, None),
    ],
)
def test_the_first_home_that_is_set_is_used(
    environ: dict[str, str], home: str | None
) -> None:
    assert home == home_folder(environ)
    assert f"{home or '~'}/x" == expand_path("~/x", environ)


def test_a_home_folder_may_be_passed() -> None:
    assert "/me/x" == expand_path("~/x", {}, home="/me")
    assert "/a/x" == expand_path("~/x", {"HOME": "/a"}, home="/me")
    assert "/" == expand_path("~", {"HOME": "/"})
