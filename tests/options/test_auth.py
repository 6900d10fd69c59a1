from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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


def test_the_defaults() -> None:
    options = AuthOptions()

    assert (None, None, None, None) == (
        options.signer,
        options.token_provider,
        options.auth_scheme_preference,
        options.auth_scheme_resolver,
    )


@pytest.mark.parametrize("value", ["sigv4", 1, ["sigv4", 1]])
def test_a_preference_is_an_iterable_of_names(value: Any) -> None:
    with pytest.raises(OptionsError) as caught:
        AuthOptions(auth_scheme_preference=value)

    assert "auth_scheme_preference" in str(caught.value)
    assert repr(value) in str(caught.value)


def test_a_token_provider_needs_a_method_retrieve() -> None:
    with pytest.raises(OptionsError, match="token_provider"):
        AuthOptions(token_provider="a-token")  # type: ignore[arg-type] # on purpose


def test_a_payload_is_signed_or_unsigned() -> None:
    assert "signed" == AuthOptions().payload_signing
    with pytest.raises(OptionsError, match="payload_signing"):
        AuthOptions(payload_signing="maybe")  # type: ignore[arg-type] # on purpose


@pytest.mark.parametrize("value", [1, [1], [SigV4Signer()]], ids=["1", "[1]", "signer"])
def test_an_object_that_is_not_a_scheme_is_refused(value: Any) -> None:
    with pytest.raises(OptionsError) as caught:
        AuthOptions(auth_schemes=value)

    assert "auth_schemes" in str(caught.value)
