"""Names that are mistaken for the names of regions."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["suggest_region"]

# The patterns are compiled at their first use: most programs use one of them.
_REGION: Final = (
    r"[a-z]{2,4}(?:-(?:gov|iso[a-z]?|de))?-(?:north|south|central|east|west)+-\d+"
)
# availability zones, local zones, and Wavelength zones
_ZONE: Final = rf"({_REGION})(?:[a-z]|-[a-z0-9]+-\d+[a-z]|-wl\d+-[a-z0-9-]+)"
# use1-az1, and usw2-lax1-az1 for a local zone
_ZONE_ID: Final = r"([a-z]{2})([nsewc]{1,2})(\d)-(?:[a-z0-9]+-)?az\d+"
_DIRECTIONS: Final = {
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "c": "central",
    "ne": "northeast",
    "nw": "northwest",
    "se": "southeast",
    "sw": "southwest",
}


def suggest_region(name: str) -> str | None:
    """Return the region that *name* probably stands for; None if it may be a region.

    *name* may be that or the id of a zone: ``us-east-1a``, ``us-west-2-lax-1a``,
    ``use1-az1``; or a region in upper case, or with blanks or underscores.
    """
    text = name.strip().lower().replace("_", "-")
    if re.fullmatch(_REGION, text):
        return None if text == name else text
    if (zone := re.fullmatch(_ZONE, text)) is not None:
        return zone[1]
    found = re.fullmatch(_ZONE_ID, text)
    if found is not None and found[2] in _DIRECTIONS:
        return f"{found[1]}-{_DIRECTIONS[found[2]]}-{found[3]}"
    return None
