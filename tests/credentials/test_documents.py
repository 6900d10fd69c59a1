from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sagemaker_rt.credentials.documents import expiry, json_object, read_credentials
from sagemaker_rt.errors import CredentialsError

WHOLE = {
    "AccessKeyId": "AKID",
    "SecretAccessKey": "hush",
    "Token": "a-token",
    "Expiration": "2023-11-14T22:13:20Z",
    "AccountId": "123456789012",
}
END = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_document_holds_credentials() -> None:
    found = read_credentials(WHOLE, "Token", source="it")

    assert ("AKID", "hush", "a-token") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
    )
    assert (END, "123456789012") == (found.expires_at, found.account_id)


def test_token_and_expiry_may_be_missing() -> None:
    found = read_credentials(WHOLE | {"Expiration": None}, "SessionToken", source="it")

    assert (None, None) == (found.session_token, found.expires_at)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "it gave no AccessKeyId and no SecretAccessKey"),
        ({"AccessKeyId": "AKID"}, "it gave no SecretAccessKey"),
        ({"AccessKeyId": 7, "SecretAccessKey": "hush"}, "it gave no AccessKeyId"),
        (WHOLE | {"Expiration": "soon"}, "it gave an expiry that is no time: 'soon'"),
    ],
)
def test_what_is_missing_is_named(document: dict[str, object], message: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        read_credentials(document, "Token", source="it")

    assert message == str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20+00:00",
        "2023-11-14T23:13:20+01:00",
        "2023-11-14T22:13:20",
        "2023-11-14T22:13:20UTC",
        1_700_000_000,
        1_700_000_000.0,
    ],
)
def test_an_expiry_is_written_in_several_ways(value: object) -> None:
    assert END == expiry(value, source="it")


@pytest.mark.parametrize("value", [None, True, "", "now", 1e300, float("nan"), []])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(CredentialsError, match="it gave an expiry that is no time"):
        expiry(value, source="it")


@pytest.mark.parametrize("text", [b"", b"hush", b"[]", b"null", b"\xff", b"[" * 9999])
def test_what_is_no_document_is_not_shown(text: bytes) -> None:
    with pytest.raises(CredentialsError) as caught:
        json_object(text, source="it")

    assert f"it gave {len(text)} bytes that are no JSON object" == str(caught.value)
    assert {"a": 1} == json_object(b'{"a": 1}', source="it")
