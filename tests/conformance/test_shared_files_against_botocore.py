"""Generated texts of the shared files, parsed by botocore and by this package.

What botocore reads, this package reads. These differences are not generated, since the
cross-SDK cases require them: comments after a value, ``:`` between a name and its
value, names of properties with other characters, and sections with the same title.
"""

from __future__ import annotations

from collections.abc import Mapping
from configparser import DuplicateOptionError
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigParseError
from hypothesis import example, given
from hypothesis import strategies as st

from sagemaker_rt.errors import SharedConfigError
from sagemaker_rt.sansio.shared_config import (
    FileKind,
    Profiles,
    Property,
    nested,
    parse,
)

INDENTS: Final = ("", "", " ", "  ", "\t", "    ")
NAMES: Final = (
    "a",
    "'my dev'",
    '"dev"',
    "team!",
    "müller",
    "a\\ b",
    "it's",
    "a b",
    '"x',
)
TITLES: Final = (
    "default",
    *(f"profile {name}" for name in NAMES),
    "profile\tb-1",
    "sso-session 'my sso'",
    "services s",
    "plugins",
)
LINES: Final = (
    "region = eu-west-1",
    "output=json",
    "region=",
    "s3 =",
    "max = 3",
    "invalid",
    "endpoint_url = http://127.0.0.1:8080/a=b",
    "# comment = 1",
    "; comment",
    "#",
    "",
    "aws_access_key_id\t=\tAKID",
    "NAME = Value ",
    "\u00a0x = 1",
)


def name_of(line: str) -> str:
    return line.partition("=")[0].strip().lower()


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw the text of a file in which no section and no property occurs twice."""
    titles = draw(st.lists(st.sampled_from(TITLES), max_size=3, unique=True))
    lines: list[str] = []
    for title in titles:
        lines.append(f"{draw(st.sampled_from(INDENTS))}[{title}]")
        body = draw(st.lists(st.sampled_from(LINES), max_size=6, unique_by=name_of))
        lines += [f"{draw(st.sampled_from(INDENTS))}{line}" for line in body]
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


def values(section: Mapping[str, Property]) -> dict[str, Any]:
    """Return *section* in the form of botocore, with nested properties as a dict."""
    return {
        name: (
            {key: inner.value for key, inner in nested(found).items()}
            if found.value.startswith("\n")
            else found.value
        )
        for name, found in section.items()
    }


def plain(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section of botocore, without blank lines and with lower-case names."""
    return {
        name: (
            {key.lower(): inner for key, inner in value.items()}
            if isinstance(value, dict)
            else "\n".join(line for line in value.split("\n") if line)
        )
        for name, value in section.items()
    }


def require_same(expected: Mapping[str, Any], found: Profiles) -> None:
    for name, section in expected.items():
        ours = found.find(name)
        assert ours is not None, name
        assert plain(section) == values(ours)
    assert found.profiles.keys() | found.unlisted.keys() == expected.keys()


def require_refused(text: str, kind: FileKind, error: ConfigParseError) -> None:
    """Check that *text* is refused too, unless botocore only dislikes repetition."""
    # a title that is part of a value makes properties of two sections meet in one
    if isinstance(error.kwargs["error"], DuplicateOptionError):
        return
    with pytest.raises(SharedConfigError, match=r"f, line \d+: "):
        parse(text, kind=kind, file="f")


@given(text=texts())
@example(text="[default]\n  region = us-east-1\n  output = json")
@example(text="[default]\nregion = us-east-1\n  # comment\n  ; comment")
@example(text="[profile 'my dev']\nregion = us-east-1\n[profile \"dev\"]\nregion = x")
@example(text="[default]\ns3 =\n  max = 3\nregion = x")
@example(text="[default]\ns3 =\n  invalid")
@example(text="  [default]\n  region = x\n    y\n  [profile a]\n output = json")
def test_what_botocore_reads_from_the_config_file_is_read_alike(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "config"
    path.write_text(text, "utf-8", newline="")

    try:
        expected = load_config(str(path))
    except ConfigParseError as error:
        require_refused(text, "config", error)
        return
    found = parse(text, kind="config", file="f")

    require_same(expected["profiles"], found)
    for kind, ours in (
        ("sso_sessions", found.sso_sessions),
        ("services", found.services),
    ):
        assert {name: plain(section) for name, section in expected[kind].items()} == {
            name: values(section) for name, section in ours.items()
        }


@given(text=texts())
@example(text="[my dev]\naws_access_key_id = AKID")
def test_what_botocore_reads_from_the_credentials_file_is_read_alike(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "credentials"
    path.write_text(text, "utf-8", newline="")

    try:
        expected = raw_config_parse(str(path))
    except ConfigParseError as error:
        require_refused(text, "credentials", error)
        return

    require_same(expected, parse(text, kind="credentials", file="f"))
