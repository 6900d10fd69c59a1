from __future__ import annotations

import pytest

from sagemaker_rt.emulator.received_request import MAX_RECORDED_BODY
from tests.emulator.signed_requests import received


@pytest.mark.parametrize(
    ("header", "attempt"),
    [("attempt=2; max=3", 2), ("ttl=20231114T221320Z; attempt=1", 1), ("max=3", None)],
)
def test_the_attempt_is_read_from_its_header(header: str, attempt: int | None) -> None:
    request = received(headers={"amz-sdk-request": header})

    assert attempt == request.attempt


def test_the_attempt_is_none_without_its_header() -> None:
    assert received().attempt is None


def test_a_small_body_is_recorded_completely() -> None:
    request = received(body=b"small")

    assert request is request.truncated()


def test_a_large_body_is_recorded_up_to_the_limit() -> None:
    request = received(body=b"x" * (MAX_RECORDED_BODY + 1))

    recorded = request.truncated()

    assert MAX_RECORDED_BODY == len(recorded.body)
    assert MAX_RECORDED_BODY + 1 == recorded.body_length


def test_the_repr_shows_neither_headers_nor_body() -> None:
    request = received(body=b"private", headers={"authorization": "also private"})

    assert "private" not in repr(request)
