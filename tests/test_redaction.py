from __future__ import annotations

import pytest

from sagemaker_rt.redaction import without_user_info


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
