from __future__ import annotations

import pytest

from sagemaker_rt.sansio.redaction import (
    escaped,
    printable,
    without_keys,
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
def test_the_user_info_of_a_url_is_removed(url: object, expected: str) -> None:
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
def test_text_becomes_one_line(text: str, expected: str) -> None:
    assert expected == printable(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("host:h", "host:h"),
        (
            "X-Amz-Security-Token:hush\nhost:h",
            "X-Amz-Security-Token:[redacted]\nhost:h",
        ),
        ("x-amz-security-token: hush'", "x-amz-security-token:[redacted]"),
    ],
)
def test_the_session_token_of_a_quoted_request_is_removed(
    text: str, expected: str
) -> None:
    assert expected == without_session_token(text)


def test_control_characters_are_escaped() -> None:
    assert r"a\n\t\x00\x1b é🚀" == escaped("a\n\t\x00\x1b é🚀")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("login expired, run vault login", "login expired, run vault login"),
        ("key AKIAIOSFODNN7EXAMPLE is bad", "key [redacted] is bad"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "[redacted]"),
        ("SecretAccessKey=short", "SecretAccessKey=[redacted]"),
        ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer [redacted]"),
        ("run --password hunter2 now", "run --password [redacted] now"),
        ("aws_secret_access_key hunter2 ok", "aws_secret_access_key [redacted] ok"),
        ("SessionToken hunter2", "SessionToken [redacted]"),
        ("'session_token': 'ab cd' x", "'session_token': [redacted] x"),
        ("no such key: profile dev", "no such key: profile dev"),
        ('{"SessionToken": "ab cd", "a": 1}', '{"SessionToken": [redacted], "a": 1}'),
        ("/usr/local/lib/vault-helper/bin/get-credentials: not found",) * 2,
        ("0123456789abcdef0123456789abcdef", "[redacted]"),
        ("password: hunter2\nnext", "password: [redacted]\nnext"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", "[redacted]"),
        (
            "https://vault.example/v1/aws/creds failed",
            "https://vault.example/v1/aws/creds failed",
        ),
        ("hf_abcdefghijklmnopqrstuv is expired", "[redacted] is expired"),
        ("sk-proj-abcdefghijklmnop", "[redacted]"),
        ("hvs.CAESIabcdefghijklmnop", "[redacted]"),
        ("task-sk-short and hf_model", "task-sk-short and hf_model"),
        ("from https://user:hush@a.example/p", "from https://[redacted]@a.example/p"),
    ],
)
def test_what_looks_like_a_key_is_removed(text: str, expected: str) -> None:
    assert expected == without_keys(text)
