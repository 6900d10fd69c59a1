"""The bases of attrs classes whose methods are written once, and not generated.

attrs generates and compiles the source of ``__eq__``, ``__hash__`` and ``__repr__`` for
each class when it is imported. That is more than half of the time that a class takes,
and there are many classes in a first call. Classes that are compared or hashed in each
call do not use these bases: the generated methods are faster.
"""

from __future__ import annotations

from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = ["FrozenValue", "ShownValue"]


class ShownValue:
    """Shows the attributes of a class, as attrs would.

    Derive a class that is decorated with ``@define(eq=False, repr=False)``. The setting
    ``repr`` of its fields applies.
    """

    __slots__ = ()

    if TYPE_CHECKING:  # annotations of shapes are evaluated
        __attrs_attrs__: ClassVar[tuple[Attribute[Any], ...]]

    @recursive_repr()
    def __repr__(self) -> str:
        shown = (
            f"{field.name}={_shown(field, getattr(self, field.name))}"
            for field in self.__attrs_attrs__
            if field.repr
        )
        return f"{self.__class__.__qualname__.rpartition('>.')[2]}({', '.join(shown)})"


class FrozenValue(ShownValue):
    """Also compares and hashes the attributes.

    Derive a class that is decorated with ``@frozen(eq=False, repr=False)``. The
    settings ``eq`` and ``repr`` of its fields apply.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return _compared(self) == _compared(other)

    def __hash__(self) -> int:
        return hash((self.__class__, *_compared(self)))


def _compared(value: Any) -> list[object]:
    """Return the attributes of *value* that are compared."""
    return [
        attribute if field.eq_key is None else field.eq_key(attribute)
        for field in value.__attrs_attrs__
        if field.eq
        for attribute in (getattr(value, field.name),)
    ]


def _shown(field: Attribute[Any], value: object) -> str:
    return field.repr(value) if callable(field.repr) else repr(value)
