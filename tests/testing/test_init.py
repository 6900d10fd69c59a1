from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from sagemaker_rt import testing


def loaded_by(program: str) -> set[str]:
    """Return the modules that a fresh interpreter has after *program*."""
    text = f"{program}\nimport sys\nprint(*sys.modules)"
    printed = subprocess.check_output([sys.executable, "-c", text], text=True)
    return set(printed.split())


def test_checkers_are_told_what_is_true() -> None:
    tree = ast.parse(Path(testing.__file__).read_text(encoding="utf-8"))

    promised = {
        alias.name: str(node.module).removeprefix("sagemaker_rt.testing.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if str(node.module).startswith("sagemaker_rt")
    }

    assert testing._HOME_OF == promised
    assert testing.__all__ == sorted(promised)
    assert set(testing.__all__) <= set(dir(testing))


def test_names_come_when_they_are_used() -> None:
    for name in testing.__all__:
        assert getattr(testing, name) is vars(testing)[name]


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = testing.Stub  # type: ignore[attr-defined] # what is tested

    text = "module 'sagemaker_rt.testing' has no attribute 'Stub'"
    assert text == str(caught.value)


def test_importing_the_package_loads_nothing_of_it() -> None:
    loaded = loaded_by("import sagemaker_rt.testing")

    assert {"sagemaker_rt", "sagemaker_rt.testing"} == {
        name for name in loaded if name.startswith("sagemaker_rt")
    }
    assert set() == {"pytest", "asyncio", "aiohttp", "attr", "cattrs"} & loaded


def test_nothing_but_the_plugin_needs_pytest_and_nothing_needs_aiohttp() -> None:
    loaded = loaded_by("from sagemaker_rt.testing import *")

    assert set() == {"pytest", "aiohttp", "aioresponses"} & loaded
