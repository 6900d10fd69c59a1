"""What a call carries down its steps, and what it brings back up.

Down goes a `Context`, up comes `Metadata`. Both hold values under typed keys, so that
whoever reads a value gets the type that was put in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from attrs import define, field, frozen

if TYPE_CHECKING:
    from sagemaker_rt.errors import SageMakerRuntimeError
    from sagemaker_rt.http import Endpoint, Response
    from sagemaker_rt.identity import AuthScheme, Credentials, Token

__all__ = [
    "ATTEMPTS",
    "AUTH_SCHEME",
    "CREDENTIALS",
    "ENDPOINT",
    "HTTP_STATUS",
    "RAW_RESPONSE",
    "REQUEST_ID",
    "RESPONSE_AT",
    "SENT_AT",
    "TOKEN",
    "AttemptResult",
    "Context",
    "Key",
    "Metadata",
]

T = TypeVar("T")
D = TypeVar("D")


class Key(Generic[T]):
    """The name of a value in a context or in metadata, and its type.

    Two keys are the same only if they are one object: names need not be unique.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Key({self.name!r})"


_NOTHING: dict[Key[Any], Any] = {}


@define(eq=False)
class Context:
    """What one call hands to its middleware beside the input: treat it as frozen.

    It carries no options: a middleware gets what it needs in its constructor.
    """

    operation: str
    """``InvokeEndpoint``, say."""
    deadline: float | None = None
    """The event loop's time by which the call must have ended; None is never."""
    attempt: int = 1
    """Which attempt this is, from 1; *Retry* counts it."""
    values: dict[Key[Any], Any] = _NOTHING
    past: tuple[AttemptResult, ...] = ()
    """How the attempts before this one failed, in order."""

    def with_value(self, key: Key[T], value: T) -> Context:
        """Return a context that also has *value* under *key*."""
        values = self.values.copy()
        values[key] = value
        return Context(self.operation, self.deadline, self.attempt, values, self.past)

    def with_past(self, past: tuple[AttemptResult, ...]) -> Context:
        """Return the context of the attempt that comes after *past*."""
        attempt = len(past) + 1
        return Context(self.operation, self.deadline, attempt, self.values, past)

    @overload
    def get(self, key: Key[T]) -> T | None: ...
    @overload
    def get(self, key: Key[T], default: D) -> T | D: ...
    def get(self, key: Key[T], default: D | None = None) -> T | D | None:
        """Return the value under *key*, or *default*."""
        value: T | D | None = self.values.get(key, default)
        return value

    def __getitem__(self, key: Key[T]) -> T:
        return cast("T", self.values[key])

    def __contains__(self, key: Key[Any]) -> bool:
        return key in self.values


@frozen
class AttemptResult:
    """How one attempt ended."""

    number: int
    """From 1."""
    error: SageMakerRuntimeError | None
    """What it failed with; None if it succeeded. The error that ends a call has a copy
    of itself here, without its metadata."""
    delay: float | None
    """The seconds waited before the next attempt; None if this was the last."""
    elapsed: float | None = field(default=None, eq=False)
    """The seconds from the start of the call's first attempt to this one's failure;
    None if it succeeded."""


class Metadata(dict[Key[Any], Any]):
    """Facts about a call, under typed keys; the standard ones are properties too.

    It is a dict that a type checker knows more about: a key's value has the key's type.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        def __getitem__(self, key: Key[T], /) -> T: ...
        def __setitem__(self, key: Key[T], value: T, /) -> None: ...

    @overload  # type: ignore[override] # a key knows the type of its value
    def get(self, key: Key[T], /) -> T | None: ...
    @overload
    def get(self, key: Key[T], default: D, /) -> T | D: ...
    def get(self, key: Key[T], default: D | None = None, /) -> T | D | None:
        """Return the value under *key*, or *default*."""
        return cast("T | D | None", super().get(key, default))

    def __repr__(self) -> str:
        facts = ", ".join(f"{key.name}={value!r}" for key, value in self.items())
        return f"Metadata({facts})"

    @property
    def request_id(self) -> str | None:
        """The id that the service gave the request."""
        return self.get(REQUEST_ID)

    @property
    def http_status(self) -> int | None:
        """The response's status."""
        return self.get(HTTP_STATUS)

    @property
    def attempts(self) -> tuple[AttemptResult, ...]:
        """Every attempt, in order; the last is the one that decided."""
        return self.get(ATTEMPTS, ())

    @property
    def endpoint(self) -> Endpoint | None:
        """Where the request went."""
        return self.get(ENDPOINT)

    @property
    def sent_at(self) -> float | None:
        """When the attempt was handed to the HTTP client: seconds since the epoch."""
        return self.get(SENT_AT)

    @property
    def response_at(self) -> float | None:
        """When the response head came: seconds since the epoch."""
        return self.get(RESPONSE_AT)

    @property
    def raw_response(self) -> Response | None:
        """Status and headers as they came; the body has been read, or is a stream."""
        return self.get(RAW_RESPONSE)


REQUEST_ID: Key[str] = Key("request_id")
HTTP_STATUS: Key[int] = Key("http_status")
ATTEMPTS: Key[tuple[AttemptResult, ...]] = Key("attempts")
ENDPOINT: Key[Endpoint] = Key("endpoint")
SENT_AT: Key[float] = Key("sent_at")
RESPONSE_AT: Key[float] = Key("response_at")
RAW_RESPONSE: Key[Response] = Key("raw_response")

AUTH_SCHEME: Key[AuthScheme] = Key("auth_scheme")
"""Down, inside *Retry*: how this attempt is signed."""
CREDENTIALS: Key[Credentials] = Key("credentials")
"""Down, inside *Retry*: who it is signed for; absent for an anonymous caller."""
TOKEN: Key[Token] = Key("token")
"""Down, inside *Retry*: the bearer token, where the scheme wants one."""
