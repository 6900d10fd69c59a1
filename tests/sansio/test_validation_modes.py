from __future__ import annotations

from typing import get_args

import attrs
import pytest

from sagemaker_rt.sansio.validation_modes import (
    VALIDATION_MODES,
    Validation,
    ValidationMode,
    kinds_of,
)


def test_the_modes_are_those_that_the_type_names() -> None:
    assert get_args(ValidationMode) == VALIDATION_MODES


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        ("off", set()),
        ("required", {"required"}),
        ("strict", set(attrs.asdict(Validation()))),
    ],
)
def test_a_mode_stands_for_kinds(mode: ValidationMode, kinds: set[str]) -> None:
    on = {name for name, is_on in attrs.asdict(kinds_of(mode)).items() if is_on}

    assert kinds == on


def test_kinds_stand_for_themselves() -> None:
    kinds = Validation(max=True)

    assert kinds is kinds_of(kinds)
