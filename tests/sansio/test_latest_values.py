from __future__ import annotations

from sagemaker_rt.sansio.latest_values import LatestValues


def test_the_latest_values_are_known() -> None:
    text = "a" * 3
    latest = LatestValues("no result")

    assert not latest.are((text, None))
    latest.remember((text, None), "a result")

    assert latest.are((text, None))
    assert "a result" == latest.result
    assert not latest.are((text,))


def test_equal_values_of_another_type_are_not_known() -> None:
    latest = LatestValues(None)
    latest.remember((1,), None)

    assert not latest.are((True,))
    assert not latest.are((1.0,))


def test_the_repr_shows_no_value() -> None:
    latest = LatestValues("hush")
    latest.remember(("hush",), "hush")

    assert "hush" not in repr(latest)
