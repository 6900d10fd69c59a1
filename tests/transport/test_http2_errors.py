"""The errors of a stream that did not reach its end."""

from __future__ import annotations

import pytest

from sagemaker_rt.errors import (
    ConnectionLostError,
    RequestTimeoutError,
    TruncatedBodyError,
)
from sagemaker_rt.sansio.stream_deadlines import Due, Limit
from sagemaker_rt.transport.http2_errors import expired_error, lost_error


@pytest.mark.parametrize(
    ("has_response", "kind"), [(False, ConnectionLostError), (True, TruncatedBodyError)]
)
def test_a_cut_stream_may_have_run_the_model(
    kind: type[Exception], *, has_response: bool
) -> None:
    cause = OSError("reset")
    error = lost_error("why", host="a", has_response=has_response, cause=cause)

    assert kind is type(error)
    assert cause is error.__cause__
    assert (True, True) == (error.request_sent, error.may_have_executed)


@pytest.mark.parametrize("limit", Limit)
def test_an_expired_limit_is_named(limit: Limit) -> None:
    error = expired_error(Due(limit, 3.0), host="a", has_response=True)

    assert isinstance(error, RequestTimeoutError)
    assert f"{limit.value} of 3 s" in str(error)
    assert error.may_have_executed
