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


def refusal(
    code: str = "SignatureDoesNotMatch",
    *,
    date: str | None = AT_NOON,
    age: str | None = None,
    sent_at: float = NOON,
    received_at: float = NOON,
) -> ServiceError:
    """Return an error with the head and the times of its response."""
    error = UnknownServiceError(code=code, http_status=403)
    headers = {"Date": date, "Age": age}
    error.response = response(403, {k: v for k, v in headers.items() if v is not None})
    error.metadata = Metadata()
    error.metadata[SENT_AT] = sent_at
    error.metadata[RESPONSE_AT] = received_at
    return error


def test_the_offset_is_from_the_middle_of_the_exchange() -> None:
    error = refusal(sent_at=NOON - 610, received_at=NOON - 600)

    assert 605.0 == measured_offset(error)


@pytest.mark.parametrize("date", [None, "", "noon", "Wed, 99 Nov 2023 12:00:00 GMT"])
def test_without_a_date_nothing_is_measured(date: str | None) -> None:
    error = refusal(date=date)

    assert measured_offset(error) is None
    assert service_time(error) is None


def test_a_date_without_a_zone_is_of_greenwich() -> None:
    error = refusal(date="Wed, 15 Nov 2023 12:00:00 -0000")

    assert 0.0 == measured_offset(error)


@given(st.text())
def test_whatever_the_date_says_nothing_is_raised(date: str) -> None:
    offset = measured_offset(refusal(date=date))

    assert offset is None or isinstance(offset, float)


def test_a_date_out_of_a_cache_is_not_believed() -> None:
    assert measured_offset(refusal(age="0")) is None


@pytest.mark.parametrize(
    ("round_trip", "is_measured"),
    [(900.0, True), (900.5, False), (0.0, True), (-1.0, False)],
)
def test_an_exchange_of_more_than_fifteen_minutes_tells_nothing(
    round_trip: float, is_measured: bool
) -> None:
    error = refusal(sent_at=NOON, received_at=NOON + round_trip)

    assert is_measured == (measured_offset(error) is not None)


def bare(error: SageMakerRuntimeError) -> SageMakerRuntimeError:
    error.metadata = Metadata()
    error.response = response(403, {"Date": AT_NOON})
    return error


@pytest.mark.parametrize("error", [ConnectError("x"), bare(UnknownServiceError())])
def test_without_a_response_and_its_times_nothing_is_measured(
    error: SageMakerRuntimeError,
) -> None:
    assert measured_offset(error) is None


def test_the_time_of_the_service_is_that_of_its_answer() -> None:
    error = refusal(sent_at=NOON - 610, received_at=NOON - 600)

    assert NOON + 5 == service_time(error)


@pytest.mark.parametrize("code", sorted(SKEW_CODES))
@pytest.mark.parametrize("ahead", [-600.0, -241.0, 241.0, 600.0])
def test_a_clock_that_is_wrong_is_set_right(code: str, ahead: float) -> None:
    local = NOON - ahead
    clock = CorrectedClock(lambda: local)
    error = refusal(code, sent_at=local, received_at=local)

    is_wrong = clock.correct(error, used=0.0)

    assert is_wrong
    assert ahead == clock.offset
    assert NOON == clock()


@pytest.mark.parametrize("ahead", [-240.0, 0.0, 240.0])
def test_a_clock_that_is_about_right_is_left_alone(ahead: float) -> None:
    clock = CorrectedClock(lambda: NOON)
    error = refusal(sent_at=NOON - ahead, received_at=NOON - ahead)

    assert not clock.correct(error, used=0.0)
    assert 0.0 == clock.offset


@pytest.mark.parametrize(
    "error",
    [
        refusal("ExpiredTokenException", sent_at=NOON - 600, received_at=NOON - 600),
        refusal("SignatureDoesNotMatch", date=None),
        ConnectError("refused"),
    ],
)
def test_an_error_that_has_another_cause_corrects_nothing(
    error: SageMakerRuntimeError,
) -> None:
    clock = CorrectedClock(lambda: NOON - 600)

    assert not clock.correct(error, used=0.0)
    assert 0.0 == clock.offset


def test_a_refusal_in_spite_of_the_right_time_is_believed() -> None:
    clock = CorrectedClock(lambda: NOON - 600)
    error = refusal("AccessDeniedException", sent_at=NOON - 600, received_at=NOON - 600)

    first = clock.correct(error, used=0.0)
    second = clock.correct(error, used=clock.offset)

    assert (True, False) == (first, second)


def test_an_attempt_that_was_signed_before_the_correction_may_be_repeated() -> None:
    clock = CorrectedClock(lambda: NOON - 600)
    error = refusal(sent_at=NOON - 600, received_at=NOON - 600)
    clock.offset = 600.0

    assert clock.correct(error, used=0.0)
    assert 600.0 == clock.offset


def test_a_clock_that_was_put_right_since_is_corrected_back() -> None:
    clock = CorrectedClock(lambda: NOON)
    clock.offset = 600.0

    assert clock.correct(refusal(), used=600.0)
    assert 0.0 == clock.offset


def test_an_offset_that_is_known_is_where_it_begins() -> None:
    clock = CorrectedClock(lambda: NOON - 600, 600.0)

    assert NOON == clock()
    assert not clock.correct(
        refusal(sent_at=NOON - 600, received_at=NOON - 600), used=600.0
    )
