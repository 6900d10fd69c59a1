"""Functional options that are values: hashable, comparable, printable, composable."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from attrs import field, frozen

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from sagemaker_rt.options.options import Options

__all__ = ["Addition", "Composition", "Option", "Setting", "apply", "is_value"]

Option: TypeAlias = "Callable[[Options], Options]"
"""One change to the options. Each ``with_…`` returns one that is a value, so that the
client compiles the stack for it once; a bare function works, and is compiled anew at
every call."""


class _Composable(Protocol):
    """What lets options be joined by ``|``; the right one has the last word."""

    __slots__ = ()

    def __call__(self, options: Options) -> Options: ...

    def __or__(self, other: Option) -> Composition:
        if not callable(other):
            return NotImplemented
        return Composition((*_parts(self), *_parts(other)))

    def __ror__(self, other: Option) -> Composition:
        if not callable(other):
            return NotImplemented
        return Composition((*_parts(other), *_parts(self)))


def _key(value: object) -> object:
    """Return what *value* is told apart by: credentials by identity, not by secret.

    The type counts, since an option that takes 1 may refuse True and 1.0.
    """
    return type(value), id(value) if isinstance(value, Credentials) else value


@frozen(repr=False)
class Setting(_Composable):
    """Set the option *name* to *value*."""

    name: str
    value: object = field(eq=_key)

    def __call__(self, options: Options) -> Options:
        """Return *options* with the one field changed."""
        return options.replace(**{self.name: self.value})

    def __repr__(self) -> str:
        return f"with_{self.name}({without_user_info(self.value)})"


@frozen(repr=False)
class Addition(_Composable):
    """Append *items* to the tuple that the option *name* is."""

    name: str
    items: tuple[object, ...]

    def __call__(self, options: Options) -> Options:
        """Return *options* with the one field longer."""
        items = (*getattr(options, self.name), *self.items)
        return options.replace(**{self.name: items})

    def __repr__(self) -> str:
        return f"with_{self.name}({', '.join(map(repr, self.items))})"


@frozen(repr=False)
class Composition(_Composable):
    """Make several changes, in order."""

    parts: tuple[Option, ...]

    def __call__(self, options: Options) -> Options:
        """Return *options* with all changes made."""
        return apply(options, self.parts)

    def __repr__(self) -> str:
        return " | ".join(map(repr, self.parts))


def _parts(option: Option) -> tuple[Option, ...]:
    return option.parts if isinstance(option, Composition) else (option,)


def apply(options: Options, opts: Iterable[Option]) -> Options:
    """Return *options* with the changes *opts* made to them, in order.

    Raises:
        OptionsError: One of *opts* is no function from Options to Options, or gives an
            option a value that it cannot have.
    """
    for option in opts:
        changed: object = option(options) if callable(option) else None
        if not isinstance(changed, type(options)):
            message = f"an option is a function from Options to Options: {option!r}"
            raise OptionsError(message)
        options = changed
    return options


def is_value(option: Option) -> bool:
    """Tell whether equal options of this kind always make the same change."""
    if isinstance(option, Composition):
        return all(map(is_value, option.parts))
    return isinstance(option, (Setting, Addition))
