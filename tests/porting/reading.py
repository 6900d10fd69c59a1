"""What the tables of other SDKs' names are held to, and with what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import Options
from sagemaker_rt.porting import Dialect, ported_options
from sagemaker_rt.porting.entries import Entries, Nested

__all__ = [
    "PART",
    "Ported",
    "Refused",
    "Settings",
    "carried",
    "changed",
    "plain",
    "refusal",
    "untried",
]

Settings: TypeAlias = dict[str, Any]
Ported: TypeAlias = tuple[Settings, dict[str, object]]
"""Settings, and the options that they are to lead to."""
Refused: TypeAlias = tuple[Settings, str]
"""Settings, and a part of what is said of them."""


def plain(*args: Any, **kwargs: Any) -> Any:
    """A function, for whatever wants one."""


class Part:
    """A part that has the methods of several."""

    debug = log = send = aclose = sign = retrieve = decide = plain
    resolve_endpoint = get_tracer = get_meter = retrieve_identity = plain

    def __repr__(self) -> str:
        return "PART"


PART: Final = Part()


def carried(settings: Settings, dialect: Dialect) -> dict[str, object]:
    """Return the options that *settings* lead to, under flat names."""
    return changed(ported_options(settings, dialect=dialect))


def changed(options: Options) -> dict[str, object]:
    """Return what differs from the defaults, under flat names."""
    defaults = Options().flat()
    return {k: v for k, v in options.flat().items() if v != defaults[k]}


def refusal(settings: Settings, dialect: Dialect) -> str:
    """Return what is said of *settings* that cannot be carried over."""
    with pytest.raises(OptionsError) as caught:
        ported_options(settings, dialect=dialect)
    return str(caught.value)


def untried(
    table: Entries,
    ported: Iterable[Ported],
    without_meaning: Iterable[Settings],
    refused: Iterable[Refused],
) -> set[str]:
    """Return the names of *table* that are among none of these settings."""
    tried = [*without_meaning, *(s for s, _ in ported), *(s for s, _ in refused)]
    names = {name for settings in tried for name in _names_in(settings)}
    return {*_names_of(table)} - names


def _names_of(table: Entries, inside: str = "") -> Iterator[str]:
    """Yield every name of *table*, nested ones with dots."""
    for name, entry in table.items():
        if isinstance(entry, Nested):
            yield from _names_of(entry.entries, f"{inside}{name}.")
        else:
            yield f"{inside}{name}"


def _names_in(settings: Mapping[str, object], inside: str = "") -> Iterator[str]:
    """Yield every name that *settings* use, nested ones with dots."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _names_in(value, f"{inside}{name}.")
        yield f"{inside}{name}"
