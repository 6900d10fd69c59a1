from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from sagemaker_rt.sansio.retry import NoRetry, RetryDecision
from sagemaker_rt.sansio.retry_decisions import WrongDecisionError, require_decision


@pytest.mark.parametrize("decision", [NoRetry(), RetryDecision(0), RetryDecision(0.5)])
def test_a_decision_is_accepted(decision: object) -> None:
    require_decision(decision)


@pytest.mark.parametrize("delay", ["1", None, nan, inf])
def test_a_delay_that_cannot_be_waited_for_is_refused(delay: Any) -> None:
    with pytest.raises(WrongDecisionError, match="delay of"):
        require_decision(RetryDecision(delay))


def test_another_object_is_refused() -> None:
    with pytest.raises(WrongDecisionError, match="returned bool"):
        require_decision(True)
