"""All options: one frozen value, in groups.

``Options`` and ``Client`` accept flat names. Each name belongs to one group:
``Options(max_attempts=2).retry.max_attempts``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Unpack

import attrs
from attrs import field, frozen
from attrs.validators import deep_iterable, optional

from sagemaker_rt.context import ContextValues, Key
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.interfaces import Clock, CredentialsProvider
from sagemaker_rt.options.auth import AuthOptions
from sagemaker_rt.options.bodies import BodyOptions
from sagemaker_rt.options.checks import (
    instance_of,
    is_plain,
    one_of,
)
from sagemaker_rt.options.endpoint import EndpointOptions
from sagemaker_rt.options.foreign_names import foreign_name_hint
from sagemaker_rt.options.http import HTTPOptions
from sagemaker_rt.options.logging import LoggingOptions
from sagemaker_rt.options.retry import RetryOptions
from sagemaker_rt.options.scope import CLIENT_ONLY, is_client_only
from sagemaker_rt.options.streams import StreamOptions
from sagemaker_rt.options.telemetry import TelemetryOptions
from sagemaker_rt.options.timeouts import TimeoutOptions
from sagemaker_rt.options.tls import TLSOptions
from sagemaker_rt.sansio.suggestions import did_you_mean
from sagemaker_rt.sansio.validation_modes import (
    VALIDATION_MODES,
    Validation,
    ValidationMode,
)

if TYPE_CHECKING:
    from sagemaker_rt.options.fields import OptionFields
    from sagemaker_rt.stack import Stack

__all__ = ["DECLARATIONS", "Options", "require_no_secrets"]


def _check_credentials(_: object, __: object, value: Any) -> None:
    if value is None or isinstance(value, (Credentials, AnonymousCredentials)):
        return
    if not callable(getattr(value, "retrieve", None)):
        message = (
            f"credentials must be Credentials, AnonymousCredentials, or an object with "
            f"a method retrieve(): {type(value).__name__}"
        )
        raise OptionsError(message)


def _functions(value: Iterable[Callable[[Stack], None]]) -> tuple[object, ...]:
    if not isinstance(value, Iterable):
        message = f"api_options must be an iterable of functions: {value!r}"
        raise OptionsError(message)
    return tuple(value)


def _context_values(value: Mapping[Key[Any], Any]) -> ContextValues:
    if not isinstance(value, Mapping) or not all(isinstance(key, Key) for key in value):
        message = "context_values must be a mapping of Key(…) objects to values"
        raise OptionsError(message)
    return value if isinstance(value, ContextValues) else ContextValues(value)


def _check_validation(instance: object, attribute: Any, value: Any) -> None:
    if not isinstance(value, Validation):
        one_of(*VALIDATION_MODES)(instance, attribute, value)


def _validation_mode(value: ValidationMode | Validation | bool) -> object:  # noqa: FBT001 - a mode
    """Return the mode; True and False stand for ``required`` and ``off``."""
    if isinstance(value, bool):
        return "required" if value else "off"
    return value


@frozen(kw_only=True, init=False, eq=False, repr=False)
class Options(FrozenValue):
    """All options. Making one does no I/O, and does not read the environment.

    The client takes unset options from the environment at its first call.

    Raises:
        OptionsError: A name is unknown, or a value is invalid.
    """

    region: str | None = field(default=None, validator=optional(instance_of(str)))
    """The AWS region of the endpoint and of the signature: ``us-east-1``."""
    profile: str | None = field(
        default=None, validator=optional(instance_of(str)), metadata=CLIENT_ONLY
    )
    """The profile in the shared files; the default is ``AWS_PROFILE``, or ``default``.
    It cannot be set per call."""
    credentials: CredentialsProvider | Credentials | AnonymousCredentials | None = (
        field(default=None, validator=_check_credentials)
    )
    """Credentials, a provider of credentials, or ``AnonymousCredentials()`` for
    unsigned calls. By default, providers are tried in the order of boto3."""
    api_options: tuple[Callable[[Stack], None], ...] = field(
        default=(), converter=_functions, validator=deep_iterable(is_plain)
    )
    """Functions that edit the stack of middleware when it is compiled."""
    # pyright widens a literal that is assigned to a union
    validate: ValidationMode | Validation = field(  # pyright: ignore[reportAssignmentType]
        default="required",
        converter=_validation_mode,
        validator=_check_validation,
    )
    """How inputs are checked before they are sent: ``required`` checks required members
    and lengths, ``strict`` also patterns and ranges, ``off`` only what makes a request
    invalid; a `Validation` selects checks. True means ``required``, and False
    ``off``."""
    context_values: ContextValues = field(
        default=ContextValues(), converter=_context_values, repr=False
    )
    """Values in the context of each call, under their keys, for custom middleware. They
    do not reach the service."""
    app_id: str | None = field(default=None, validator=optional(instance_of(str)))
    """The name of your application in the user agent, at most 50 characters."""
    user_agent_extra: str | None = field(
        default=None, validator=optional(instance_of(str))
    )
    """Text at the end of the user agent: printable ASCII."""
    clock: Clock = field(default=time.time, validator=is_plain)
    """A function that returns seconds since the epoch. It is used for signatures and
    for the lifetime of credentials."""
    environ: Mapping[str, str] | None = field(
        default=None,
        validator=optional(instance_of(Mapping)),
        repr=False,
        metadata=CLIENT_ONLY,
    )
    """The environment variables to read, in place of those of the process. It cannot be
    set per call."""

    auth: AuthOptions = field(default=AuthOptions(), validator=instance_of(AuthOptions))
    endpoint: EndpointOptions = field(
        default=EndpointOptions(), validator=instance_of(EndpointOptions)
    )
    retry: RetryOptions = field(
        default=RetryOptions(), validator=instance_of(RetryOptions)
    )
    http: HTTPOptions = field(default=HTTPOptions(), validator=instance_of(HTTPOptions))
    tls: TLSOptions = field(default=TLSOptions(), validator=instance_of(TLSOptions))
    timeouts: TimeoutOptions = field(
        default=TimeoutOptions(), validator=instance_of(TimeoutOptions)
    )
    logging: LoggingOptions = field(
        default=LoggingOptions(), validator=instance_of(LoggingOptions)
    )
    telemetry: TelemetryOptions = field(
        default=TelemetryOptions(), validator=instance_of(TelemetryOptions)
    )
    bodies: BodyOptions = field(
        default=BodyOptions(), validator=instance_of(BodyOptions)
    )
    streams: StreamOptions = field(
        default=StreamOptions(), validator=instance_of(StreamOptions)
    )

    def __init__(self, **fields: Unpack[OptionFields]) -> None:
        """Accept flat names, and whole groups."""
        groups = _by_group(fields, None)
        # attrs generates that method, and pyright does not know it
        self.__attrs_init__(**groups)  # pyright: ignore[reportAttributeAccessIssue]

    def replace(self, **fields: Any) -> Options:
        """Return options with *fields* changed, which are flat names.

        Raises:
            OptionsError: As for the class.
        """
        return attrs.evolve(self, **_by_group(fields, self))

    def flat(self) -> dict[str, object]:
        """Return every option under its flat name."""
        own = {name: getattr(self, name) for name in _UNGROUPED}
        return own | {
            name: getattr(getattr(self, group), name)
            for name, group in _GROUP_OF.items()
        }

    def client_only(self) -> dict[str, object]:
        """Return the options that cannot be set per call, under their flat names."""
        return {
            name: getattr(getattr(self, group) if group else self, name)
            for name, group in _CLIENT_ONLY
        }

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle flat names and values; options with secrets do not pickle."""
        fields = self.flat()
        require_no_secrets(fields)
        return _of_flat, (fields,)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Raise an error that names the group of a flat name."""
            group = _GROUP_OF.get(name)
            hint = f"; it is in options.{group}" if group else ""
            message = f"Options has no attribute {name!r}{hint}"
            raise AttributeError(message)


_OWN: Final = frozenset(attribute.name for attribute in attrs.fields(Options))
_GROUPS: Final[Mapping[str, type[attrs.AttrsInstance]]] = {
    "auth": AuthOptions,
    "endpoint": EndpointOptions,
    "retry": RetryOptions,
    "http": HTTPOptions,
    "tls": TLSOptions,
    "timeouts": TimeoutOptions,
    "logging": LoggingOptions,
    "telemetry": TelemetryOptions,
    "bodies": BodyOptions,
    "streams": StreamOptions,
}
_UNGROUPED: Final = tuple(
    attribute.name
    for attribute in attrs.fields(Options)
    if attribute.name not in _GROUPS
)
_GROUP_OF: Final = {
    attribute.name: name
    for name, group in _GROUPS.items()
    for attribute in attrs.fields(group)
}
_CLASSES: Final[Mapping[str, type[attrs.AttrsInstance]]] = {"": Options, **_GROUPS}
_CLIENT_ONLY: Final = tuple(
    (attribute.name, name)
    for name, group in _CLASSES.items()
    for attribute in attrs.fields(group)
    if is_client_only(attribute)
)
"""Pairs of an option and its group; general options have the group ``""``."""
DECLARATIONS: Final[Mapping[str, attrs.Attribute[Any]]] = {
    attribute.name: attribute
    for group in _CLASSES.values()
    for attribute in attrs.fields(group)
    if attribute.name not in _GROUPS
}
"""The declaration of each option, by its flat name."""
_SECRET_VARIABLES: Final = frozenset(
    {
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    }
)


def require_no_secrets(fields: Mapping[str, object]) -> None:
    """Refuse to pickle options by their flat names; `Credentials` refuse themselves.

    Raises:
        TypeError: A secret is among them.
    """
    environ = fields.get("environ")
    if isinstance(environ, Mapping) and _SECRET_VARIABLES & environ.keys():
        message = (
            "options with a secret key in environ do not pickle; "
            "leave environ out, or set credentials in the other process"
        )
        raise TypeError(message)
    if fields.get("client_key_password") is not None:
        message = (
            "options with client_key_password do not pickle; "
            "set it in the other process"
        )
        raise TypeError(message)


def _of_flat(fields: dict[str, Any]) -> Options:
    return Options(**fields)


def _by_group(fields: Mapping[str, object], base: Options | None) -> dict[str, Any]:
    """Return the attributes of `Options` for the flat names in *fields*.

    A group is changed from the one in *fields*, or that of *base*, or the defaults.
    """
    own = {name: value for name, value in fields.items() if name in _OWN}
    changes: dict[str, dict[str, object]] = {}
    for name, value in fields.items():
        hint = foreign_name_hint(name)
        if hint and not isinstance(value, _GROUPS.get(name, ())):
            message = f"unknown option {name!r}{hint}"
            raise OptionsError(message)
        if name in _GROUP_OF:
            changes.setdefault(_GROUP_OF[name], {})[name] = value
        elif name not in _OWN:
            hint = did_you_mean(name, [*_UNGROUPED, *_GROUP_OF])
            message = f"unknown option {name!r}{hint}"
            raise OptionsError(message)
    for name, values in changes.items():
        start: Any = own.get(name) or getattr(base, name, None) or _GROUPS[name]()
        own[name] = attrs.evolve(start, **values)
    return own
