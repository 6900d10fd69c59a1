from __future__ import annotations

import sys
from importlib import import_module

import pytest

from sagemaker_rt.errors import OptionsError

PACKAGE = "sagemaker_rt.batch.dask"


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Forget the modules of the package until the end of the test."""
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        monkeypatch.delitem(sys.modules, name)
    return monkeypatch


def test_a_missing_dask_is_reported_with_its_extra(
    without: pytest.MonkeyPatch,
) -> None:
    without.setitem(sys.modules, "distributed", None)

    with pytest.raises(OptionsError, match=r"sagemaker-rt\[dask\]"):
        import_module(PACKAGE)


def test_another_missing_module_is_not_reported_as_dask(
    without: pytest.MonkeyPatch,
) -> None:
    without.setitem(sys.modules, f"{PACKAGE}.cluster_run", None)

    with pytest.raises(ModuleNotFoundError):
        import_module(PACKAGE)
