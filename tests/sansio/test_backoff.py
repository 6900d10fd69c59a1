from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import ComponentError, InternalFailure, OptionsError
from sagemaker_rt.sansio.backoff import Jitter, LegacyBackoff, backoff, require_seconds


@pytest.mark.parametrize(
    ("retry", "expected"), [(0, 0.05), (1, 0.1), (2, 0.2), (8, 12.8), (9, 20.0)]
)
def test_the_delay_doubles_up_to_the_ceiling(retry: int, expected: float) -> None:
    actual = backoff(retry, chance=1.0, base=0.05)

    assert pytest.approx(expected) == actual


def test_jitter_is_applied_after_the_ceiling() -> None:
    actual = backoff(30, chance=0.5, base=1.0, ceiling=20.0)

    assert 10.0 == actual


@given(
    retry=st.integers(min_value=0, max_value=10**9),
    chance=st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_a_delay_is_between_0_and_the_ceiling(retry: int, chance: float) -> None:
    actual = backoff(retry, chance=chance, base=1.0, ceiling=20.0)

    assert 0 <= actual < 20.0


def legacy(*, chance: float = 0.5, jitter: Jitter = "none") -> LegacyBackoff:
    return LegacyBackoff(
        chance=lambda: chance, base_delay=0.3, max_delay=2.0, jitter=jitter
    )


def test_legacy_delays_double_up_to_their_limit() -> None:
    delays = [legacy()(retry, InternalFailure()) for retry in range(5)]

    assert pytest.approx([0.3, 0.6, 1.2, 2.0, 2.0]) == delays


def test_legacy_delays_have_no_limit_by_default() -> None:
    unlimited = LegacyBackoff(chance=lambda: 0.5, base_delay=0.3)

    assert pytest.approx(0.3 * 2**10) == unlimited(10, InternalFailure())


@pytest.mark.parametrize(
    ("jitter", "expected"),
    [("none", 1.2), ("equal", 0.6 + 0.6 * 0.25), ("full", 1.2 * 0.25)],
)
def test_legacy_jitter_randomizes_a_delay(jitter: Jitter, expected: float) -> None:
    actual = legacy(chance=0.25, jitter=jitter)(2, InternalFailure())

    assert pytest.approx(expected) == actual


def test_legacy_jitter_may_be_a_function_of_the_delay() -> None:
    actual = legacy(jitter=lambda delay: delay + 0.01)(1, InternalFailure())

    assert pytest.approx(0.61) == actual


def test_an_exception_of_a_jitter_function_is_wrapped() -> None:
    with pytest.raises(ComponentError) as caught:
        legacy(jitter=lambda delay: delay / 0)(1, InternalFailure())

    assert "retry_jitter" == caught.value.component
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_an_error_of_this_library_in_a_jitter_function_propagates() -> None:
    def refuse(delay: float) -> float:
        raise OptionsError

    with pytest.raises(OptionsError):
        legacy(jitter=refuse)(1, InternalFailure())


@pytest.mark.parametrize("value", [None, "1", float("nan")])
def test_a_delay_that_is_no_number_names_its_function(value: object) -> None:
    with pytest.raises(ComponentError, match="must return a number") as caught:
        require_seconds(value, "custom_backoff", print)

    assert "custom_backoff" == caught.value.component
    assert 1.5 == require_seconds(1.5, "custom_backoff", print)
