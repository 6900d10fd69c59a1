"""Ids of auth schemes, and the choice between the schemes that a resolver returns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AuthScheme

__all__ = ["BEARER", "NO_AUTH", "SIGV4", "choose_scheme", "sort_by_preference"]

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


def choose_scheme(offered: Sequence[AuthScheme], usable: Collection[str]) -> AuthScheme:
    """Return the first scheme for which there is an identity.

    Args:
        usable: The ids of the schemes for which there is an identity.

    Raises:
        OptionsError: No scheme is usable.
    """
    for scheme in offered:
        if scheme.id in usable:
            return scheme
    names = ", ".join(scheme.id for scheme in offered) or "none"
    message = (
        f"no auth scheme can be used: offered {names}, usable "
        f"{', '.join(sorted(usable)) or 'none'}; set credentials or token_provider"
    )
    raise OptionsError(message)


def _bare_name(id: str) -> str:
    return id.rpartition("#")[2].strip()
