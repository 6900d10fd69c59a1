from __future__ import annotations

from sagemaker_rt.sansio.latest_values import LatestValues


def test_the_results_of_the_latest_values_are_known() -> None:
    text = "a" * 3
    latest: LatestValues[str] = LatestValues()

    assert latest.result_of((text, None)) is None
    latest.remember((text, None), "with text")
    latest.remember((None, None), "without text")

    for value in (text, text, None, None, text):  # values that stay, and alternate
        expected = "without text" if value is None else "with text"
        assert latest.result_of((value, None)) == expected
    assert latest.result_of((text,)) is None


def test_the_oldest_values_are_forgotten() -> None:
    latest: LatestValues[int] = LatestValues()
    names = ["a", "b", "c"]
    for number, name in enumerate(names):
        latest.remember((name,), number)

    assert [None, 1, 2] == [latest.result_of((name,)) for name in names]


def test_equal_values_of_another_type_are_not_known() -> None:
    latest: LatestValues[str] = LatestValues()
    latest.remember((1,), "of an int")
    latest.remember((2,), "of another one")

    for number in (1, 2):
        assert latest.result_of((number,)) is not None
        assert latest.result_of((float(number),)) is None
    assert latest.result_of((True,)) is None


def test_the_repr_shows_no_value() -> None:
    latest: LatestValues[str] = LatestValues()
    latest.remember(("hush",), "hush")

    assert "hush" not in repr(latest)
