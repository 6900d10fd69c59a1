from __future__ import annotations

from sagemaker_rt.emulator.built_in_models import BUILT_IN


def test_the_emulator_has_these_endpoints() -> None:
    names = ["chat", "echo", "failing", "json", "slow", "tokens"]
    assert names == sorted(BUILT_IN)
