from __future__ import annotations

import pytest
from attrs import evolve
from attrs.exceptions import FrozenInstanceError

from tests.assembly.building import components


def test_components_are_values() -> None:
    one = components(environ={"AWS_REGION": "eu-west-1"})

    with pytest.raises(FrozenInstanceError):
        one.environ = {}  # type: ignore[misc] # what the test is about

    assert {} == evolve(one, environ={}).environ
    assert {"AWS_REGION": "eu-west-1"} == one.environ
