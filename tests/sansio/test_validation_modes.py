from __future__ import annotations

from typing import get_args

import attrs
import pytest

from sagemaker_rt.sansio.validation_modes import (
    VALIDATION_MODES,
    Validation,
    ValidationMode,
    checks_of,
)


def test_the_tuple_and_the_type_list_the_same_modes() -> None:
    assert get_args(ValidationMode) == VALIDATION_MODES


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("off", set()),
        ("required", {"required"}),
        ("strict", set(attrs.asdict(Validation()))),
    ],
)
def test_a_mode_is_a_set_of_checks(mode: ValidationMode, names: set[str]) -> None:
    enabled = {name for name, is_on in attrs.asdict(checks_of(mode)).items() if is_on}

    assert names == enabled


def test_custom_checks_are_returned_unchanged() -> None:
    checks = Validation(max=True)

    assert checks is checks_of(checks)
