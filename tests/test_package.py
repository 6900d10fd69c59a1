"""The names of the package: where they live, and that they come when they are used."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

import sagemaker_rt
from sagemaker_rt import errors, options, shapes

SOURCE: Final = Path(sagemaker_rt.__file__).read_text(encoding="utf-8")


def promised() -> dict[str, str]:
    """Return the names that type checkers are told of, with their modules."""
    (block,) = (
        node
        for node in ast.parse(SOURCE).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {
        alias.name: str(node.module).removeprefix("sagemaker_rt.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def loaded_by(program: str) -> set[str]:
    """Return the modules that a fresh interpreter has after *program*."""
    text = f"{program}\nimport sys\nprint(*sys.modules)"
    printed = subprocess.check_output([sys.executable, "-c", text], text=True)
    return set(printed.split())


def test_checkers_are_told_what_is_true() -> None:
    assert sagemaker_rt._HOME_OF == promised()


def test_the_list_is_whole_and_in_order() -> None:
    assert sorted(sagemaker_rt.__all__) == sorted(sagemaker_rt._HOME_OF)
    assert len(set(sagemaker_rt.__all__)) == len(sagemaker_rt.__all__)


@pytest.mark.parametrize(("name", "home"), promised().items())
def test_a_name_is_that_of_its_module(name: str, home: str) -> None:
    module = import_module(f"sagemaker_rt.{home}")

    assert getattr(module, name) is getattr(sagemaker_rt, name)
    assert name in module.__all__


def test_a_name_is_looked_for_once() -> None:
    first = sagemaker_rt.Client

    assert first is vars(sagemaker_rt)["Client"]


def test_every_name_can_be_listed_and_imported_at_once() -> None:
    names: dict[str, Any] = {}

    exec("from sagemaker_rt import *", names)  # noqa: S102 - no function may do so

    assert set(sagemaker_rt.__all__) <= names.keys()
    assert set(sagemaker_rt.__all__) <= set(dir(sagemaker_rt))


@pytest.mark.parametrize("module", [errors, options, shapes])
def test_what_callers_need_is_here(module: Any) -> None:
    own = {
        "options": {name for name in options.__all__ if name.startswith("with_")},
        "shapes": set(shapes.__all__) - {"BodyLike", "OperationOutput"},
    }.get(module.__name__.rpartition(".")[2], set(module.__all__))

    assert set() == own - set(sagemaker_rt.__all__)


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = sagemaker_rt.Cleint  # type: ignore[attr-defined] # what is tested

    assert "module 'sagemaker_rt' has no attribute 'Cleint'" == str(caught.value)
    with pytest.raises(ImportError, match="cannot import name 'Cleint'"):
        exec("from sagemaker_rt import Cleint")  # noqa: S102 - checkers refuse it


def test_importing_the_package_loads_nothing_of_it() -> None:
    loaded = loaded_by("import sagemaker_rt")

    ours = {name for name in loaded if name.startswith("sagemaker_rt")}
    assert {"sagemaker_rt"} == ours
    assert set() == {"asyncio", "aiohttp", "attr", "cattrs"} & loaded


def test_a_name_loads_what_it_needs_and_no_more() -> None:
    loaded = loaded_by("from sagemaker_rt import ModelError")

    assert {"sagemaker_rt", "sagemaker_rt.errors"} == {
        name for name in loaded if name.startswith("sagemaker_rt")
    }


def test_a_client_loads_no_http_before_its_first_call() -> None:
    program = """
from sagemaker_rt import (Client, with_options)
client = Client(with_options(region="eu-west-1"))
client.explain("InvokeEndpoint")
"""

    assert set() == {"aiohttp", "cattrs"} & loaded_by(program)
