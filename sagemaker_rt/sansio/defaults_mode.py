"""The defaults modes that the SDKs of AWS share, and what each stands for here.

Their numbers are those of the SDKs' shared configuration (``sdk-default-configuration``
of botocore). Every mode but ``legacy`` retries in the standard way, which is what an
unset mode does as well, so that the time to connect is all that they differ in.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

__all__ = ["DEFAULTS_MODES", "DefaultsMode", "connect_timeout_of", "mode_for"]

DefaultsMode: TypeAlias = Literal[
    "legacy", "standard", "in-region", "cross-region", "mobile", "auto"
]
"""Where calls come from. ``auto`` finds it out, at the first call."""
DEFAULTS_MODES: Final = (
    "legacy",
    "standard",
    "in-region",
    "cross-region",
    "mobile",
    "auto",
)

_CONNECT_TIMEOUTS: Final = {
    "standard": 3.1,
    "in-region": 1.1,
    "cross-region": 3.1,
    "mobile": 30.0,
    "auto": 3.1,  # where it could not be found out
}
_CONNECT_TIMEOUT: Final = 5.0


def connect_timeout_of(mode: DefaultsMode | None) -> float:
    """Return the seconds in which a connection has to be there."""
    return _CONNECT_TIMEOUTS.get(mode or "", _CONNECT_TIMEOUT)


def mode_for(region: str | None, *, current: str | None) -> DefaultsMode:
    """Return what ``auto`` stands for.

    Args:
        region: Where calls go.
        current: Where they come from; None where that is not known.
    """
    if region is None or current is None:
        return "standard"
    return "in-region" if region == current else "cross-region"
