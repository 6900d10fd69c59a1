"""The table of features in this folder's README: each name in it exists."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import boto3

import sagemaker_rt
import sagemaker_rt.batch.dask
from sagemaker_rt import batch, load, testing
from sagemaker_rt.context import Metadata
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.operations import OPERATIONS
from sagemaker_rt.options import Options

FOLDER: Final = Path(__file__).parent
ROW: Final = re.compile(r"^\| ([^*|][^|]*?) \|(?:.*?\|){6} (.+) \|$", re.MULTILINE)
ENDING: Final = re.compile(r" \*\((idiom|n-op|planned)\)\*$")
CODE: Final = re.compile(r"`([^`]+)`")
NAME: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(?=$|[(=])")
NAMES: Final[Mapping[str, object]] = {
    **{name: getattr(sagemaker_rt, name) for name in sagemaker_rt.__all__},
    **{name: getattr(testing, name) for name in testing.__all__},
    **dict.fromkeys(Options().flat()),
    "Emulator": Emulator,
    "batch": batch,
    "client": sagemaker_rt.Client,
    "load": load,
    "metadata": Metadata,
    "output": sagemaker_rt.InvokeEndpointOutput,
}
STATEMENTS: Final = ("async for event in stream", "async with")


def rows() -> list[tuple[str, str, str]]:
    """Return feature, what there is here, and how the row ends."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n## Features\n")[2].partition("\n## ")[0]
    found: list[tuple[str, str, str]] = []
    for feature, ours in ROW.findall(section):
        ending = ENDING.search(ours)
        found.append((feature, ENDING.sub("", ours), ending[1] if ending else "native"))
    return found[1:]  # without the head of the table


def exists(code: str) -> bool:
    """Return whether *code* begins with a public name whose attributes exist."""
    found = NAME.match(code)
    if found is None or found.group().partition(".")[0] not in NAMES:
        return code in STATEMENTS
    first, *rest = found.group().split(".")
    owner: Any = NAMES[first]
    for attribute in rest:
        if not hasattr(owner, attribute) and attribute not in fields_of(owner):
            return False
        owner = Metadata if attribute == "metadata" else getattr(owner, attribute, None)
    return True


def fields_of(owner: Any) -> set[str]:
    if isinstance(owner, type) and attrs.has(owner):
        return set(attrs.fields_dict(owner))
    names = getattr(getattr(owner, "__init__", None), "__code__", None)
    return set(names.co_names) if names is not None else set()


def test_each_native_feature_names_what_exists() -> None:
    missing = [
        (feature, code)
        for feature, ours, ending in rows()
        if ending == "native"
        for code in CODE.findall(ours)
        if not exists(code)
    ]

    assert [] == missing


def test_a_name_that_does_not_exist_would_be_noticed() -> None:
    codes = ["with_nothing", "client.nothing", "nothing", "InvokeEndpointInput.nothing"]

    assert [False] * 4 == [exists(code) for code in codes]


def test_features_are_listed_once() -> None:
    count = Counter(feature for feature, _, _ in rows())

    assert len(count) > 150
    assert [] == [feature for feature, times in count.items() if times > 1]


def test_each_idiom_has_an_example() -> None:
    idioms = [feature for feature, _, ending in rows() if ending == "idiom"]
    examples = [
        node.name
        for file in sorted(FOLDER.glob("test_idioms_of_*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test_")
    ]

    assert len(idioms) <= len(examples)


def test_no_operation_has_pages_or_waiters() -> None:
    peer = boto3.client("sagemaker-runtime", region_name="us-east-1")

    methods = peer.meta.method_to_api_mapping

    assert OPERATIONS.keys() == set(methods.values())
    assert not any(map(peer.can_paginate, methods))
    assert [] == peer.waiter_names
