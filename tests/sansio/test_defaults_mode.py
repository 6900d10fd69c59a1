from __future__ import annotations

from typing import Final, get_args

import pytest
from botocore.session import get_session

from sagemaker_rt.sansio.defaults_mode import (
    DEFAULTS_MODES,
    DefaultsMode,
    connect_timeout_of,
    mode_for,
)

OF_BOTOCORE: Final = get_session().get_data("sdk-default-configuration")


def test_the_modes_are_those_that_the_type_names() -> None:
    assert get_args(DefaultsMode) == DEFAULTS_MODES


@pytest.mark.parametrize("mode", ["standard", "in-region", "cross-region", "mobile"])
def test_the_numbers_are_those_of_the_sdks(mode: DefaultsMode) -> None:
    base, changes = OF_BOTOCORE["base"], OF_BOTOCORE["modes"][mode]

    for name in ("connectTimeoutInMillis", "tlsNegotiationTimeoutInMillis"):
        value = changes.get(name, {}).get("override", base[name])
        assert value == 1000 * connect_timeout_of(mode)
    assert "retryMode" not in changes
    assert base["retryMode"] == "standard"


@pytest.mark.parametrize("mode", [None, "legacy"])
def test_without_a_mode_it_is_our_own_number(mode: DefaultsMode | None) -> None:
    assert connect_timeout_of(mode) == 5.0


def test_what_could_not_be_found_out_is_standard() -> None:
    assert connect_timeout_of("auto") == connect_timeout_of("standard")


@pytest.mark.parametrize(
    ("region", "current", "mode"),
    [
        ("eu-west-1", "eu-west-1", "in-region"),
        ("eu-west-1", "eu-west-2", "cross-region"),
        ("eu-west-1", None, "standard"),
        (None, "eu-west-1", "standard"),
    ],
)
def test_auto_compares_where_calls_come_from(
    region: str | None, current: str | None, mode: str
) -> None:
    assert mode == mode_for(region, current=current)
