from __future__ import annotations

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.sansio.auth_schemes import (
    BEARER,
    NO_AUTH,
    SIGV4,
    choose,
    preferred,
)

OFFERED = [AuthScheme(SIGV4, "sagemaker", "eu-west-1"), AuthScheme(BEARER)]


def ids(schemes: list[AuthScheme]) -> list[str]:
    return [scheme.id for scheme in schemes]


@pytest.mark.parametrize(
    ("preference", "order"),
    [
        ((), [SIGV4, BEARER]),
        (("httpBearerAuth",), [BEARER, SIGV4]),
        (("smithy.api#httpBearerAuth", "sigv4"), [BEARER, SIGV4]),
        (("sigv4a", " sigv4 "), [SIGV4, BEARER]),
        (("noAuth",), [SIGV4, BEARER]),
    ],
)
def test_what_is_preferred_comes_first(
    preference: tuple[str, ...], order: list[str]
) -> None:
    assert order == ids(preferred(OFFERED, preference))


@pytest.mark.parametrize(
    ("usable", "chosen"),
    [({SIGV4, BEARER}, SIGV4), ({BEARER, NO_AUTH}, BEARER)],
)
def test_the_first_that_has_an_identity_is_taken(usable: set[str], chosen: str) -> None:
    assert chosen == choose(OFFERED, usable).id


def test_without_an_identity_for_any_there_is_an_error() -> None:
    with pytest.raises(OptionsError) as caught:
        choose(OFFERED[1:], {NO_AUTH})

    assert (
        "no auth scheme can be used: smithy.api#httpBearerAuth offered, and there is "
        "an identity for smithy.api#noAuth; pass credentials=… or token_provider=…"
    ) == str(caught.value)


def test_who_offers_nothing_is_told_so() -> None:
    with pytest.raises(OptionsError, match=r"none offered, and .* for none"):
        choose([], set())
