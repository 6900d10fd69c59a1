from __future__ import annotations

import gc

from sagemaker_rt.sansio.latest_values import LatestValues


def test_the_results_of_the_latest_values_are_known() -> None:
    text = "a" * 3
    latest: LatestValues[str] = LatestValues()

    assert latest.result_of((text, None)) is None
    latest.remember((text, None), "with text")
    latest.remember((None, None), "without text")

    for _ in range(2):  # values that alternate
        assert latest.result_of((text, None)) == "with text"
        assert latest.result_of((None, None)) == "without text"
    assert latest.result_of((text,)) is None


def test_the_oldest_values_are_forgotten() -> None:
    latest: LatestValues[int] = LatestValues()
    names = [f"endpoint-{number}" for number in range(33)]
    for number, name in enumerate(names):
        latest.remember((name,), number)

    assert latest.result_of((names[0],)) is None
    assert [latest.result_of((name,)) for name in names[1:]] == [*range(1, 33)]


def test_equal_values_of_another_type_are_not_known() -> None:
    latest: LatestValues[str] = LatestValues()
    latest.remember((1,), "of an int")
    latest.remember((2,), "of another one")

    for number in (1, 2):
        assert latest.result_of((number,)) is not None
        assert latest.result_of((float(number),)) is None
    assert latest.result_of((True,)) is None


def test_a_new_object_is_not_taken_for_one_that_has_gone() -> None:
    latest: LatestValues[str] = LatestValues()
    for number in range(10):
        latest.remember((f"name {number}",), "old")
        gc.collect()

    # objects of the same size get the addresses of those that were freed
    assert not any(latest.result_of((f"NAME {n}",)) for n in range(1000))


def test_the_repr_shows_no_value() -> None:
    latest: LatestValues[str] = LatestValues()
    latest.remember(("hush",), "hush")

    assert "hush" not in repr(latest)
