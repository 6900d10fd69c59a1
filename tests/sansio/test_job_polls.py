"""When the result of an asynchronous inference is looked for."""

from __future__ import annotations

import pytest

from sagemaker_rt.errors import (
    AsyncInferenceError,
    ConnectError,
    ConnectionLostError,
    CredentialsError,
    RequestTimeoutError,
    S3Error,
    SageMakerRuntimeError,
    TruncatedBodyError,
)
from sagemaker_rt.sansio.job_polls import (
    Absence,
    absence_of,
    poll_delay,
    time_to_next_poll,
)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, "NoSuchKey", Absence.MISSING),
        (404, "NotFound", Absence.MISSING),
        (404, "NoSuchBucket", None),
        (403, "AccessDenied", Absence.DENIED),
        (403, "Forbidden", Absence.DENIED),
        (403, "InvalidAccessKeyId", None),
        (403, "SignatureDoesNotMatch", None),
        (403, "AllAccessDisabled", None),
        (403, "RequestTimeTooSkewed", None),
        (400, "ExpiredToken", None),
        (301, "PermanentRedirect", None),
        (503, "SlowDown", Absence.INTERRUPTED),
        (500, "InternalError", Absence.INTERRUPTED),
        (400, "RequestTimeout", Absence.INTERRUPTED),
    ],
)
def test_the_code_of_s3_decides_whether_a_wait_goes_on(
    status: int, code: str, expected: Absence | None
) -> None:
    assert expected == absence_of(S3Error(code=code, http_status=status))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionLostError("lost"), Absence.INTERRUPTED),
        (RequestTimeoutError("late"), Absence.INTERRUPTED),
        (TruncatedBodyError("cut"), Absence.INTERRUPTED),
        (ConnectError("refused"), Absence.INTERRUPTED),
        (CredentialsError("none"), None),
        (AsyncInferenceError("failed"), None),
    ],
)
def test_a_passing_error_does_not_end_a_wait(
    error: SageMakerRuntimeError, expected: Absence | None
) -> None:
    assert expected == absence_of(error)


def test_delays_grow_up_to_a_limit() -> None:
    delays = [poll_delay(number, chance=1.0) for number in (0, 1, 2, 5, 6, 7, 10_000)]

    assert [1.0, 1.5, 2.25, 7.59375, 11.390625, 15.0, 15.0] == delays


def test_delays_are_randomized_between_a_half_and_the_whole() -> None:
    assert (0.5, 0.75) == (poll_delay(0, chance=0.0), poll_delay(0, chance=0.5))


@pytest.mark.parametrize(
    ("time_left", "delay"),
    [
        (100.0, 15.0),
        (15.0, 14.0),
        (10.0, 9.0),
        (1.0, 0.5),
        (0.06, 0.03),
        (0.04, None),
        (0.0, None),
        (-1.0, None),
    ],
)
def test_the_last_poll_is_before_the_deadline(
    time_left: float, delay: float | None
) -> None:
    assert delay == time_to_next_poll(99, chance=1.0, time_left=time_left)
