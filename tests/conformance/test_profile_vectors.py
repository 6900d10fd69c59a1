"""The grammar of the shared files, by the cross-SDK cases."""

from __future__ import annotations

import json
from typing import NotRequired, TypedDict

import pytest

from sagemaker_rt.errors import SharedConfigError
from sagemaker_rt.sansio.shared_config import Profiles, merge, parse
from tests.conformance.vectors import entries


class Files(TypedDict):
    configFile: NotRequired[str]
    credentialsFile: NotRequired[str]


class Output(TypedDict):
    config: NotRequired[dict[str, dict[str, dict[str, str]]]]
    errorContaining: NotRequired[str]


class Case(TypedDict):
    name: str
    input: Files
    output: Output


CASES: list[Case] = [
    case
    for path in entries("config", "profile-parser-tests.json")
    for case in json.loads(path.read_text("utf-8"))["tests"]
]


def read(files: Files) -> Profiles:
    return merge(
        parse(files.get("configFile", ""), kind="config", file="config"),
        parse(files.get("credentialsFile", ""), kind="credentials", file="credentials"),
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_files_are_parsed_as_by_the_other_sdks(case: Case) -> None:
    problem = case["output"].get("errorContaining")
    if problem is not None:
        with pytest.raises(SharedConfigError) as caught:
            read(case["input"])
        assert problem.lower() in str(caught.value)
        return

    found = read(case["input"])

    assert case["output"].get("config") == {
        "profiles": {
            name: {key: value.value for key, value in section.items()}
            for name, section in found.profiles.items()
        }
    }


def test_every_case_is_read() -> None:
    for path in entries("config", "profile-parser-tests.json"):
        assert 32 == len(CASES) == len(json.loads(path.read_text("utf-8"))["tests"])
