from __future__ import annotations

import pytest

from sagemaker_rt.sansio.region_names import suggest_region


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("us-east-1a", "us-east-1"),
        ("ap-northeast-1d", "ap-northeast-1"),
        ("us-gov-west-1b", "us-gov-west-1"),
        ("eusc-de-east-1a", "eusc-de-east-1"),
        ("us-west-2-lax-1a", "us-west-2"),
        ("us-east-1-wl1-bos-wlz-1", "us-east-1"),
        ("use1-az1", "us-east-1"),
        ("apse2-az3", "ap-southeast-2"),
        ("cac1-az4", "ca-central-1"),
        ("usw2-lax1-az1", "us-west-2"),
        ("US-EAST-1", "us-east-1"),
        ("US-East-1A", "us-east-1"),
        (" eu-west-1 ", "eu-west-1"),
        ("eu_west_1", "eu-west-1"),
    ],
)
def test_the_region_of_a_zone_is_suggested(name: str, region: str) -> None:
    assert region == suggest_region(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "us-east-1",
        "us-iso-east-1",
        "us-isob-east-1",
        "eu-isoe-west-1",
        "us-gov-east-1",
        "cn-northwest-1",
        "aws-global",
        "local",
        "moon-1a",
        "usns1-az1",
    ],
)
def test_another_name_is_not_changed(name: str) -> None:
    assert suggest_region(name) is None
