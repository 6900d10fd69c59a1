"""The table of features, held against what there is."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

import sagemaker_rt
from sagemaker_rt import testing
from sagemaker_rt.context import Metadata
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.options import Options
from tests.features.row import ENDINGS, IDIOM, N_OP, NATIVE, PEERS, RESERVED, Row
from tests.features.rows import ROWS
from tests.features.table import README, between_the_marks, table

ROOT: Final = Path(__file__).parent.parent.parent
CODE: Final = re.compile(r"`([^`]+)`")
NAME: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(?=$|[(\s])")
NAMES: Final[Mapping[str, object]] = {
    **{name: getattr(sagemaker_rt, name) for name in sagemaker_rt.__all__},
    **{name: getattr(testing, name) for name in testing.__all__},
    **dict.fromkeys(Options().flat()),
    "Emulator": Emulator,
    "client": sagemaker_rt.Client,
    "metadata": Metadata,
    "output": sagemaker_rt.InvokeEndpointOutput,
}
STATEMENTS: Final = ("async for event in stream", "async with")


def titled(row: Row) -> str:
    return row.feature


@lru_cache
def functions_in(file: str) -> Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node for node in ast.walk(tree) if isinstance(node, kinds)}


def is_there(code: str) -> bool:
    """Tell whether *code* begins with a name of ours, and its attributes exist."""
    found = NAME.match(code)
    if found is None:
        return code in STATEMENTS
    first, *rest = found.group().split(".")
    if first not in NAMES:
        return code in STATEMENTS
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


@pytest.mark.parametrize("row", ROWS, ids=titled)
def test_a_row_ends_in_one_of_four_ways(row: Row) -> None:
    assert row.ending in ENDINGS
    assert row.ours.strip()
    assert set(row.who) <= PEERS.keys()


@pytest.mark.parametrize("row", ROWS, ids=titled)
def test_a_row_is_held_by_a_test_that_tests_something(row: Row) -> None:
    file, _, name = row.test.partition("::")

    test = functions_in(file)[name]

    kinds = {type(node) for node in ast.walk(test)}
    assert name.startswith("test_")
    assert kinds & {ast.Assert, ast.With}, "it asserts nothing"


@pytest.mark.parametrize("row", [r for r in ROWS if r.ending == NATIVE], ids=titled)
def test_what_is_ours_exists(row: Row) -> None:
    missing = [code for code in CODE.findall(row.ours) if not is_there(code)]

    assert [] == missing


def test_a_name_that_is_not_ours_would_be_noticed() -> None:
    codes = ["with_nothing", "client.nothing", "nothing", "InvokeEndpointInput.nothing"]

    assert [False] * 4 == [is_there(code) for code in codes]


@pytest.mark.parametrize("row", ROWS, ids=titled)
def test_a_row_is_not_held_by_a_test_of_the_emulator_alone(row: Row) -> None:
    is_of_the_emulator = row.test.startswith("tests/emulator/")

    assert ("`Emulator`" == row.ours) == is_of_the_emulator


@pytest.mark.parametrize("row", [r for r in ROWS if r.ending == IDIOM], ids=titled)
def test_an_idiom_is_an_example_here(row: Row) -> None:
    assert row.test.startswith("tests/features/test_idioms_of_")


@pytest.mark.parametrize("row", [r for r in ROWS if r.ending == N_OP], ids=titled)
def test_what_has_no_meaning_is_known_elsewhere(row: Row) -> None:
    assert row.test.startswith(("tests/porting/", "tests/features/test_reserved"))


def test_one_operation_alone_is_reserved() -> None:
    reserved = [row.feature for row in ROWS if row.ending == RESERVED]

    assert ["streams both ways: InvokeEndpointWithBidirectionalStream"] == reserved


def test_every_idiom_has_a_row() -> None:
    files = sorted((ROOT / "tests/features").glob("test_idioms_of_*.py"))
    names = {
        f"{file.relative_to(ROOT).as_posix()}::{name}"
        for file in files
        for name in functions_in(file.relative_to(ROOT).as_posix())
        if name.startswith("test_")
    }

    assert set() == names - {row.test for row in ROWS} - BESIDE


BESIDE: Final = {
    f"tests/features/test_idioms_of_{file}.py::{name}"
    for file, name in (
        ("calls", "test_a_call_is_given_up_by_cancelling_its_task"),
        ("calls", "test_an_error_in_a_callback_goes_to_the_loops_handler"),
        ("calls", "test_what_ended_a_stream_is_kept_by_it"),
        ("stacks", "test_a_hook_that_modifies_writes_on_its_input"),
        ("stacks", "test_each_hook_sees_what_interceptors_see_there"),
        ("stacks", "test_the_readme_says_where_each_hook_stands"),
        ("values", "test_a_lens_to_what_is_not_there_is_refused"),
        ("values", "test_a_mapping_is_given_by_its_names"),
        ("values", "test_a_response_is_made_by_its_class"),
        ("values", "test_an_unknown_name_is_refused_with_a_hint"),
        ("values", "test_what_is_required_is_missed_by_the_class"),
    )
}
"""Examples that say more of a row which another one holds."""


def test_no_feature_is_listed_twice() -> None:
    count = Counter(row.feature for row in ROWS)

    assert [] == [feature for feature, times in count.items() if times > 1]


def test_the_readme_shows_the_table() -> None:
    shown = between_the_marks(README.read_text(encoding="utf-8"))

    assert table() == shown, "python -m tests.features rewrites it"
