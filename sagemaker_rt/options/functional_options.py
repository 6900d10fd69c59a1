"""Functional options: functions from `Options` to `Options`, as in the AWS SDK for Go.

`with_options` sets any option by name. The functions of Go's own SDK keep their names.
All of them return values that are hashable, comparable, printable and joined by ``|``,
so that a client compiles the stack for equal options once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar, Unpack

from attrs import field, frozen

from sagemaker_rt.context import ContextValues, Key
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.identity import Credentials
from sagemaker_rt.options.options import DECLARATIONS, Options, require_no_secrets
from sagemaker_rt.sansio.callables import close_unrun, runs_later
from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from sagemaker_rt.interfaces import (
        EndpointResolver,
        EndpointResolverFunction,
        EndpointResolverV2,
    )
    from sagemaker_rt.options.fields import OptionFields
    from sagemaker_rt.stack import Stack

__all__ = [
    "APIOptions",
    "ContextValue",
    "Option",
    "OptionChain",
    "OptionValues",
    "apply_options",
    "is_cacheable",
    "sets_context_values",
    "split_context_values",
    "with_api_options",
    "with_context_value",
    "with_endpoint_resolver",
    "with_endpoint_resolver_v2",
    "with_options",
    "with_sigv4_signing_name",
    "with_sigv4_signing_region",
]

T = TypeVar("T")

Option: TypeAlias = Callable[[Options], Options]
"""One change to the options.

The functions of this module return options that are values: the client compiles the
stack for them once. Any other function works too, and is compiled at every call.
"""

# a cached stack would keep the target alive, and its content with it
_NEVER_CACHED: Final = frozenset({"response_target"})
# attrs declares the type of converters as Converter, also for functions
_CONVERTERS: Final[Mapping[str, Any]] = {
    name: option.converter
    for name, option in DECLARATIONS.items()
    if option.converter is not None
}
_HIDDEN: Final = frozenset(
    name for name, option in DECLARATIONS.items() if option.repr is False
)


class _Composable(Protocol):
    """Joins options by ``|``; the right one is applied last."""

    __slots__ = ()

    @property
    def sets_context_values(self) -> bool:
        """Whether values for the context of the call are among these options."""
        return False

    def __call__(self, options: Options) -> Options: ...

    def __or__(self, other: Option) -> OptionChain:
        if not callable(other):
            return NotImplemented
        return OptionChain((*_links(self), *_links(other)))

    def __ror__(self, other: Option) -> OptionChain:
        if not callable(other):
            return NotImplemented
        return OptionChain((*_links(other), *_links(self)))


def _key(values: tuple[tuple[str, object], ...]) -> object:
    """Return what two sets of option values are compared by.

    Credentials are compared by identity: their secrets stay out of keys. The type
    counts, since an option that accepts 1 may refuse True and 1.0.
    """
    return tuple(
        (name, type(value), id(value) if isinstance(value, Credentials) else value)
        for name, value in values
    )


@frozen(repr=False)
class OptionValues(_Composable):
    """Set options to values; `with_options` makes one."""

    values: tuple[tuple[str, object], ...] = field(eq=_key)
    """Pairs of a flat option name and its value."""

    @property
    def sets_context_values(self) -> bool:
        """Whether values for the context of the call are among these options."""
        return any(name == "context_values" for name, _ in self.values)

    def __call__(self, options: Options) -> Options:
        """Return *options* with these values set."""
        return options.replace(**dict(self.values))

    def __repr__(self) -> str:
        shown = (
            f"{name}={'...' if name in _HIDDEN else without_user_info(value)}"
            for name, value in self.values
        )
        return f"with_options({', '.join(shown)})"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle names and values; values with secrets do not pickle."""
        require_no_secrets(dict(self.values))
        return OptionValues, (self.values,)


@frozen(repr=False)
class APIOptions(_Composable):
    """Append stack edits to ``api_options``; `with_api_options` makes one."""

    functions: tuple[Callable[[Stack], None], ...]

    def __call__(self, options: Options) -> Options:
        """Return *options* with the stack edits appended."""
        return options.replace(api_options=(*options.api_options, *self.functions))

    def __repr__(self) -> str:
        return f"with_api_options({', '.join(map(repr, self.functions))})"


@frozen(eq=False, repr=False)
class ContextValue(_Composable, FrozenValue):
    """Set one value in the context of calls; `with_context_value` makes one."""

    key: Key[Any]
    value: object

    @property
    def sets_context_values(self) -> bool:
        """Whether values for the context of the call are among these options."""
        return True

    def __call__(self, options: Options) -> Options:
        """Return *options* with this value among the context values."""
        values = options.context_values.with_value(self.key, self.value)
        return options.replace(context_values=values)

    def __repr__(self) -> str:
        return f"with_context_value({self.key!r}, ...)"  # the value may be secret


@frozen(eq=False, repr=False)
class OptionChain(_Composable, FrozenValue):
    """Apply several options in order; ``|`` makes one."""

    links: tuple[Option, ...]

    @property
    def sets_context_values(self) -> bool:
        """Whether values for the context of the call are among these options."""
        return any(map(sets_context_values, self.links))

    def __call__(self, options: Options) -> Options:
        """Return *options* with all changes applied."""
        return apply_options(options, self.links)

    def __repr__(self) -> str:
        return " | ".join(map(repr, self.links))


def _links(option: Option) -> tuple[Option, ...]:
    return option.links if isinstance(option, OptionChain) else (option,)


def with_options(**fields: Unpack[OptionFields]) -> OptionValues:
    """Set options by their flat names: ``with_options(region="eu-west-1")``.

    The names and values are checked when the option is applied. An iterable is copied
    at once, so that the result is hashable and can be applied more than once.

    Raises:
        OptionsError: The value of an option that takes an iterable is not iterable.
    """
    values: dict[str, object] = {**fields}
    for name in _CONVERTERS.keys() & values:
        values[name] = _CONVERTERS[name](values[name])
    return OptionValues(tuple(values.items()))


def with_api_options(*functions: Callable[[Stack], None]) -> APIOptions:
    """Let *functions* edit the complete stack, after the functions set before.

    They run when the stack is compiled, not at every call. What one of them raises
    becomes a `StackError` that names the function.

    Raises:
        OptionsError: One of *functions* is async or a generator, so it would never run,
            or is not callable.
    """
    Options(api_options=functions)  # checks them now
    return APIOptions(functions)


def with_context_value(key: Key[T], value: T) -> ContextValue:
    """Set *value* under *key* in the context, where custom middleware reads it.

    ``ctx.get(KEY)`` returns it in every middleware. Each call may have another value:
    the stack is compiled without it.

    Raises:
        OptionsError: *key* is not a `Key`.
    """
    if not isinstance(key, Key):
        message = f"with_context_value takes a Key, such as Key('tenant'): {key!r}"
        raise OptionsError(message)
    return ContextValue(key, value)


def with_endpoint_resolver(
    endpoint_resolver: EndpointResolver | EndpointResolverFunction,
) -> OptionValues:
    """Resolve endpoints with *endpoint_resolver*, of Go's first generation."""
    return with_options(endpoint_resolver=endpoint_resolver)


def with_endpoint_resolver_v2(
    endpoint_resolver_v2: EndpointResolverV2,
) -> OptionValues:
    """Resolve endpoints with *endpoint_resolver_v2*."""
    return with_options(endpoint_resolver_v2=endpoint_resolver_v2)


def with_sigv4_signing_name(sigv4_signing_name: str) -> OptionValues:
    """Sign for the service *sigv4_signing_name*."""
    return with_options(sigv4_signing_name=sigv4_signing_name)


def with_sigv4_signing_region(sigv4_signing_region: str) -> OptionValues:
    """Sign for the region *sigv4_signing_region*."""
    return with_options(sigv4_signing_region=sigv4_signing_region)


def apply_options(options: Options, opts: Iterable[Option]) -> Options:
    """Return *options* with *opts* applied in order.

    Raises:
        OptionsError: One of *opts* is not a plain function from Options to Options, or
            sets an option to an invalid value.
    """
    for option in opts:
        changed: object = None
        if callable(option) and not runs_later(option):
            changed = option(options)
        if not isinstance(changed, type(options)):
            close_unrun(changed)
            message = (
                f"an option is a plain function from Options to Options: {option!r}"
            )
            raise OptionsError(message)
        options = changed
    return options


def sets_context_values(option: Option) -> bool:
    """Return whether *option* is known to set values for the context of the call."""
    return getattr(option, "sets_context_values", False) is True


def split_context_values(
    opts: Iterable[Option], values: ContextValues
) -> tuple[ContextValues, tuple[Option, ...]]:
    """Return *values* as changed by *opts*, and *opts* without these changes."""
    others: list[Option] = []
    for option in chain.from_iterable(map(_links, opts)):
        if isinstance(option, ContextValue):
            values = values.with_value(option.key, option.value)
        elif isinstance(option, OptionValues) and option.sets_context_values:
            fields: dict[str, Any] = dict(option.values)
            values = fields.pop("context_values")
            others.append(OptionValues(tuple(fields.items())))
        else:
            others.append(option)
    return values, tuple(others)


def is_cacheable(option: Option) -> bool:
    """Return whether a client may keep the stack that it compiled for *option*."""
    if isinstance(option, OptionChain):
        return all(map(is_cacheable, option.links))
    if isinstance(option, OptionValues):
        return not any(name in _NEVER_CACHED for name, _ in option.values)
    return isinstance(option, APIOptions | ContextValue)
