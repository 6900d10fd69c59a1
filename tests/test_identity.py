from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve
from attrs.exceptions import FrozenInstanceError

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import AnonymousCredentials, AuthScheme, Credentials, Token

SECRETS = Credentials("AKID", "a-secret", "a-token", account_id="123456789012")


def test_a_repr_shows_no_secret() -> None:
    shown = repr(SECRETS)

    assert "a-secret" not in shown
    assert "a-token" not in shown
    assert shown.startswith("Credentials(access_key_id='AKID', ")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_credentials_do_not_pickle(protocol: int) -> None:
    with pytest.raises(TypeError, match="credentials hold a secret and do not pickle"):
        pickle.dumps(SECRETS, protocol)


def test_credentials_are_not_copied_by_accident() -> None:
    with pytest.raises(TypeError, match="pass a provider"):
        copy.copy(SECRETS)


@pytest.mark.parametrize(
    ("id", "secret", "missing"),
    [
        ("", "s", "access_key_id"),
        ("A", "", "secret_access_key"),
        ("", "", "access_key_id"),
    ],
)
def test_half_a_pair_is_refused(id: str, secret: str, missing: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        Credentials(id, secret)

    assert f"{missing} is empty; credentials need both halves of the pair" == str(
        caught.value
    )


def test_an_expiry_without_a_time_zone_is_refused() -> None:
    """It would be compared with one that has a zone, in the middle of some call."""
    expiry = datetime(2030, 1, 1)  # noqa: DTZ001 - what is tested

    with pytest.raises(CredentialsError) as caught:
        Credentials("AKID", "a-secret", expires_at=expiry)

    assert f"expires_at must know its time zone: {expiry!r}" == str(caught.value)


def test_credentials_are_values() -> None:
    expiry = datetime(2030, 1, 1, tzinfo=UTC)

    later = evolve(SECRETS, expires_at=expiry)

    assert expiry == later.expires_at
    assert SECRETS == evolve(later, expires_at=None)
    with pytest.raises(FrozenInstanceError):
        later.session_token = None  # type: ignore[misc] # what is tested


def test_anonymous_callers_are_all_the_same() -> None:
    assert AnonymousCredentials() == AnonymousCredentials()


def test_a_scheme_may_leave_service_and_region_to_the_client() -> None:
    scheme = AuthScheme("aws.auth#sigv4")

    assert (None, None) == (scheme.signing_name, scheme.signing_region)


def test_the_repr_of_a_token_shows_its_end_alone() -> None:
    expiry = datetime(2030, 1, 1, tzinfo=UTC)

    assert f"Token(expires_at={expiry!r})" == repr(Token("hush", expires_at=expiry))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_token_does_not_pickle(protocol: int) -> None:
    with pytest.raises(TypeError, match="a token is a secret and does not pickle"):
        pickle.dumps(Token("hush"), protocol)


def test_a_token_needs_text_and_an_expiry_with_a_time_zone() -> None:
    expiry = datetime(2030, 1, 1)  # noqa: DTZ001 - what is tested

    with pytest.raises(CredentialsError, match="the token is empty"):
        Token("")
    with pytest.raises(CredentialsError, match="expires_at must know its time zone"):
        Token("hush", expires_at=expiry)


@pytest.mark.parametrize(
    "parts",
    [
        ("AK\r\nID", "hush", None),
        ("ÄKID", "hush", None),
        (b"AKID", "hush", None),
        ("AKID", "hush", "a\ntoken"),
        ("AKID", "hush", "\udcff"),
        ("AKID", "hush\udcff", None),
        ("AKID", b"hush", None),
    ],
)
def test_what_nobody_can_sign_with_or_send_is_refused(parts: tuple[Any, ...]) -> None:
    with pytest.raises(CredentialsError, match="is no ") as caught:
        Credentials(*parts)

    assert "hush" not in str(caught.value)
