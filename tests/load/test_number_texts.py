from __future__ import annotations

import pytest

from sagemaker_rt.load.number_texts import (
    percent_text,
    rate_text,
    three_digits,
    tick_text,
    time_text,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0.0, "0 s"),
        (5e-7, "< 1 µs"),
        (1e-6, "1.00 µs"),
        (0.000_999_4, "999 µs"),
        (0.000_999_6, "1.00 ms"),
        (0.004_916, "4.92 ms"),
        (0.049_16, "49.2 ms"),
        (0.999_4, "999 ms"),
        (0.999_6, "1.00 s"),
        (12.345, "12.3 s"),
        (1234.5, "1,234 s"),
    ],
)
def test_times_have_three_digits_and_a_unit(seconds: float | None, text: str) -> None:
    assert text == time_text(seconds)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.005, "5 ms"), (0.0025, "2.5 ms"), (0.1, "100 ms")]
)
def test_labels_of_axes_have_no_trailing_zeros(seconds: float, text: str) -> None:
    assert text == tick_text(seconds)


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0.0, "0/s"),
        (0.5, "0.5/s"),
        (9.994, "9.99/s"),
        (99.0, "99.0/s"),
        (1e4, "10,000.0/s"),
    ],
)
def test_rates_have_a_unit(rate: float, text: str) -> None:
    assert text == rate_text(rate)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "-"),
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (1, 10_000_000, "0.001 %"),
        (9_999_999, 10_000_000, "99.999 %"),
        (999, 1000, "99.9 %"),
        (1, 8, "12.5 %"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(
    part: int, whole: int, text: str
) -> None:
    assert text == percent_text(part, whole)


def test_numbers_from_a_hundred_on_have_all_digits() -> None:
    assert ("1,235", "1,234.6") == (
        three_digits(1234.56),
        three_digits(1234.56, grouped=True),
    )
