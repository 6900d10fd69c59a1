"""What a name of another SDK may lead to: an option, several, nothing, or advice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from attrs import frozen

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.suggestions import did_you_mean

__all__ = [
    "Entries",
    "Entry",
    "Found",
    "Into",
    "Nested",
    "Nothing",
    "Refused",
    "Several",
    "as_it_is",
    "found",
]

_log = logging.getLogger(__name__)


def as_it_is(value: object) -> object:
    """Return *value*; the option checks it."""
    return value


@frozen
class Into:
    """One option, by way of *read*, which raises ValueError with what is wanted."""

    option: str
    """A flat name, or one of those that `settle` puts together."""
    read: Callable[[Any], object] = as_it_is


@frozen
class Several:
    """The options that *read* makes of the value; it raises as that of `Into`."""

    read: Callable[[Any], Mapping[str, object]]


@frozen
class Nested:
    """Names of its own."""

    entries: Entries


@frozen
class Nothing:
    """Taken, and not acted on."""

    why: str = "has no meaning for SageMaker Runtime"


@frozen
class Refused:
    """What cannot be carried over."""

    advice: str
    unless: tuple[object, ...] = ()
    """Values that say what happens here anyway."""


Entry: TypeAlias = Into | Several | Nested | Nothing | Refused
Entries: TypeAlias = Mapping[str, Entry]


class Found(NamedTuple):
    """A value for an option, and the name that said it."""

    name: str
    option: str
    value: object


def found(
    entries: Entries, settings: Mapping[str, object], *, inside: str = ""
) -> Iterator[Found]:
    """Yield what *settings* say, by *entries*; None and an empty text say nothing.

    Args:
        inside: What the names stand in, with a dot at its end.

    Raises:
        OptionsError: A name is unknown, or what it says cannot be carried over.
    """
    for key, value in settings.items():
        name = f"{inside}{key}"
        if key not in entries:
            message = f"there is no setting {name!r}{did_you_mean(str(key), entries)}"
            raise OptionsError(message)
        if value is not None and not _is_empty(value):
            yield from _of(entries[key], name, value)


def _is_empty(value: object) -> bool:
    """Tell whether *value* is an empty text, which is Go's for what is unset."""
    return isinstance(value, str) and not value


def _of(entry: Entry, name: str, value: object) -> Iterator[Found]:
    if isinstance(entry, Into):
        yield Found(name, entry.option, _read(entry.read, name, value))
    elif isinstance(entry, Several):
        for option, said in _read(entry.read, name, value).items():
            yield Found(name, option, said)
    elif isinstance(entry, Nested):
        if not isinstance(value, Mapping):
            message = f"{name} cannot be carried over: give a mapping of its settings"
            raise OptionsError(message)
        yield from found(entry.entries, value, inside=f"{name}.")
    elif isinstance(entry, Nothing):
        _tell(name, entry.why)
    elif not any(value == said for said in entry.unless):
        message = f"{name} cannot be carried over: {entry.advice}"
        raise OptionsError(message)


def _read(read: Callable[[Any], Any], name: str, value: object) -> Any:
    try:
        return read(value)
    except (TypeError, ValueError) as error:
        message = f"{name} cannot be carried over: {error}"
        raise OptionsError(message) from error


_told: Final[set[str]] = set()


def _tell(name: str, why: str) -> None:
    """Say once in a process that *name* is not acted on."""
    if name not in _told:
        _told.add(name)
        _log.debug("%s %s", name, why)
