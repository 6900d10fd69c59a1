"""Ids of auth schemes, and the choice between the schemes that a resolver returns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AuthScheme

__all__ = [
    "BEARER",
    "NO_AUTH",
    "SIGV4",
    "choose_scheme",
    "is_named",
    "sort_by_preference",
]

SIGV4: Final = "aws.auth#sigv4"
BEARER: Final = "smithy.api#httpBearerAuth"
NO_AUTH: Final = "smithy.api#noAuth"


def sort_by_preference(
    offered: Sequence[AuthScheme], preference: Sequence[str]
) -> list[AuthScheme]:
    """Return *offered* with the schemes named in *preference* first, in its order.

    Names are compared without the namespace before ``#``. Unknown names are ignored.
    """
    ranks = {_bare_name(name): rank for rank, name in enumerate(preference)}
    # The sort is stable: schemes without a preference keep their order, at the end.
    last = len(ranks)
    return sorted(offered, key=lambda scheme: ranks.get(_bare_name(scheme.id), last))


def is_named(scheme: AuthScheme, preference: Sequence[str]) -> bool:
    """Return whether *preference* names *scheme*, with or without its namespace."""
    return _bare_name(scheme.id) in map(_bare_name, preference)


def choose_scheme(
    offered: Sequence[AuthScheme],
    usable: Collection[str],
    preference: Sequence[str] = (),
) -> AuthScheme:
    """Return the first scheme for which there is an identity.

    If *preference* names bearer tokens and there is none, only the other schemes that
    it names are used in their place: a call is not signed with credentials that the
    caller did not ask for.

    Args:
        usable: The ids of the schemes for which there is an identity.
        preference: The names by which *offered* was sorted.

    Raises:
        OptionsError: No scheme is usable.
    """
    lacks_token = False
    for scheme in offered:
        if scheme.id in usable:
            if lacks_token and not is_named(scheme, preference):
                raise _no_token_error()
            return scheme
        lacks_token |= scheme.id == BEARER and is_named(scheme, preference)
    names = ", ".join(scheme.id for scheme in offered) or "none"
    message = (
        f"no auth scheme can be used: offered {names}, usable "
        f"{', '.join(sorted(usable)) or 'none'}; set credentials or token_provider"
    )
    raise OptionsError(message)


def _no_token_error() -> OptionsError:
    message = (
        "auth_scheme_preference (AWS_AUTH_SCHEME_PREFERENCE) is httpBearerAuth, and "
        "token_provider is not set: set it, for example to "
        "StaticTokenProvider('token'), or allow signatures too: "
        "['httpBearerAuth', 'sigv4']"
    )
    return OptionsError(message)


def _bare_name(id: str) -> str:
    return id.rpartition("#")[2].strip()
