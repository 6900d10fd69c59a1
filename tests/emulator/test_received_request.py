from __future__ import annotations

import pytest

from sagemaker_rt.emulator.received_request import RECORDED_BODY
from tests.emulator.signed_requests import received


@pytest.mark.parametrize(
    ("header", "attempt"),
    [("attempt=2; max=3", 2), ("ttl=20231114T221320Z; attempt=1", 1), ("max=3", None)],
)
def test_the_attempt_is_read_from_the_header_of_the_sdks(
    header: str, attempt: int | None
) -> None:
    request = received(headers={"amz-sdk-request": header})

    assert attempt == request.attempt


def test_a_request_that_names_no_attempt_has_none() -> None:
    assert received().attempt is None


def test_a_small_body_is_recorded_whole() -> None:
    request = received(body=b"small")

    assert request is request.for_record()


def test_of_a_large_body_the_record_keeps_the_start_and_the_length() -> None:
    request = received(body=b"x" * (RECORDED_BODY + 1))

    recorded = request.for_record()

    assert RECORDED_BODY == len(recorded.body)
    assert RECORDED_BODY + 1 == recorded.body_length


def test_the_repr_shows_neither_headers_nor_body() -> None:
    request = received(body=b"private", headers={"authorization": "also private"})

    assert "private" not in repr(request)
