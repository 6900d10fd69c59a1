from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from sagemaker_rt import testing


def modules_after(program: str) -> set[str]:
    """Return the modules that a new interpreter has after *program*."""
    text = f"{program}\nimport sys\nprint(*sys.modules)"
    printed = subprocess.check_output([sys.executable, "-c", text], text=True)
    return set(printed.split())


def test_type_checkers_see_the_modules_that_are_imported() -> None:
    tree = ast.parse(Path(testing.__file__).read_text(encoding="utf-8"))

    promised = {
        alias.name: str(node.module).removeprefix("sagemaker_rt.testing.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if str(node.module).startswith("sagemaker_rt")
    }

    assert testing._MODULES == promised
    assert testing.__all__ == sorted(promised)
    assert set(testing.__all__) <= set(dir(testing))


def test_names_are_imported_at_their_first_use() -> None:
    for name in testing.__all__:
        assert getattr(testing, name) is vars(testing)[name]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = testing.Stub  # type: ignore[attr-defined] # what is tested

    assert "'Stub'" in str(caught.value)


def test_importing_the_package_imports_no_modules_of_it() -> None:
    loaded = modules_after("import sagemaker_rt.testing")

    assert {"sagemaker_rt", "sagemaker_rt.testing"} == {
        name for name in loaded if name.startswith("sagemaker_rt")
    }
    assert set() == {"pytest", "asyncio", "aiohttp", "attr", "cattrs"} & loaded


def test_the_names_need_neither_pytest_nor_aiohttp() -> None:
    loaded = modules_after("from sagemaker_rt.testing import *")

    assert set() == {"pytest", "aiohttp", "aioresponses"} & loaded
