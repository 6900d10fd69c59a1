from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sagemaker_rt.sansio.timestamps import parse_timestamp

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)
HALF = timedelta(microseconds=500_000)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2030-01-31T12:00:00Z", NOON),
        ("2030-01-31t12:00:00z", NOON),
        ("2030-01-31 12:00:00Z", NOON),
        ("2030-01-31 12:00:00 UTC", NOON),
        ("2030-01-31 12:00:00UTC", NOON),
        ("2030-01-31T12:00:00 utc", NOON),
        ("2030-01-31T12:00:00 GMT", NOON),
        ("2030-01-31 12:00:00 +0000 UTC", NOON),
        ("2030-01-31 12:00:00.5 +0000 UTC", NOON + HALF),
        ("2030-01-31T12:00:00+00:00 GMT", NOON),
        ("2030-01-31T12:00:00", NOON),
        (" 2030-01-31T12:00:00Z\n", NOON),
        ("20300131T120000Z", NOON),
        ("2030-01-31T12:00:00.5Z", NOON + HALF),
        ("2030-01-31T12:00:00.500000000Z", NOON + HALF),
        ("2030-01-31T14:00:00+02:00", NOON),
        ("2030-01-31T07:00:00-0500", NOON),
        ("Thu, 31 Jan 2030 12:00:00 GMT", NOON),
        ("thu, 31 jan 2030 12:00:00 gmt", NOON),
        ("Thu, 31 Jan 2030 14:00:00 +0200", NOON),
    ],
)
def test_a_time_has_several_forms(text: str, time: datetime) -> None:
    parsed = parse_timestamp(text)

    assert time == parsed
    assert parsed.tzinfo is not None


def test_an_offset_is_kept() -> None:
    zone = timezone(timedelta(hours=2))

    assert parse_timestamp("2030-01-31T14:00:00+02:00").utcoffset() == zone.utcoffset(
        None
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "UTC",
        "2030-13-31T12:00:00Z",
        "31 Jan",
        "2030-01-31T12:00:00 CET",
        "2030-01-31T12:00:00 +0200 UTC",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_timestamp(text)
