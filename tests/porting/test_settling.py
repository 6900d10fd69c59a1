from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.porting.settling import settle

ANONYMOUS = AnonymousCredentials()
PAIR = {"access_key_id": "AKID", "secret_access_key": "secret"}
DELAYS = {"retry_base_delay": 0.1, "retry_max_delay": 1.0, "retry_jitter": "full"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"region": "a"}, {"region": "a"}),
        (PAIR, {"credentials": Credentials("AKID", "secret")}),
        (
            {**PAIR, "session_token": "token", "account_id": "1"},
            {"credentials": Credentials("AKID", "secret", "token", account_id="1")},
        ),
        ({"access_key_id": "", "credentials": ANONYMOUS}, {"credentials": ANONYMOUS}),
        ({"url": "https://a", "use_ssl": False}, {"endpoint_url": "https://a"}),
        ({"host": "a.example"}, {"endpoint_url": "https://a.example"}),
        (
            {"host": "a.example", "use_ssl": True, "port": 1},
            {"endpoint_url": "https://a.example:1"},
        ),
        ({"host": "localhost", "use_ssl": False}, {"endpoint_url": "http://localhost"}),
        ({"use_ssl": False, "port": 1}, {"use_ssl": False, "port": 1}),
        (DELAYS, {**DELAYS, "retry_mode": "legacy"}),
        ({**DELAYS, "retry_mode": "legacy"}, {**DELAYS, "retry_mode": "legacy"}),
        ({**DELAYS, "retry_mode": "off"}, {"retry_mode": "off"}),
    ],
    ids=str,
)
def test_what_belongs_together_is_put_together(
    fields: dict[str, Any], expected: dict[str, object]
) -> None:
    settled = dict(fields)

    settle(settled)

    assert expected == settled


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"access_key_id": "AKID"}, "secret_access_key"),
        ({"secret_access_key": "secret"}, "access_key_id"),
        ({"session_token": "token"}, "access_key_id"),
    ],
)
def test_half_a_pair_of_keys_is_refused_and_not_shown(
    fields: dict[str, Any], missing: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        settle(dict(fields))

    text = f"credentials need both halves of the pair; {missing} is missing"
    assert text == str(caught.value)
