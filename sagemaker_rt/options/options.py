"""Everything that may be set: one frozen value, in groups.

``Options`` and ``Client`` take flat names, each of which is of one group only:
``Options(max_attempts=2).retry.max_attempts``. A ``with_…`` function makes one change
to a value that stays as it is: ``with_region("eu-west-1")(options)``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Unpack

import attrs
from attrs import field, frozen
from attrs.validators import deep_iterable, optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.interfaces import Clock, CredentialsProvider
from sagemaker_rt.options.auth import AuthOptions
from sagemaker_rt.options.bodies import BodyOptions
from sagemaker_rt.options.checks import (
    instance_of,
    is_callable,
    one_of,
)
from sagemaker_rt.options.endpoint import EndpointOptions
from sagemaker_rt.options.http import HTTPOptions
from sagemaker_rt.options.logging import LoggingOptions
from sagemaker_rt.options.retry import RetryOptions
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

__all__ = [
    "Options",
]


def _check_credentials(_: object, __: object, value: Any) -> None:
    if value is None or isinstance(value, (Credentials, AnonymousCredentials)):
        return
    if not callable(getattr(value, "retrieve", None)):
        message = (
            f"credentials must be Credentials, AnonymousCredentials, or an object with "
            f"a method retrieve(): {type(value).__name__}"
        )
        raise OptionsError(message)


def _functions(value: object) -> tuple[object, ...]:
    if not isinstance(value, Iterable):
        message = f"api_options must be an iterable of functions: {value!r}"
        raise OptionsError(message)
    return tuple(value)


def _check_validation(instance: object, attribute: Any, value: Any) -> None:
    if not isinstance(value, Validation):
        one_of(*VALIDATION_MODES)(instance, attribute, value)


def _validation_mode(value: object) -> object:
    """Read True and False as the modes that they stand for."""
    if isinstance(value, bool):
        return "required" if value else "off"
    return value


@frozen(kw_only=True, init=False)
class Options:
    """Everything that may be set. Making one does no I/O, and reads no environment.

    What is unset is looked up by the client at its first call.

    Raises:
        OptionsError: A name is unknown, or a value cannot be.
    """

    region: str | None = field(default=None, validator=optional(instance_of(str)))
    profile: str | None = field(default=None, validator=optional(instance_of(str)))
    """The profile of the shared files; unset means that of ``AWS_PROFILE``."""
    credentials: CredentialsProvider | Credentials | AnonymousCredentials | None = (
        field(default=None, validator=_check_credentials)
    )
    api_options: tuple[Callable[[Stack], None], ...] = field(
        default=(), converter=_functions, validator=deep_iterable(is_callable)
    )
    """Functions that edit the complete stack when it is compiled."""
    # pyright widens a literal that meets a union
    validate: ValidationMode | Validation = field(  # pyright: ignore[reportAssignmentType]
        default="required",
        converter=_validation_mode,
        validator=_check_validation,
    )
    """How much of an input is checked; True is ``required``, False is ``off``."""
    app_id: str | None = field(default=None, validator=optional(instance_of(str)))
    """What your application calls itself, for the user agent; 50 characters count."""
    user_agent_extra: str | None = field(
        default=None, validator=optional(instance_of(str))
    )
    """What stands at the end of the user agent, as it is."""
    clock: Clock = field(default=time.time, validator=is_callable)
    """Seconds since the epoch: for signatures, and for the lifetime of credentials."""
    environ: Mapping[str, str] | None = field(
        default=None, validator=optional(instance_of(Mapping)), repr=False
    )
    """Environment variables to read instead of the process's own."""

    auth: AuthOptions = field(factory=AuthOptions, validator=instance_of(AuthOptions))
    endpoint: EndpointOptions = field(
        factory=EndpointOptions, validator=instance_of(EndpointOptions)
    )
    retry: RetryOptions = field(
        factory=RetryOptions, validator=instance_of(RetryOptions)
    )
    http: HTTPOptions = field(factory=HTTPOptions, validator=instance_of(HTTPOptions))
    tls: TLSOptions = field(factory=TLSOptions, validator=instance_of(TLSOptions))
    timeouts: TimeoutOptions = field(
        factory=TimeoutOptions, validator=instance_of(TimeoutOptions)
    )
    logging: LoggingOptions = field(
        factory=LoggingOptions, validator=instance_of(LoggingOptions)
    )
    telemetry: TelemetryOptions = field(
        factory=TelemetryOptions, validator=instance_of(TelemetryOptions)
    )
    bodies: BodyOptions = field(factory=BodyOptions, validator=instance_of(BodyOptions))

    def __init__(self, **fields: Unpack[OptionFields]) -> None:
        """Take flat names, and whole groups as well."""
        groups = _by_group(fields, None)
        # attrs makes that method, of which pyright does not know
        self.__attrs_init__(**groups)  # pyright: ignore[reportAttributeAccessIssue]

    def replace(self, **fields: Any) -> Options:
        """Return options that differ in *fields*, which have flat names.

        Raises:
            OptionsError: As for the class.
        """
        return attrs.evolve(self, **_by_group(fields, self))

    def flat(self) -> dict[str, object]:
        """Return every option under its flat name."""
        own = {name: getattr(self, name) for name in _OWN - _GROUPS.keys()}
        return own | {
            name: getattr(getattr(self, group), name)
            for name, group in _GROUP_OF.items()
        }

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by flat names; secrets do not leave the process by accident."""
        if self.environ is not None and _SECRET_VARIABLES & self.environ.keys():
            message = (
                "options whose environ holds a secret key do not pickle; "
                "leave environ out, or pass credentials=… that the other process has"
            )
            raise TypeError(message)
        if self.tls.client_key_password is not None:
            message = (
                "options that hold client_key_password do not pickle; "
                "leave it out, and add it in the other process"
            )
            raise TypeError(message)
        return _of_flat, (self.flat(),)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Point from a flat name to its group."""
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
}
_GROUP_OF: Final = {
    attribute.name: name
    for name, group in _GROUPS.items()
    for attribute in attrs.fields(group)
}
_SECRET_VARIABLES: Final = frozenset(
    {
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    }
)


def _of_flat(fields: dict[str, Any]) -> Options:
    return Options(**fields)


def _by_group(fields: Mapping[str, object], base: Options | None) -> dict[str, Any]:
    """Return the fields that `Options` really has, with its groups put together.

    A group starts from the one in *fields*, else from that of *base*, else anew.
    """
    own = {name: value for name, value in fields.items() if name in _OWN}
    changes: dict[str, dict[str, object]] = {}
    for name, value in fields.items():
        if name in _GROUP_OF:
            changes.setdefault(_GROUP_OF[name], {})[name] = value
        elif name not in _OWN:
            hint = did_you_mean(name, [*_OWN - _GROUPS.keys(), *_GROUP_OF])
            message = f"there is no option {name!r}{hint}"
            raise OptionsError(message)
    for name, values in changes.items():
        start: Any = own.get(name) or getattr(base, name, None) or _GROUPS[name]()
        own[name] = attrs.evolve(start, **values)
    return own
