"""The loader: settings of another SDK in, options out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import Options
from sagemaker_rt.porting.boto3 import BOTO3
from sagemaker_rt.porting.elixir import ELIXIR
from sagemaker_rt.porting.entries import Entries, Entry, found
from sagemaker_rt.porting.go import GO
from sagemaker_rt.porting.haskell import HASKELL
from sagemaker_rt.porting.javascript import JAVASCRIPT
from sagemaker_rt.porting.ruby import RUBY
from sagemaker_rt.porting.settling import settle
from sagemaker_rt.sansio.suggestions import did_you_mean

__all__ = ["DIALECTS", "Dialect", "ported_options"]

Dialect: TypeAlias = Literal["go", "ruby", "javascript", "elixir", "haskell", "boto3"]
"""Whose names and units the settings have."""

DIALECTS: Final[Mapping[str, Entries]] = {
    "go": GO,
    "ruby": RUBY,
    "javascript": JAVASCRIPT,
    "elixir": ELIXIR,
    "haskell": HASKELL,
    "boto3": BOTO3,
}


def ported_options(
    settings: Mapping[str, object], *, dialect: Dialect | None = None
) -> Options:
    """Return the options that *settings* of another SDK stand for.

    What is None there, or an empty text, is unset here. A setting that has no meaning
    for this service is taken, and told of at DEBUG, once in a process.

    Args:
        settings: Names, units and forms are those of the other SDK; what has a life of
            its own (credentials, an HTTP client, a retryer, a logger) is one of ours.
        dialect: Which SDK it is; unset, each name must mean the same in all that have
            it.

    Raises:
        OptionsError: A name is unknown, or has several meanings; what it says cannot
            be carried over, and the text says what to do instead; or an option has a
            value that it cannot have.
    """
    if not isinstance(settings, Mapping):
        message = f"give the settings as a mapping, not {type(settings).__name__}"
        raise OptionsError(message)
    entries = _merged(settings) if dialect is None else _of(dialect)
    fields: dict[str, Any] = {}
    names: dict[str, str] = {}
    for name, option, value in found(entries, settings):
        if option in fields and fields[option] != value:
            message = f"{names[option]} and {name} contradict each other; keep one"
            raise OptionsError(message)
        fields[option], names[option] = value, name
    settle(fields)
    return Options(**fields)


def _of(dialect: str) -> Entries:
    if not isinstance(dialect, str) or dialect not in DIALECTS:
        there_are = f"there are {', '.join(DIALECTS)}"
        hint = did_you_mean(str(dialect), DIALECTS, otherwise=there_are)
        message = f"there is no dialect {dialect!r}{hint}"
        raise OptionsError(message)
    return DIALECTS[dialect]


def _merged(settings: Mapping[str, object]) -> Entries:
    """Return the entries of all dialects, of which *settings* need just one a name."""
    merged: dict[str, Entry] = {}
    for entries in DIALECTS.values():
        merged = {**entries, **merged}
    for name in settings:
        having = [d for d, entries in DIALECTS.items() if name in entries]
        if any(DIALECTS[d][name] != merged[name] for d in having):
            message = (
                f"{name} is not the same in {' and '.join(having)}; "
                "give the dialect that is meant"
            )
            raise OptionsError(message)
    return merged
