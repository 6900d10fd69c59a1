from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.load.scales import LinearScale, LogScale, Scale, scale_of_times


def test_a_linear_scale_begins_at_zero() -> None:
    scale = LinearScale(10)

    assert [0.0, 0.25, 1.0, 0.0, 1.0] == [
        scale.position(value) for value in (0, 2.5, 10, -5, 20)
    ]


def test_a_logarithmic_scale_has_equal_distances_for_equal_factors() -> None:
    scale = LogScale(1, 100)

    assert [0.0, 0.5, 1.0, 0.0, 1.0] == pytest.approx(
        [scale.position(value) for value in (1, 10, 100, 0.1, 1000)]
    )


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (LinearScale(14.5), (0, 2.5, 5, 7.5, 10, 12.5)),
        (LinearScale(7), (0, 1, 2, 3, 4, 5, 6, 7)),
        (LinearScale(0.06), (0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06)),
        (LogScale(0.9, 12), (1, 2, 5, 10)),
        (LogScale(8, 55), (10, 15, 20, 30, 40, 50)),
        (LogScale(10.1, 11.1), (10.2, 10.4, 10.6, 10.8, 11)),
        (LogScale(0.21, 0.37), (0.225, 0.25, 0.275, 0.3, 0.325, 0.35)),
        (LogScale(0.001, 100), (0.001, 0.01, 0.1, 1, 10, 100)),
    ],
)
def test_labels_are_at_round_values(scale: Scale, ticks: tuple[float, ...]) -> None:
    assert pytest.approx(ticks) == scale.ticks()


@given(st.floats(1e-6, 1e6), st.floats(1, 1e9))
def test_labels_are_on_the_scale(low: float, ratio: float) -> None:
    scale = scale_of_times(low, low * ratio)

    ticks = scale.ticks()
    positions = [scale.position(tick) for tick in ticks]
    assert 1 <= len(ticks) <= 16
    assert all(later > earlier for earlier, later in pairwise(positions))


@given(st.floats(1e-6, 1e6), st.floats(1.1, 1e9))
def test_labels_do_not_overlap(low: float, ratio: float) -> None:
    scale = LogScale(low, low * ratio)

    positions = [scale.position(tick) for tick in scale.ticks()]

    assert len(positions) >= 3
    assert all(later - earlier > 0.05 for earlier, later in pairwise(positions))


def test_times_that_spread_far_have_a_logarithmic_scale() -> None:
    assert isinstance(scale_of_times(0.001, 0.02), LinearScale)
    assert isinstance(scale_of_times(0.001, 0.2), LogScale)


def test_times_of_zero_have_a_scale() -> None:
    assert LinearScale(1.05e-6) == scale_of_times(0.0, 0.0)
