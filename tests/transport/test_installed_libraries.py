from __future__ import annotations

import sys

import pytest

from sagemaker_rt.transport.installed_libraries import is_installed


def test_a_library_is_found_without_importing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert is_installed("httptools")
    assert not is_installed("a_library_that_does_not_exist")

    monkeypatch.setitem(sys.modules, "httptools", None)

    assert not is_installed("httptools")
