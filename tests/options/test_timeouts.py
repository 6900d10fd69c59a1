from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.http import Timeouts
from sagemaker_rt.options import Options, with_options
from sagemaker_rt.options.timeouts import TimeoutOptions


def test_the_defaults() -> None:
    options = TimeoutOptions()

    assert (5.0, 60.0, 70.0, None) == (
        options.per_attempt.connect,
        options.pool_timeout,
        options.read_timeout,
        options.total_timeout,
    )


def test_an_attempt_has_the_same_defaults() -> None:
    assert Timeouts() == TimeoutOptions().per_attempt


def test_an_attempt_has_the_timeouts_of_its_phases() -> None:
    options = TimeoutOptions(
        connect_timeout=1, pool_timeout=2.5, read_timeout=None, total_timeout=9
    )

    assert Timeouts(connect=1, pool=2.5, read=None) == options.per_attempt


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, 5.0),
        ({"defaults_mode": "legacy"}, 5.0),
        ({"defaults_mode": "in-region"}, 1.1),
        ({"defaults_mode": "mobile", "connect_timeout": 2.0}, 2.0),
        ({"defaults_mode": "mobile", "connect_timeout": None}, None),
    ],
)
def test_a_defaults_mode_sets_the_default_connect_timeout(
    fields: dict[str, Any], seconds: float | None
) -> None:
    assert seconds == TimeoutOptions(**fields).per_attempt.connect


def test_an_unknown_defaults_mode_is_refused() -> None:
    with pytest.raises(OptionsError, match="defaults_mode"):
        Options(defaults_mode="fast")  # type: ignore[arg-type] # on purpose


def test_a_defaults_mode_is_set_by_an_option() -> None:
    options = with_options(defaults_mode="mobile")(Options())

    assert options.timeouts.defaults_mode == "mobile"


@pytest.mark.parametrize(
    "name", ["connect_timeout", "pool_timeout", "read_timeout", "total_timeout"]
)
def test_a_timeout_of_0_is_refused(name: str) -> None:
    fields: dict[str, Any] = {name: 0}

    with pytest.raises(OptionsError, match=name):
        TimeoutOptions(**fields)
