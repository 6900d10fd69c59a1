"""HTTP messages: headers, endpoints, requests, responses and their bodies."""

from __future__ import annotations

import re
from collections.abc import (
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
)
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias
from urllib.parse import urlsplit

from attrs import define, field, frozen

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.file_body import FileBody
from sagemaker_rt.frozen_value import FrozenValue, ShownValue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = [
    "Body",
    "ChunkSent",
    "Endpoint",
    "FileBody",
    "Headers",
    "Request",
    "Response",
    "ResponseBody",
    "Timeouts",
]


class Headers(MutableMapping[str, str]):
    """A mapping of case-insensitive header names to values.

    Names are stored and sent in lower case. Response headers that occur several times
    are one value, joined by ``", "``.
    """

    __slots__ = ("lower",)

    def __init__(
        self, items: Mapping[str, str] | Iterable[tuple[str, str]] = ()
    ) -> None:
        self.lower = (
            {name.lower(): value for name, value in dict(items).items()}
            if items
            else {}
        )
        """The dictionary of lower-case names, which is faster than the mapping."""

    @classmethod
    def of(cls, lower: dict[str, str]) -> Headers:
        """Return headers that use *lower*, a dictionary of lower-case names."""
        headers = cls.__new__(cls)
        headers.lower = lower
        return headers

    def __getitem__(self, name: str) -> str:
        return self.lower[name.lower()]

    def __setitem__(self, name: str, value: str) -> None:
        self.lower[name.lower()] = value

    def __delitem__(self, name: str) -> None:
        del self.lower[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self.lower

    def __iter__(self) -> Iterator[str]:
        return iter(self.lower)

    def __len__(self) -> int:
        return len(self.lower)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping):
            return self.lower == Headers(other).lower
        return NotImplemented

    __hash__ = None  # type: ignore[assignment] # mutable, like a dict

    def __repr__(self) -> str:
        return f"Headers({sorted(self.lower)})"

    def copy(self) -> Headers:
        """Return independent headers with the same items."""
        headers = Headers.__new__(Headers)
        headers.lower = self.lower.copy()
        return headers


@frozen(eq=False, repr=False)
class Endpoint(FrozenValue):
    """The URL that requests are sent to, and how they are signed.

    Raises:
        EndpointResolutionError: *url* is not ``http(s)://host[:port][/prefix]``.
    """

    url: str
    """Scheme, host, optional port and path prefix, without user, query or fragment."""
    headers: Mapping[str, str] = field(factory=dict, kw_only=True)
    """Headers that are added to each request."""
    properties: Mapping[str, Any] = field(factory=dict, kw_only=True)
    """Other properties from the rule set, such as ``authSchemes``."""
    signing_name: str | None = field(default=None, kw_only=True)
    """The service name in the signature; None for that of the client."""
    signing_region: str | None = field(default=None, kw_only=True)
    """The region in the signature; None for that of the client."""
    partition_id: str | None = field(default=None, kw_only=True)
    """The AWS partition, such as ``aws`` or ``aws-cn``; None if unknown."""
    source: str = field(default="service", kw_only=True)
    """``service`` for endpoints of AWS, ``custom`` for other URLs."""
    hostname_immutable: bool = field(default=False, kw_only=True)
    """Whether the option ``use_ssl=False`` leaves the scheme unchanged."""
    host: str = field(init=False, eq=False, repr=False)
    """The header ``Host``: host without a final dot, and port unless the default."""
    prefix: str = field(init=False, eq=False, repr=False)
    """The path of the URL without its final slash, a prefix of all request paths."""

    def __attrs_post_init__(self) -> None:
        scheme, host, port, prefix = _split(self.url)
        object.__setattr__(self, "url", f"{scheme}://{host}{port}{prefix}")
        # the dot of a fully qualified name is for the look-up alone
        object.__setattr__(self, "host", host.removesuffix(".") + port)
        object.__setattr__(self, "prefix", prefix)


_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# DNS has no labels that are empty or longer than 63 characters
_HOST: Final = re.compile(
    r"([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|[0-9a-f.]*:[0-9a-f:.]*"
)
_VISIBLE: Final = re.compile(r"[!-~]+")


def _split(url: str) -> tuple[str, str, str, str]:
    # this check is first, so that no other message contains a password
    if "@" in url:
        rest = url.rpartition("@")[2]
        message = (
            f"endpoint URL of {rest!r} has user info, which is never sent; "
            "write %40 for an @ in the path"
        )
        raise EndpointResolutionError(message)
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError as error:
        message = f"endpoint URL {url!r} is invalid: {error}"
        raise EndpointResolutionError(message) from error
    # urlsplit removes line ends silently, so the whole URL is checked too
    is_clean = _HOST.fullmatch(host) and _VISIBLE.fullmatch(url)
    is_bracketed = "[" in parts.netloc
    if scheme not in _DEFAULT_PORTS or not is_clean or is_bracketed != (":" in host):
        message = f"endpoint URL {url!r} must have the form https://host[:port][/path]"
        raise EndpointResolutionError(message)
    if "?" in url or "#" in url:
        message = f"endpoint URL {url!r} has a query or fragment, which is never sent"
        raise EndpointResolutionError(message)
    host = f"[{host}]" if ":" in host else host
    is_default = port is None or port == _DEFAULT_PORTS[scheme]
    return scheme, host, "" if is_default else f":{port}", parts.path.rstrip("/")


@frozen(kw_only=True, eq=False, repr=False)
class Timeouts(FrozenValue):
    """Time limits for the phases of one attempt, in seconds; None for no limit."""

    connect: float | None = 5.0
    """DNS, TCP and TLS together."""
    pool: float | None = 60.0
    """The wait for a pooled connection."""
    write: float | None = 30.0
    """A pause while the request is sent."""
    read: float | None = 70.0
    """The wait for the response headers, and pauses while the body is received."""
    body: float | None = 510.0
    """The whole time from the response headers to the end of the body."""


_TIMEOUTS: Final = Timeouts()


Body: TypeAlias = bytes | FileBody

ChunkSent: TypeAlias = Callable[[bytes, int, int], Awaitable[None]]
"""A function of a chunk that was sent, the bytes sent so far, and the total bytes."""


@define(eq=False, repr=False)
class Request(ShownValue):
    """An HTTP request, which the steps build and change.

    Changes before ``Retry`` are in all attempts, and changes after it in one attempt.
    """

    method: str = "POST"
    path: str = "/"
    """The percent-encoded path, without the prefix of the endpoint."""
    query: str = ""
    """The percent-encoded query, without the question mark."""
    headers: Headers = field(factory=Headers)
    body: Body = field(default=b"", repr=False)
    endpoint: Endpoint | None = None
    """The endpoint; None until it is resolved."""
    payload_hash: str | None = None
    """The SHA-256 of the body, in lower-case hexadecimal; None until it is computed."""
    timeouts: Timeouts = field(default=_TIMEOUTS, repr=False)
    deadline: float | None = None
    """The time of the event loop at which the call times out; None without a limit."""
    on_chunk_sent: ChunkSent | None = field(default=None, repr=False)
    """A function that the HTTP client awaits after each 64 KiB of the body. An
    exception that it raises fails the request."""

    _handed_on: Request | None = field(default=None, init=False, repr=False)

    @property
    def as_sent(self) -> Request:
        """The request as later middlewares changed it, in the last call of ``next``.

        A middleware hands on copies. After ``next``, this one has the endpoint, and the
        headers of the signature.
        """
        request = self
        while request._handed_on is not None:
            request = request._handed_on
        return request

    def hand_on(self) -> Request:
        """Return a copy for a call of ``next``, which `as_sent` finds."""
        copy = self.copy()
        self._handed_on = copy
        return copy

    @property
    def full_path(self) -> str:
        """The path that is sent: the prefix of the endpoint, and `path`."""
        prefix = self.endpoint.prefix if self.endpoint is not None else ""
        return prefix + self.path

    @property
    def url(self) -> str:
        """The URL with path and query, percent-encoded.

        Raises:
            EndpointResolutionError: The endpoint is not resolved yet.
        """
        if self.endpoint is None:
            message = "the request has no endpoint before ResolveEndpointV2"
            raise EndpointResolutionError(message)
        url = self.endpoint.url + self.path
        return f"{url}?{self.query}" if self.query else url

    def copy(self) -> Request:
        """Return a copy with independent headers; the body is shared."""
        copy: Request = object.__new__(Request)  # faster than the constructor
        copy.method = self.method
        copy.path = self.path
        copy.query = self.query
        copy.headers = self.headers.copy()
        copy.body = self.body
        copy.endpoint = self.endpoint
        copy.payload_hash = self.payload_hash
        copy.timeouts = self.timeouts
        copy.deadline = self.deadline
        copy.on_chunk_sent = self.on_chunk_sent
        copy._handed_on = None
        return copy


class ResponseBody(Protocol):
    """The body of a response, which may not have been received yet.

    Its owner reads it to the end or calls `release`, which frees the connection.
    """

    def read_nowait(self) -> bytes | None:
        """Return the whole body if it is received already, or None; does not wait."""
        ...

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            ResponseTooLargeError: The body is larger than *limit* bytes.
            TransportError: The connection was lost, or a timeout expired.
        """
        ...

    def iter_chunks(self) -> AsyncIterator[bytes]:
        """Return an iterator of the chunks of the body, as they are received."""
        ...

    def release(self) -> None:
        """Reuse the connection if the body was read to its end, or else close it."""
        ...


@define(eq=False, repr=False)
class Response(ShownValue):
    """An HTTP response, whose body may not have been received yet."""

    status: int
    headers: Headers
    body: ResponseBody = field(repr=False)
