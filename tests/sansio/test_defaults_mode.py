from __future__ import annotations

from typing import Final, get_args

import pytest
from botocore.session import get_session

from sagemaker_rt.sansio.defaults_mode import (
    DEFAULTS_MODES,
    DefaultsMode,
    connect_timeout_of,
    detect_mode,
)

BOTOCORE: Final = get_session().get_data("sdk-default-configuration")


def test_the_tuple_and_the_type_list_the_same_modes() -> None:
    assert get_args(DefaultsMode) == DEFAULTS_MODES


@pytest.mark.parametrize("mode", ["standard", "in-region", "cross-region", "mobile"])
def test_the_timeouts_are_those_of_botocore(mode: DefaultsMode) -> None:
    base, changes = BOTOCORE["base"], BOTOCORE["modes"][mode]

    for name in ("connectTimeoutInMillis", "tlsNegotiationTimeoutInMillis"):
        value = changes.get(name, {}).get("override", base[name])
        assert value == 1000 * connect_timeout_of(mode)
    assert "retryMode" not in changes
    assert base["retryMode"] == "standard"


@pytest.mark.parametrize("mode", [None, "legacy"])
def test_without_a_mode_the_timeout_is_five_seconds(mode: DefaultsMode | None) -> None:
    assert connect_timeout_of(mode) == 5.0


def test_auto_without_detection_is_standard() -> None:
    assert connect_timeout_of("auto") == connect_timeout_of("standard")


@pytest.mark.parametrize(
    ("region", "current_region", "mode"),
    [
        ("eu-west-1", "eu-west-1", "in-region"),
        ("eu-west-1", "eu-west-2", "cross-region"),
        ("eu-west-1", None, "standard"),
        (None, "eu-west-1", "standard"),
    ],
)
def test_auto_compares_the_two_regions(
    region: str | None, current_region: str | None, mode: str
) -> None:
    assert mode == detect_mode(region, current_region=current_region)
