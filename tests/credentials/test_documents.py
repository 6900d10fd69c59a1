from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sagemaker_rt.credentials.documents import (
    Document,
    parse_credentials,
    parse_expiry,
    parse_json_object,
    service_message,
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
END = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_credentials_are_parsed() -> None:
    found = parse_credentials(Document(WHOLE), "Token", source="it")

    assert ("AKID", "hush", "a-token") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
    )
    assert (END, "123456789012") == (found.expires_at, found.account_id)


def test_token_and_expiry_are_optional() -> None:
    document = Document(WHOLE | {"Expiration": None})

    found = parse_credentials(document, "SessionToken", source="it")

    assert (None, None) == (found.session_token, found.expires_at)


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ({}, ["AccessKeyId", "SecretAccessKey"]),
        ({"AccessKeyId": "AKID"}, ["SecretAccessKey"]),
        ({"AccessKeyId": 7, "SecretAccessKey": "hush"}, ["AccessKeyId"]),
        (WHOLE | {"Expiration": "soon hush"}, ["expiry", "2030-01-31T12:00:00Z"]),
        (WHOLE | {"AccessKeyId": "AK\r\nID"}, ["AccessKeyId"]),
        (WHOLE | {"SecretAccessKey": "hush\ud800"}, ["SecretAccessKey"]),
        (WHOLE | {"Token": "hush hush"}, ["Token"]),
    ],
)
def test_a_missing_or_invalid_member_is_named(
    document: dict[str, object], names: list[str]
) -> None:
    with pytest.raises(CredentialsError, match="the sender: ") as caught:
        parse_credentials(Document(document), "Token", source="the sender")

    assert all(name in str(caught.value) for name in names)
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
def test_an_expiry_has_several_forms(value: object) -> None:
    assert END == parse_expiry(value, source="it")


@pytest.mark.parametrize("value", [None, True, "", "now", 1e300, float("nan"), []])
def test_an_invalid_expiry_is_an_error(value: object) -> None:
    with pytest.raises(CredentialsError, match="it: the expiry"):
        parse_expiry(value, source="it")


@pytest.mark.parametrize("text", [b"", b"hush", b"[]", b"null", b"\xff", b"[" * 9999])
def test_an_invalid_document_is_not_shown(text: bytes) -> None:
    with pytest.raises(CredentialsError) as caught:
        parse_json_object(text, source="it")

    assert f"{len(text)} bytes" in str(caught.value)
    assert "hush" not in shown(caught.value)
    assert Document({"a": 1}) == parse_json_object(b'{"a": 1}', source="it")


def test_the_repr_hides_the_members() -> None:
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
        (["hush"], "no error message"),
        ("a\nX-Amz-Security-Token: hush\nb", "a\nX-Amz-Security-Token:[redacted]\nb"),
    ],
)
def test_the_message_of_a_service_is_shortened_and_redacted(
    text: object, expected: str
) -> None:
    assert expected == service_message(text)
