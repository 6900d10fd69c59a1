from __future__ import annotations

from collections.abc import Sequence

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.http import Request
from sagemaker_rt.identity import AuthScheme, Token
from sagemaker_rt.options.auth import AuthOptions
from sagemaker_rt.signers.sigv4 import SigV4Signer

SIGNER = SigV4Signer()


class Tokens:
    async def retrieve(self) -> Token:
        return Token("a-token")


TOKENS = Tokens()


class Scheme:
    id = "example.com#apiKey"

    async def retrieve_identity(self) -> str:
        return "a-key"

    def sign(self, request: Request, identity: str) -> None:
        request.headers["x-api-key"] = identity


SCHEME = Scheme()


def offer(_: str, __: str | None) -> Sequence[AuthScheme]:
    return []


def test_by_default_requests_are_signed_by_the_services_rules() -> None:
    options = AuthOptions()

    assert (None, None, None, None) == (
        options.signer,
        options.token_provider,
        options.auth_scheme_preference,
        options.auth_scheme_resolver,
    )


@pytest.mark.parametrize("value", ["sigv4", 1, ["sigv4", 1]])
def test_a_preference_is_a_list_of_names(value: object) -> None:
    with pytest.raises(OptionsError) as caught:
        AuthOptions(auth_scheme_preference=value)

    assert f"auth_scheme_preference must be an iterable of names: {value!r}" == str(
        caught.value
    )


def test_what_provides_no_token_is_refused() -> None:
    with pytest.raises(OptionsError, match="token_provider"):
        AuthOptions(token_provider="a-token")  # type: ignore[arg-type] # on purpose


def test_a_payload_is_signed_or_unsigned() -> None:
    assert "signed" == AuthOptions().payload_signing
    with pytest.raises(OptionsError) as caught:
        AuthOptions(payload_signing="maybe")  # type: ignore[arg-type] # on purpose

    assert "payload_signing must be one of 'signed', 'unsigned': 'maybe'" == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1, "auth_schemes must be an iterable of schemes: 1"),
        ([1], "auth_schemes must be an object with a method sign(): 1"),
        (
            [SigV4Signer()],
            "auth_schemes must be an object with a method retrieve_identity()",
        ),
    ],
)
def test_what_is_no_scheme_is_refused(value: object, message: str) -> None:
    with pytest.raises(OptionsError) as caught:
        AuthOptions(auth_schemes=value)

    assert str(caught.value).startswith(message)
