from __future__ import annotations

import pytest

from sagemaker_rt.context import AttemptResult
from sagemaker_rt.errors import ConnectError, ModelError, PoolTimeoutError
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.sansio.attempt_errors import (
    add_past,
    copy_facts,
    drop_tracebacks,
    is_attempt,
    is_elsewhere,
)


def test_the_wait_for_a_connection_is_no_attempt() -> None:
    assert is_attempt(None)
    assert is_attempt(ConnectError())
    assert not is_attempt(PoolTimeoutError())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", False),
        ("https://a.example/other", False),
        ("https://b.example", True),
        ("https://a.example:8443", True),
        (None, False),
    ],
)
def test_another_host_or_port_is_elsewhere(url: str | None, *, expected: bool) -> None:
    failed = Request(endpoint=Endpoint("https://a.example"))
    request = Request(endpoint=None if url is None else Endpoint(url))

    assert expected == is_elsewhere(request, failed)
    assert not is_elsewhere(request, None)


def test_the_facts_of_a_failed_attempt_are_copied() -> None:
    failed, error = ModelError("no", request_id="r-1"), ConnectError()
    failed.attempts = 2

    copy_facts(failed, error)

    assert (2, "r-1", 424, True) == (
        error.attempts,
        error.request_id,
        error.http_status,
        error.request_sent,
    )
    assert error.metadata is failed.metadata


def _fail() -> None:
    try:
        int("x")
    except ValueError as cause:
        raise ConnectError from cause


def test_the_tracebacks_of_an_error_and_its_causes_are_dropped() -> None:
    with pytest.raises(ConnectError) as caught:
        _fail()

    drop_tracebacks(caught.value)

    assert caught.value.__traceback__ is None
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.__traceback__ is None


def test_an_error_says_what_earlier_attempts_may_have_done() -> None:
    ambiguous, refused = ConnectError(), ConnectError()
    ambiguous.request_sent = ambiguous.may_have_executed = True

    add_past(refused, ())
    assert (False, False) == (refused.request_sent, refused.may_have_executed)

    add_past(refused, (AttemptResult(1, ambiguous, 0.1), AttemptResult(2, None, 0.1)))
    assert (True, True) == (refused.request_sent, refused.may_have_executed)
