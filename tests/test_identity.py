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


def test_the_repr_omits_secrets() -> None:
    shown = repr(SECRETS)

    assert "a-secret" not in shown
    assert "a-token" not in shown
    assert shown.startswith("Credentials(access_key_id='AKID', ")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_credentials_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(SECRETS, protocol)


def test_credentials_cannot_be_copied() -> None:
    with pytest.raises(TypeError, match="provider"):
        copy.copy(SECRETS)


@pytest.mark.parametrize(
    ("id", "secret", "missing"),
    [
        ("", "s", "access_key_id"),
        ("A", "", "secret_access_key"),
        ("", "", "access_key_id"),
    ],
)
def test_an_empty_half_of_the_key_pair_is_refused(
    id: str, secret: str, missing: str
) -> None:
    with pytest.raises(CredentialsError, match=f"^{missing} is empty"):
        Credentials(id, secret)


def test_an_expiry_without_a_time_zone_is_refused() -> None:
    """Otherwise its comparison with the current time would fail during a call."""
    expiry = datetime(2030, 1, 1)  # noqa: DTZ001 - what is tested

    with pytest.raises(CredentialsError, match="expires_at"):
        Credentials("AKID", "a-secret", expires_at=expiry)


def test_credentials_are_values() -> None:
    expiry = datetime(2030, 1, 1, tzinfo=UTC)

    later = evolve(SECRETS, expires_at=expiry)

    assert expiry == later.expires_at
    assert SECRETS == evolve(later, expires_at=None)
    with pytest.raises(FrozenInstanceError):
        later.session_token = None  # type: ignore[misc] # what is tested


def test_anonymous_credentials_are_equal() -> None:
    assert AnonymousCredentials() == AnonymousCredentials()


def test_service_and_region_of_a_scheme_are_optional() -> None:
    scheme = AuthScheme("aws.auth#sigv4")

    assert (None, None) == (scheme.signing_name, scheme.signing_region)


def test_the_repr_of_a_token_omits_its_text() -> None:
    expiry = datetime(2030, 1, 1, tzinfo=UTC)

    assert f"Token(expires_at={expiry!r})" == repr(Token("hush", expires_at=expiry))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_token_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Token("hush"), protocol)


def test_an_empty_token_and_an_expiry_without_a_time_zone_are_refused() -> None:
    expiry = datetime(2030, 1, 1)  # noqa: DTZ001 - what is tested

    with pytest.raises(CredentialsError, match="token"):
        Token("")
    with pytest.raises(CredentialsError, match="expires_at"):
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
def test_values_that_cannot_be_sent_or_signed_are_refused(
    parts: tuple[Any, ...],
) -> None:
    with pytest.raises(CredentialsError, match="must be") as caught:
        Credentials(*parts)

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("expires_at", [1.0, "2030-01-01"])
def test_an_expiry_is_a_datetime(expires_at: Any) -> None:
    with pytest.raises(CredentialsError, match="must be a datetime"):
        Credentials("AKID", "shh", expires_at=expires_at)
    with pytest.raises(CredentialsError, match="must be a datetime"):
        Token("t", expires_at=expires_at)


@pytest.mark.parametrize("token", [1, b"x", "a\r\nb", "\u00e9"])
def test_a_token_is_text_for_a_header(token: Any) -> None:
    with pytest.raises(CredentialsError, match="printable ASCII"):
        Token(token)
