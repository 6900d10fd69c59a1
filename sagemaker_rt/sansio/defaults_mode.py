"""Defaults modes: sets of default settings that all AWS SDKs share.

The values are from the shared configuration of the SDKs (``sdk-default-configuration``
in botocore). All modes except ``legacy`` use the retry mode ``standard``, which is also
the default without a mode. So the modes differ in the connect timeout only.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

__all__ = ["DEFAULTS_MODES", "DefaultsMode", "connect_timeout_of", "detect_mode"]

DefaultsMode: TypeAlias = Literal[
    "legacy", "standard", "in-region", "cross-region", "mobile", "auto"
]
"""The network distance between caller and service. ``auto`` detects it at the first
call."""
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
    "auto": 3.1,  # if detection failed
}
_DEFAULT_CONNECT_TIMEOUT: Final = 5.0


def connect_timeout_of(mode: DefaultsMode | None) -> float:
    """Return the connect timeout of *mode* in seconds; None without a mode."""
    return _CONNECT_TIMEOUTS.get(mode or "", _DEFAULT_CONNECT_TIMEOUT)


def detect_mode(region: str | None, *, current_region: str | None) -> DefaultsMode:
    """Return the mode that ``auto`` selects.

    Args:
        region: The region of the service.
        current_region: The region of this machine; None if it is unknown.
    """
    if region is None or current_region is None:
        return "standard"
    return "in-region" if region == current_region else "cross-region"
