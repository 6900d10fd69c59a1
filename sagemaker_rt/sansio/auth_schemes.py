"""Which auth schemes there are, and which of those that are offered is taken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AuthScheme

__all__ = ["BEARER", "NO_AUTH", "SIGV4", "choose", "preferred"]

SIGV4: Final = "aws.auth#sigv4"
BEARER: Final = "smithy.api#httpBearerAuth"
NO_AUTH: Final = "smithy.api#noAuth"


def preferred(
    offered: Sequence[AuthScheme], preference: Sequence[str]
) -> list[AuthScheme]:
    """Return *offered* with what *preference* names in front, in its order.

    Names count without what stands before ``#``; unknown ones do not.
    """
    places = {_name(name): place for place, name in enumerate(preference)}
    last = len(places)
    return sorted(offered, key=lambda scheme: places.get(_name(scheme.id), last))


def choose(offered: Sequence[AuthScheme], usable: Collection[str]) -> AuthScheme:
    """Return the first scheme that there is an identity for.

    Args:
        usable: The ids of schemes that there is one for.

    Raises:
        OptionsError: There is none for any.
    """
    for scheme in offered:
        if scheme.id in usable:
            return scheme
    names = ", ".join(scheme.id for scheme in offered) or "none"
    message = (
        f"no auth scheme can be used: {names} offered, and there is an identity for "
        f"{', '.join(sorted(usable)) or 'none'}; pass credentials=… or token_provider=…"
    )
    raise OptionsError(message)


def _name(id: str) -> str:
    return id.rpartition("#")[2].strip()
