from __future__ import annotations

from sagemaker_rt.sansio.suggestions import did_you_mean


def test_the_nearest_name_is_suggested() -> None:
    assert "; did you mean 'region'?" == did_you_mean("regoin", ["port", "region"])


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert "" == did_you_mean("zzz", ["port", "region"])
    assert "; there are two" == did_you_mean("zzz", ["port"], otherwise="there are two")
