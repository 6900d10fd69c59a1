from __future__ import annotations

import pytest

from sagemaker_rt.sansio.redaction import (
    printable,
    without_session_token,
    without_user_info,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", "'https://a.example'"),
        ("https://user:hush@a.example/p", "'[redacted]@a.example/p'"),
        ("user:hush@", "'[redacted]@'"),
        (None, "None"),
    ],
)
def test_a_url_is_shown_without_a_password(url: object, expected: str) -> None:
    assert expected == without_user_info(url)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b\r\nc\td ", "a b c d"),
        ("\x1b[31mred\x07", "[31mred"),
        ("caf\xe9 \u2603", "caf\xe9 \u2603"),
        ("", ""),
    ],
)
def test_a_text_becomes_one_line(text: str, expected: str) -> None:
    assert expected == printable(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("host:h", "host:h"),
        (
            "X-Amz-Security-Token:hush\nhost:h",
            "X-Amz-Security-Token:[redacted]\nhost:h",
        ),
        ("x-amz-security-token: hush'", "x-amz-security-token:[redacted]"),
    ],
)
def test_a_request_that_is_quoted_is_shown_without_its_token(
    text: str, shown: str
) -> None:
    assert shown == without_session_token(text)
