"""What a table of another SDK's names is held to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sagemaker_rt.options import Options
from sagemaker_rt.porting.entries import Entries, Nested

__all__ = ["changed", "names_in", "names_of"]


def changed(options: Options) -> dict[str, object]:
    """Return what differs from the defaults, under flat names."""
    defaults = Options().flat()
    return {k: v for k, v in options.flat().items() if v != defaults[k]}


def names_of(table: Entries, inside: str = "") -> Iterator[str]:
    """Yield every name of *table*, nested ones with dots."""
    for name, entry in table.items():
        if isinstance(entry, Nested):
            yield from names_of(entry.entries, f"{inside}{name}.")
        else:
            yield f"{inside}{name}"


def names_in(settings: Mapping[str, object], inside: str = "") -> Iterator[str]:
    """Yield every name that *settings* use, nested ones with dots."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from names_in(value, f"{inside}{name}.")
        yield f"{inside}{name}"
