from __future__ import annotations

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.sansio.auth_schemes import (
    BEARER,
    NO_AUTH,
    SIGV4,
    choose_scheme,
    sort_by_preference,
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
def test_preferred_schemes_come_first(
    preference: tuple[str, ...], order: list[str]
) -> None:
    assert order == ids(sort_by_preference(OFFERED, preference))


@pytest.mark.parametrize(
    ("usable", "chosen"),
    [({SIGV4, BEARER}, SIGV4), ({BEARER, NO_AUTH}, BEARER)],
)
def test_the_first_scheme_with_an_identity_is_chosen(
    usable: set[str], chosen: str
) -> None:
    assert chosen == choose_scheme(OFFERED, usable).id


@pytest.mark.parametrize(
    ("preference", "chosen"),
    [
        ((), SIGV4),
        (("sigv4",), SIGV4),
        (("httpBearerAuth", "aws.auth#sigv4"), SIGV4),
        (("sigv4a",), SIGV4),
    ],
)
def test_a_scheme_that_is_named_may_replace_a_token(
    preference: tuple[str, ...], chosen: str
) -> None:
    offered = sort_by_preference(OFFERED, preference)

    assert chosen == choose_scheme(offered, {SIGV4, NO_AUTH}, preference).id


@pytest.mark.parametrize("usable", [{SIGV4}, {NO_AUTH}, {SIGV4, NO_AUTH}, set[str]()])
def test_another_scheme_may_not_replace_a_token(usable: set[str]) -> None:
    preference = ("httpBearerAuth",)
    offered = sort_by_preference([*OFFERED, AuthScheme(NO_AUTH)], preference)

    with pytest.raises(OptionsError, match="token_provider"):
        choose_scheme(offered, usable, preference)


def test_without_an_identity_for_any_scheme_an_error_is_raised() -> None:
    with pytest.raises(OptionsError) as caught:
        choose_scheme(OFFERED[1:], {NO_AUTH})

    assert BEARER in str(caught.value)
    assert NO_AUTH in str(caught.value)


def test_without_an_offered_scheme_an_error_is_raised() -> None:
    with pytest.raises(OptionsError, match="none"):
        choose_scheme([], set())
