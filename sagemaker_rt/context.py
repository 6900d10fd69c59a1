"""Values that belong to one call: `Context` goes down the steps, `Metadata` goes up.

Both store values under typed keys, so a type checker knows the type of each value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeVar, cast, overload

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
    "PREPARE",
    "RAW_RESPONSE",
    "REQUEST_ID",
    "RESPONSE_AT",
    "SENT_AT",
    "TOKEN",
    "AttemptResult",
    "Context",
    "ContextValues",
    "Key",
    "LastExchange",
    "Metadata",
]

T = TypeVar("T")
D = TypeVar("D")


class Key(Generic[T]):
    """The name and the type of a value in a `Context` or in `Metadata`.

    Keys are compared by identity, so two modules may use the same name.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Key({self.name!r})"

    def __deepcopy__(self, _: object) -> Key[T]:
        return self

    def __reduce__(self) -> NoReturn:
        message = f"{self!r} is compared by identity, so it does not pickle"
        raise TypeError(message)


class ContextValues(Mapping[Key[Any], Any]):
    """Values under typed keys, as a mapping that cannot be changed.

    It is hashable if its values are, and it shows its keys only: values may be secret.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[Key[Any], Any] = MappingProxyType({})) -> None:
        self._values = dict(values)

    def __getitem__(self, key: Key[T]) -> T:
        return cast("T", self._values[key])

    def __iter__(self) -> Iterator[Key[Any]]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle empty values; keys do not pickle."""
        return ContextValues, (self._values,)

    def __repr__(self) -> str:
        return f"ContextValues({', '.join(key.name for key in self._values)})"

    def with_value(self, key: Key[T], value: T) -> ContextValues:
        """Return a copy that has *value* under *key*."""
        return ContextValues({**self._values, key: value})


def _refuse(_: ContextValues, *__: object, **___: object) -> NoReturn:
    message = "context values are immutable; pass on ctx.with_value(KEY, value)"
    raise TypeError(message)


# set here, so that type checkers do not know the methods of a dictionary that changes
for _name in (
    *("__setitem__", "__delitem__", "__ior__", "clear"),
    *("pop", "popitem", "setdefault", "update"),
):
    setattr(ContextValues, _name, _refuse)

_NO_VALUES: Final[dict[Key[Any], Any]] = {}  # shared, and never changed


class Context:
    """The facts and values of one call that all its middlewares receive.

    It is immutable: `with_value` returns a changed copy. It has no options, because a
    middleware gets the options that it needs in its constructor.
    """

    # read through properties: frozen classes take twice as long to make
    __slots__ = (
        "_attempt",
        "_deadline",
        "_last_exchange",
        "_operation",
        "_params",
        "_past",
        "_values",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - keywords would cost time in each call
        self,
        operation: str,
        deadline: float | None = None,
        attempt: int = 1,
        values: Mapping[Key[Any], Any] | None = None,
        past: tuple[AttemptResult, ...] = (),
        params: Any = None,
        last_exchange: LastExchange | None = None,
    ) -> None:
        self._operation = operation
        self._deadline = deadline
        self._attempt = attempt
        self._values = dict(values) if values else _NO_VALUES
        self._past = past
        self._params = params
        self._last_exchange = last_exchange

    @property
    def operation(self) -> str:
        """The operation, such as ``InvokeEndpoint``."""
        return self._operation

    @property
    def deadline(self) -> float | None:
        """The time of the event loop at which the call times out; None for no limit."""
        return self._deadline

    @property
    def attempt(self) -> int:
        """The number of the attempt, from 1, set by ``Retry``."""
        return self._attempt

    @property
    def values(self) -> ContextValues:
        """The values, which `with_value` changes in a copy."""
        return ContextValues(self._values)

    @property
    def past(self) -> tuple[AttemptResult, ...]:
        """The results of the attempts before this one, in order."""
        return self._past

    @property
    def is_prepare(self) -> bool:
        """Whether the call ends before sending: `prepare`, or `presign`, made it."""
        return PREPARE in self._values

    @property
    def params(self) -> Any:
        """The input shape; from build on, as middleware of earlier steps left it."""
        return self._params

    @property
    def endpoint_name(self) -> str | None:
        """The endpoint that the call invokes, from `params`."""
        return getattr(self._params, "endpoint_name", None)

    @property
    def last_exchange(self) -> LastExchange | None:
        """What was sent last; None in a context that was not made by a call."""
        return self._last_exchange

    def __repr__(self) -> str:
        return (
            f"Context({self._operation!r}, deadline={self._deadline}, "
            f"attempt={self._attempt}, values={self.values}, past={self._past})"
        )

    def with_value(self, key: Key[T], value: T) -> Context:
        """Return a copy that has *value* under *key*."""
        copy: Context = object.__new__(Context)  # not by `_copy`, which costs time
        copy._operation, copy._deadline = self._operation, self._deadline
        copy._attempt, copy._past = self._attempt, self._past
        copy._params, copy._last_exchange = self._params, self._last_exchange
        copy._values = {**self._values, key: value}
        return copy

    def with_past(self, past: tuple[AttemptResult, ...]) -> Context:
        """Return a copy for the attempt that follows *past*."""
        return self._copy(len(past) + 1, past, self._params)

    def with_params(self, params: object) -> Context:
        """Return a copy with *params*; the context itself if it has them."""
        if params is self._params:
            return self
        return self._copy(self._attempt, self._past, params)

    def _copy(
        self, attempt: int, past: tuple[AttemptResult, ...], params: object
    ) -> Context:
        copy: Context = object.__new__(Context)  # faster than the constructor
        copy._operation, copy._deadline = self._operation, self._deadline
        copy._attempt, copy._past = attempt, past
        copy._params, copy._last_exchange = params, self._last_exchange
        copy._values = self._values
        return copy

    @overload
    def get(self, key: Key[T]) -> T | None: ...
    @overload
    def get(self, key: Key[T], default: D) -> T | D: ...
    def get(self, key: Key[T], default: D | None = None) -> T | D | None:
        """Return the value under *key*, or *default* if there is none."""
        value: T | D | None = self._values.get(key, default)
        return value

    def __getitem__(self, key: Key[T]) -> T:
        return cast("T", self._values[key])

    def __contains__(self, key: Key[Any]) -> bool:
        return key in self._values


@define(eq=False, repr=False)
class LastExchange:
    """The last request of a call, as the innermost handler records it."""

    count: int = 0
    """The number of requests that were sent, or that failed while they were sent."""
    metadata: Metadata | None = None
    """The metadata of the last one; None before it."""
    response: Response | None = None
    """The response to the last one; None without one."""


@frozen(slots=False)  # attrs makes it faster without slots
class AttemptResult:
    """The result of one attempt."""

    number: int
    """The number of the attempt, from 1."""
    error: SageMakerRuntimeError | None
    """The error of the attempt; None if it succeeded. The error that a call raises has
    a copy of itself here, without metadata."""
    delay: float | None
    """Seconds between this attempt and the next; None if this was the last one."""
    elapsed: float | None = field(default=None, eq=False)
    """Seconds from the start of the first attempt to the end of this one."""


class Metadata(dict[Key[Any], Any]):
    """Facts about a call, under typed keys; the standard ones are also properties.

    It is a dictionary. Middlewares add facts with ``output.metadata[KEY] = value``.
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
        """Return the value under *key*, or *default* if there is none."""
        return dict.get(self, key, default)  # super() takes longer

    def __repr__(self) -> str:
        facts = ", ".join(f"{key.name}={value!r}" for key, value in self.items())
        return f"Metadata({facts})"

    @property
    def request_id(self) -> str | None:
        """The ID that the service assigned to the request."""
        return self.get(REQUEST_ID)

    @property
    def http_status(self) -> int | None:
        """The HTTP status of the response."""
        return self.get(HTTP_STATUS)

    @property
    def attempts(self) -> tuple[AttemptResult, ...]:
        """The results of all attempts, in order."""
        return self.get(ATTEMPTS, ())

    @property
    def endpoint(self) -> Endpoint | None:
        """The endpoint that the request was sent to."""
        return self.get(ENDPOINT)

    @property
    def sent_at(self) -> float | None:
        """The time when the last attempt was sent, in seconds since the epoch."""
        return self.get(SENT_AT)

    @property
    def response_at(self) -> float | None:
        """The time when its headers were received, in seconds since the epoch."""
        return self.get(RESPONSE_AT)

    @property
    def raw_response(self) -> Response | None:
        """Status and headers of the response; its body is read or streamed already."""
        return self.get(RAW_RESPONSE)


REQUEST_ID: Key[str] = Key("request_id")
HTTP_STATUS: Key[int] = Key("http_status")
ATTEMPTS: Key[tuple[AttemptResult, ...]] = Key("attempts")
ENDPOINT: Key[Endpoint] = Key("endpoint")
SENT_AT: Key[float] = Key("sent_at")
RESPONSE_AT: Key[float] = Key("response_at")
RAW_RESPONSE: Key[Response] = Key("raw_response")

PREPARE: Key[bool] = Key("prepare")
"""In the context, if the request is only prepared: see `Context.is_prepare`."""
AUTH_SCHEME: Key[AuthScheme] = Key("auth_scheme")
"""In the context, inside ``Retry``: the scheme that signs this attempt."""
CREDENTIALS: Key[Credentials] = Key("credentials")
"""In the context, inside ``Retry``: the credentials; absent for anonymous calls."""
TOKEN: Key[Token] = Key("token")
"""In the context, inside ``Retry``: the token, if the scheme uses one."""
