from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sagemaker_rt.credentials.documents import (
    Document,
    expiry,
    json_object,
    read_credentials,
    said,
)
from sagemaker_rt.errors import CredentialsError
from tests.credentials.shown import shown

WHOLE = {
    "AccessKeyId": "AKID",
    "SecretAccessKey": "hush",
    "Token": "a-token",
    "Expiration": "2023-11-14T22:13:20Z",
    "AccountId": "123456789012",
}
RIGHT = "right would be one such as 2030-01-31T12:00:00Z, or seconds since the epoch"
END = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_document_holds_credentials() -> None:
    found = read_credentials(Document(WHOLE), "Token", source="it")

    assert ("AKID", "hush", "a-token") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
    )
    assert (END, "123456789012") == (found.expires_at, found.account_id)


def test_token_and_expiry_may_be_missing() -> None:
    document = Document(WHOLE | {"Expiration": None})

    found = read_credentials(document, "SessionToken", source="it")

    assert (None, None) == (found.session_token, found.expires_at)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "it gave no AccessKeyId and no SecretAccessKey"),
        ({"AccessKeyId": "AKID"}, "it gave no SecretAccessKey"),
        ({"AccessKeyId": 7, "SecretAccessKey": "hush"}, "it gave no AccessKeyId"),
        (
            WHOLE | {"Expiration": "soon hush"},
            "it gave an expiry that is no time; " + RIGHT,
        ),
        (
            WHOLE | {"AccessKeyId": "AK\r\nID"},
            "it gave AccessKeyId with characters that it cannot have",
        ),
        (
            WHOLE | {"SecretAccessKey": "hush\ud800"},
            "it gave SecretAccessKey with characters that it cannot have",
        ),
        (
            WHOLE | {"Token": "hush hush"},
            "it gave Token with characters that it cannot have",
        ),
    ],
)
def test_what_is_missing_is_named(document: dict[str, object], message: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        read_credentials(Document(document), "Token", source="it")

    assert message == str(caught.value)
    assert "hush" not in shown(caught.value)


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
    assert Document({"a": 1}) == json_object(b'{"a": 1}', source="it")


def test_members_are_not_shown() -> None:
    document = Document({"a": "hush", "b": "", "c": {"d": "e"}, "f": ["hush"]})

    assert ("hush", None, None, None) == tuple(map(document.text, "abcz"))
    assert ("e", None) == (
        document.object("c").text("d"),
        document.object("f").text("d"),
    )
    assert "Document()" == repr(document)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not you", "not you"),
        ("x" * 9999, "x" * 4096),
        (["hush"], "it does not say why"),
        ("a\nX-Amz-Security-Token: hush\nb", "a\nX-Amz-Security-Token:[redacted]\nb"),
    ],
)
def test_what_a_service_says_is_cut_and_shows_no_token(
    text: object, expected: str
) -> None:
    assert expected == said(text)
