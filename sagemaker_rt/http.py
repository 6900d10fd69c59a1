"""HTTP as this library sees it: headers, an endpoint, a request, a response.

Nothing here waits but the methods of a response's body, which the transport brings.
"""

from __future__ import annotations

import io
import re
from collections.abc import (
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
)
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, TypeAlias
from urllib.parse import urlsplit

from attrs import define, field, frozen

from sagemaker_rt.errors import EndpointResolutionError, SerializationError

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
    """A mapping of header names, in any case, to their values.

    Names are kept in lower case, which is also how they are sent: HTTP does not tell
    cases apart. Several response headers of one name are one value, joined by ", ".
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
        """The plain dict inside, for loops that know their names are lower-case."""

    @classmethod
    def of(cls, lower: dict[str, str]) -> Headers:
        """Wrap *lower*, whose names are lower-case already; it is not copied."""
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

    __hash__ = None  # type: ignore[assignment] # mutable, as a dict is

    def __repr__(self) -> str:
        return f"Headers({sorted(self.lower)})"

    def copy(self) -> Headers:
        """Return headers of their own with the same items."""
        headers = Headers.__new__(Headers)
        headers.lower = self.lower.copy()
        return headers


@frozen
class Endpoint:
    """Where requests go, and what the resolver knows about signing for there.

    Raises:
        EndpointResolutionError: *url* is not ``http(s)://host[:port][/prefix]``.
    """

    url: str
    """Scheme, host, optional port and path prefix: no user, query or fragment."""
    headers: Mapping[str, str] = field(factory=dict, kw_only=True)
    """Headers that every request to this endpoint carries."""
    properties: Mapping[str, Any] = field(factory=dict, kw_only=True)
    """What a rule set says beside the URL, such as its auth schemes."""
    signing_name: str | None = field(default=None, kw_only=True)
    """The service to sign for; None leaves the client's own."""
    signing_region: str | None = field(default=None, kw_only=True)
    """The region to sign for; None leaves the client's own."""
    partition_id: str | None = field(default=None, kw_only=True)
    """``aws``, ``aws-cn``, …; None where the resolver does not say."""
    source: str = field(default="service", kw_only=True)
    """``custom`` for a URL that the caller gave."""
    hostname_immutable: bool = field(default=False, kw_only=True)
    """Whether the scheme must stay as it is, even with ``use_ssl=False``."""
    host: str = field(init=False, eq=False, repr=False)
    """The Host header: the host, with its port where that is not the scheme's."""
    prefix: str = field(init=False, eq=False, repr=False)
    """The path before an operation's own, without a slash at its end."""

    def __attrs_post_init__(self) -> None:
        scheme, host, prefix = _split(self.url)
        object.__setattr__(self, "url", f"{scheme}://{host}{prefix}")
        object.__setattr__(self, "host", host)
        object.__setattr__(self, "prefix", prefix)


_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# a label longer than that, or an empty one, cannot be looked up
_HOST: Final = re.compile(
    r"([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|[0-9a-f.]*:[0-9a-f:.]*"
)
_VISIBLE: Final = re.compile(r"[!-~]+")


def _split(url: str) -> tuple[str, str, str]:
    """Return scheme, Host header and path prefix of *url*."""
    # looked for before all else: nothing that may be a password is shown
    if "@" in url:
        rest = url.rpartition("@")[2]
        message = (
            f"endpoint URL for {rest!r} has user info, which is never sent; "
            "an @ in a path is spelled %40"
        )
        raise EndpointResolutionError(message)
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError as error:
        message = f"endpoint URL {url!r} cannot be read: {error}"
        raise EndpointResolutionError(message) from error
    # urlsplit drops line ends without a word, so the whole is looked at too
    is_clean = _HOST.fullmatch(host) and _VISIBLE.fullmatch(url)
    is_bracketed = "[" in parts.netloc
    if scheme not in _DEFAULT_PORTS or not is_clean or is_bracketed != (":" in host):
        message = f"endpoint URL {url!r} is not of the form https://host[:port][/path]"
        raise EndpointResolutionError(message)
    if "?" in url or "#" in url:
        message = f"endpoint URL {url!r} has a query or fragment, which is never sent"
        raise EndpointResolutionError(message)
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    return scheme, host, parts.path.rstrip("/")


@frozen(kw_only=True)
class Timeouts:
    """How long each phase of one attempt may take, in seconds; None is for ever."""

    connect: float | None = 5.0
    """Name lookup, TCP and TLS together."""
    pool: float | None = 60.0
    """Waiting for a pooled connection to come free."""
    write: float | None = 30.0
    """Without progress while a large request is being sent."""
    read: float | None = 70.0
    """From sending the request to its response head, and between reads after it."""
    body: float | None = 510.0
    """From the response head to the end of the body."""


_TIMEOUTS: Final = Timeouts()


class FileBody:
    """A seekable binary file as a body: from where it stood to its end.

    The file stays its owner's: it is read and sought in threads, and never closed. It
    is of one call at a time, since it has one position.
    """

    __slots__ = ("_lock", "file", "length", "start")

    def __init__(self, file: BinaryIO) -> None:
        self.file: Final = file
        self._lock = Lock()
        self.start: Final = file.tell()
        file.seek(0, io.SEEK_END)  # where to, an mmap before Python 3.13 does not say
        self.length: Final = file.tell() - self.start
        file.seek(self.start)

    def __len__(self) -> int:
        return self.length

    @contextmanager
    def held(self) -> Generator[None]:
        """Keep the file from being another call's meanwhile.

        Raises:
            SerializationError: It is another call's already; a file has one position.
        """
        if (key := id(self.file)) in _HELD:
            message = "body is a file that another call is sending; open it once a call"
            raise SerializationError(message)
        _HELD[key] = self
        try:
            yield
        finally:
            del _HELD[key]

    def chunks(self, size: int = 1 << 18) -> Iterator[bytes]:
        """Read the body from its start in parts of *size* bytes; blocks.

        A read that an attempt has left behind in its thread does not disturb the next.
        """
        left = self.length
        while left:
            with self._lock:
                self.file.seek(self.start + self.length - left)
                chunk = self.file.read(min(size, left))
            if not chunk:
                message = f"the body's file ended {left} bytes before its end"
                raise OSError(message)
            left -= len(chunk)
            yield chunk


# by the identities of their files; a body here keeps its file, and so the identity
_HELD: Final[dict[int, FileBody]] = {}

Body: TypeAlias = bytes | FileBody

ChunkSent: TypeAlias = Callable[[bytes, int, int], Awaitable[None]]
"""Is told a part of a body that was written, how much of the body that makes, and how
large it is, in bytes."""


@define(eq=False)
class Request:
    """One HTTP request under construction.

    The step that holds a request may write on it. What *build* writes is in every
    attempt; *Retry* hands each attempt a copy.
    """

    method: str = "POST"
    path: str = "/"
    """Percent-encoded path that the operation asks for, below the endpoint's prefix."""
    query: str = ""
    """Percent-encoded query, without its question mark."""
    headers: Headers = field(factory=Headers)
    body: Body = field(default=b"", repr=False)
    endpoint: Endpoint | None = None
    """Where to; None until an endpoint is resolved."""
    payload_hash: str | None = None
    """Lower-case hex SHA-256 of the body; None until it is computed."""
    timeouts: Timeouts = field(default=_TIMEOUTS, repr=False)
    deadline: float | None = None
    """The event loop's time by which the call must have ended; None is never."""
    on_chunk_sent: ChunkSent | None = field(default=None, repr=False)
    """What the HTTP client awaits after each 64 KiB of the body; what that raises ends
    the exchange. None lets the body be sent as suits the client."""

    @property
    def full_path(self) -> str:
        """The path on the wire: the endpoint's prefix and the operation's own path."""
        prefix = self.endpoint.prefix if self.endpoint is not None else ""
        return prefix + self.path

    @property
    def url(self) -> str:
        """The whole URL, percent-encoded.

        Raises:
            EndpointResolutionError: The request has no endpoint yet.
        """
        if self.endpoint is None:
            message = "the request has no endpoint yet; ResolveEndpointV2 sets it"
            raise EndpointResolutionError(message)
        url = self.endpoint.url + self.path
        return f"{url}?{self.query}" if self.query else url

    def copy(self) -> Request:
        """Return a request with headers of its own; the body is shared."""
        return Request(
            self.method,
            self.path,
            self.query,
            self.headers.copy(),
            self.body,
            self.endpoint,
            self.payload_hash,
            self.timeouts,
            self.deadline,
            self.on_chunk_sent,
        )


class ResponseBody(Protocol):
    """The body of a response, still on its connection.

    Whoever holds it ends it: by reading it to its end, or by `release`.
    """

    def read_nowait(self) -> bytes | None:
        """Return the whole body if it has arrived already, else None; takes no time."""
        ...

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            ResponseTooLargeError: It is larger than *limit* bytes.
            TransportError: It did not come to its end.
        """
        ...

    def iter_chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, in chunks of any size."""
        ...

    def release(self) -> None:
        """Give the connection back if the body was read to its end, else abort it."""
        ...


@define(eq=False)
class Response:
    """One HTTP response: its head, and a body that may still be arriving."""

    status: int
    headers: Headers
    body: ResponseBody = field(repr=False)
