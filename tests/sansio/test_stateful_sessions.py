from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import (
    InternalFailure,
    ModelError,
    ServiceError,
    ThrottlingException,
    UnknownServiceError,
    ValidationError,
)
from sagemaker_rt.sansio.stateful_sessions import (
    is_session_id,
    reports_end_of_session,
)

ID = "9f0b-77"


def model_error(text: str, status: int = 400) -> ModelError:
    details = {"OriginalStatusCode": status, "OriginalMessage": text}
    return ModelError("Received client error from primary", details=details)


@pytest.mark.parametrize(
    "error",
    [
        ValidationError(f"Session {ID} of endpoint m not found."),
        ValidationError("The session has expired."),
        ValidationError("No such session"),
        ValidationError("Expired session token for this request"),
        ValidationError(f"Invalid SessionId: {ID}"),
        model_error(f'{{"detail":"Bad request: session not found: {ID}"}}'),
        model_error(f"Failed to close session: session not found: {ID}", 424),
        model_error(f"{ID} does not exist", 404),
        model_error("The session was closed", 410),
        UnknownServiceError(f"session {ID} is unknown", http_status=404),
    ],
    ids=str,
)
def test_a_session_that_ended_is_recognized(error: ServiceError) -> None:
    assert reports_end_of_session(error, ID)


@pytest.mark.parametrize(
    "error",
    [
        ValidationError("Endpoint m of account 1 not found."),
        ValidationError("Variant v not found. The session goes on."),
        ValidationError("The security token included in the request is expired"),
        ValidationError(""),
        model_error("session not found", 500),
        model_error("Invalid payload. stateful sessions not enabled"),
        model_error(f"the session {ID} needs a prompt"),
        ModelError("session not found"),  # without the status of the container
        InternalFailure("session not found"),
        ThrottlingException("session not found", http_status=429),
    ],
    ids=str,
)
def test_other_errors_do_not_end_a_session(error: ServiceError) -> None:
    assert not reports_end_of_session(error, ID)


@given(st.text(), st.text())
def test_no_text_raises_an_error(text: str, id: str) -> None:
    assert reports_end_of_session(ValidationError(text), id) in {True, False}


def test_a_long_text_takes_linear_time() -> None:
    assert not reports_end_of_session(ValidationError("session " * 100_000), ID)
    assert not is_session_id("a-" * 100_000)
    assert not is_session_id("a-" * 127)


@pytest.mark.parametrize("id", ["a", ID, "a--b", "a" * 256, "NEW1"])
def test_valid_ids(id: str) -> None:
    assert is_session_id(id)


@pytest.mark.parametrize("id", ["", "-a", "a-", "a b", "a\r\n", "é", "a" * 257])
def test_invalid_ids(id: str) -> None:
    assert not is_session_id(id)
