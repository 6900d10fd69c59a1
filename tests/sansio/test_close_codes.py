"""WebSocket close codes in errors."""

from __future__ import annotations

import pytest

from sagemaker_rt.errors import ModelStreamError
from sagemaker_rt.sansio.close_codes import NORMAL_CLOSE_CODES, close_code


@pytest.mark.parametrize(
    ("message", "error_code", "code"),
    [
        ("", "1000", 1000),
        ("Container closed the WebSocket connection with status 1001", None, 1001),
        ("WebSocket close frame received: code=1011, reason=boom", None, 1011),
        ("closed: 4000 by peer", "StreamBroken", 4000),
        ("the answer exceeds 1000 tokens", None, None),
        ("closed after 10000 events", None, None),
        ("enclosed 1000", None, None),
        ("closed", "ModelInvocationTimeExceeded", None),
        ("", "9999", None),
    ],
)
def test_a_code_is_found_where_the_text_mentions_a_close(
    message: str, error_code: str | None, code: int | None
) -> None:
    error = ModelStreamError(message, details={"ErrorCode": error_code})

    assert code == close_code(error)


def test_two_codes_are_normal() -> None:
    assert {1000, 1001} == NORMAL_CLOSE_CODES
