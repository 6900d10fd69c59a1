from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.context import RESPONSE_AT, SENT_AT, Metadata
from sagemaker_rt.errors import (
    ConnectError,
    SageMakerRuntimeError,
    ServiceError,
    UnknownServiceError,
)
from sagemaker_rt.sansio.clock_skew import (
    SKEW_CODES,
    CorrectedClock,
    measured_offset,
    service_time,
)
from tests.doubles import response

NOON = 1_700_049_600.0
AT_NOON = "Wed, 15 Nov 2023 12:00:00 GMT"


def rejection(
    code: str = "SignatureDoesNotMatch",
    *,
    date: str | None = AT_NOON,
    age: str | None = None,
    sent_at: float = NOON,
    received_at: float = NOON,
) -> ServiceError:
    """Return an error with the headers and the times of its response."""
    error = UnknownServiceError(code=code, http_status=403)
    headers = {"Date": date, "Age": age}
    error.response = response(403, {k: v for k, v in headers.items() if v is not None})
    error.metadata = Metadata()
    error.metadata[SENT_AT] = sent_at
    error.metadata[RESPONSE_AT] = received_at
    return error


def test_the_offset_refers_to_the_middle_of_the_exchange() -> None:
    error = rejection(sent_at=NOON - 610, received_at=NOON - 600)

    assert 605.0 == measured_offset(error)


@pytest.mark.parametrize("date", [None, "", "noon", "Wed, 99 Nov 2023 12:00:00 GMT"])
def test_without_a_valid_date_nothing_is_measured(date: str | None) -> None:
    error = rejection(date=date)

    assert measured_offset(error) is None
    assert service_time(error) is None


def test_a_date_without_a_time_zone_is_utc() -> None:
    error = rejection(date="Wed, 15 Nov 2023 12:00:00 -0000")

    assert 0.0 == measured_offset(error)


@given(st.text())
def test_no_date_raises_an_error(date: str) -> None:
    offset = measured_offset(rejection(date=date))

    assert offset is None or isinstance(offset, float)


def test_a_date_from_a_cache_is_ignored() -> None:
    assert measured_offset(rejection(age="0")) is None


@pytest.mark.parametrize(
    ("round_trip", "is_measured"),
    [(900.0, True), (900.5, False), (0.0, True), (-1.0, False)],
)
def test_an_exchange_of_more_than_fifteen_minutes_is_ignored(
    round_trip: float, is_measured: bool
) -> None:
    error = rejection(sent_at=NOON, received_at=NOON + round_trip)

    assert is_measured == (measured_offset(error) is not None)


def without_times(error: SageMakerRuntimeError) -> SageMakerRuntimeError:
    error.metadata = Metadata()
    error.response = response(403, {"Date": AT_NOON})
    return error


@pytest.mark.parametrize(
    "error", [ConnectError("x"), without_times(UnknownServiceError())]
)
def test_without_a_response_and_its_times_nothing_is_measured(
    error: SageMakerRuntimeError,
) -> None:
    assert measured_offset(error) is None


def test_the_service_time_is_that_of_its_response() -> None:
    error = rejection(sent_at=NOON - 610, received_at=NOON - 600)

    assert NOON + 5 == service_time(error)


@pytest.mark.parametrize("code", sorted(SKEW_CODES))
@pytest.mark.parametrize("ahead", [-600.0, -241.0, 241.0, 600.0])
def test_a_wrong_clock_is_corrected(code: str, ahead: float) -> None:
    local = NOON - ahead
    clock = CorrectedClock(lambda: local)
    error = rejection(code, sent_at=local, received_at=local)

    is_wrong = clock.correct(error, used=0.0)

    assert is_wrong
    assert ahead == clock.offset
    assert NOON == clock()


@pytest.mark.parametrize("ahead", [-240.0, 0.0, 240.0])
def test_an_offset_of_four_minutes_is_tolerated(ahead: float) -> None:
    clock = CorrectedClock(lambda: NOON)
    error = rejection(sent_at=NOON - ahead, received_at=NOON - ahead)

    assert not clock.correct(error, used=0.0)
    assert 0.0 == clock.offset


@pytest.mark.parametrize(
    "error",
    [
        rejection("ExpiredTokenException", sent_at=NOON - 600, received_at=NOON - 600),
        rejection("SignatureDoesNotMatch", date=None),
        ConnectError("refused"),
    ],
)
def test_an_error_with_another_cause_corrects_nothing(
    error: SageMakerRuntimeError,
) -> None:
    clock = CorrectedClock(lambda: NOON - 600)

    assert not clock.correct(error, used=0.0)
    assert 0.0 == clock.offset


def test_a_rejection_with_the_correct_time_is_final() -> None:
    clock = CorrectedClock(lambda: NOON - 600)
    error = rejection(
        "AccessDeniedException", sent_at=NOON - 600, received_at=NOON - 600
    )

    first = clock.correct(error, used=0.0)
    second = clock.correct(error, used=clock.offset)

    assert (True, False) == (first, second)


def test_an_attempt_signed_before_the_correction_may_be_retried() -> None:
    clock = CorrectedClock(lambda: NOON - 600)
    error = rejection(sent_at=NOON - 600, received_at=NOON - 600)
    clock.offset = 600.0

    assert clock.correct(error, used=0.0)
    assert 600.0 == clock.offset


def test_the_offset_is_removed_after_the_local_clock_was_adjusted() -> None:
    clock = CorrectedClock(lambda: NOON)
    clock.offset = 600.0

    assert clock.correct(rejection(), used=600.0)
    assert 0.0 == clock.offset


def test_a_clock_may_start_with_an_offset() -> None:
    clock = CorrectedClock(lambda: NOON - 600, 600.0)

    assert NOON == clock()
    assert not clock.correct(
        rejection(sent_at=NOON - 600, received_at=NOON - 600), used=600.0
    )
