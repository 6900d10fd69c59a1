from __future__ import annotations

from sagemaker_rt.sansio.suggestions import did_you_mean


def test_the_closest_name_is_suggested() -> None:
    assert "; did you mean 'region'?" == did_you_mean("regoin", ["port", "region"])


def test_no_name_is_suggested_if_none_is_close() -> None:
    assert "" == did_you_mean("zzz", ["port", "region"])
    assert "; there are two" == did_you_mean("zzz", ["port"], otherwise="there are two")
