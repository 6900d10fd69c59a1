"""Passes a response from httptools, the parser, to a `Download`.

Nothing is raised in the callbacks of the parser, since it would hide the exception. A
problem is recorded, and reported by `feed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.response_head import (
    MAX_HEAD_BYTES,
    head_problem,
    read_headers,
    values,
)
from sagemaker_rt.transport.installed_libraries import is_installed
from sagemaker_rt.transport.native.native_errors import (
    InvalidBodyError,
    InvalidHeadError,
)

_HAS_PARSER: Final = is_installed("httptools")
if TYPE_CHECKING or _HAS_PARSER:  # otherwise, `require_parser` reports it
    import httptools

if TYPE_CHECKING:
    from sagemaker_rt.transport.native.download import Download

__all__ = ["ResponseParser", "require_parser"]

_CONTINUE: Final = 100
_SWITCHING_PROTOCOLS: Final = 101
_FIRST_FINAL_STATUS: Final = 200
_MAX_TRAILERS: Final = 128


def require_parser() -> None:
    """Raise OptionsError if httptools is not installed."""
    if not _HAS_PARSER:
        message = (
            "the native HTTP client needs httptools; pip install 'sagemaker-rt[fast]', "
            "or use http_client='aiohttp'"
        )
        raise OptionsError(message)


class ResponseParser:
    """Parses the responses on one connection.

    httptools calls the methods ``on_…``. `close` ends the reference cycle with it.
    """

    __slots__ = (
        "_body",
        "_download",
        "_has_more",
        "_headers",
        "_is_ended",
        "_parser",
        "_problem",
        "_received",
        "is_reusable",
        "needs_end_of_connection",
        "on_body",
    )

    def __init__(self) -> None:
        self._download: Download | None = None
        self._body: Final[list[bytes]] = []
        self._headers: list[tuple[bytes, bytes]] = []
        self._received = 0
        self._has_more = False
        self._is_ended = False
        self._problem: str | None = None
        self.is_reusable = False
        """Whether another request can be sent, after the response is complete."""
        self.needs_end_of_connection = False
        """Whether only the end of the connection ends the body."""
        # httptools calls it for each chunk, of which a stream has many
        self.on_body: Final = self._body.append
        self._parser = self._new_parser()

    @property
    def has_received(self) -> bool:
        """Whether a byte of the response was received."""
        return self._received > 0

    def _new_parser(self) -> httptools.HttpResponseParser | None:
        parser = httptools.HttpResponseParser(self)
        parser.set_dangerous_leniencies(lenient_headers=True)  # for folded headers
        return parser

    def start(self, download: Download) -> None:
        """Pass the next response to *download*."""
        self._download = download
        self._received = 0
        self._is_ended = self._has_more = self.is_reusable = False

    def close(self) -> None:
        """Parse nothing more."""
        self._parser = None
        self._download = None

    def feed(self, data: bytes | memoryview) -> None:
        """Parse *data*; the result is in the download."""
        download, parser = self._download, self._parser
        if download is None or parser is None:
            return
        self._received += len(data)
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.is_reusable = False  # what follows is another protocol
        except httptools.HttpParserError as error:
            # what follows a response on a connection that ends is not read
            if not self._is_ended or self.is_reusable:
                self._problem = str(error)
        self._pass_body(download)
        if self._problem is not None:
            self._fail(download, self._problem)
        elif self._is_ended:
            self.is_reusable = self.is_reusable and not self._has_more
            download.complete()
        elif download.status:
            download.wake()
        elif self._received > MAX_HEAD_BYTES:
            self._fail(download, f"Got more than {MAX_HEAD_BYTES} bytes")
        elif download.can_send_body:
            download.wake()

    def end(self, error: BaseException) -> None:
        """Record the end of the connection, with *error* if that truncates a body."""
        download = self._download
        if download is None:
            return
        if download.status and self.needs_end_of_connection:
            download.complete()
        else:
            download.fail(error)

    def _pass_body(self, download: Download) -> None:
        """Pass what was received of the body; what follows a response is dropped."""
        body = self._body
        if body and not self._is_ended:
            download.feed(body)
        body.clear()

    def _fail(self, download: Download, problem: str) -> None:
        self.is_reusable = False
        if download.status and (download.is_returned or not self._is_ended):
            download.fail(InvalidBodyError(problem))
            return
        download.status = 0  # the response is ambiguous as a whole
        download.fail(InvalidHeadError(problem))

    def on_message_begin(self) -> None:
        """Start a response; after the one that is expected, none is."""
        if self._is_ended:
            self._has_more = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header, or a trailer."""
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the headers of a response, unless it is an interim one."""
        download, parser, headers = self._download, self._parser, self._headers
        if download is None or parser is None or self._is_ended or self._problem:
            return
        status, self._headers = parser.get_status_code(), []
        is_reusable = parser.should_keep_alive()
        # a version other than 1.1 is never kept alive by default
        version = "1.1" if is_reusable else parser.get_http_version()
        text = read_headers(headers)
        self._problem = head_problem(
            status, version, headers, text, size=self._received
        )
        if self._problem is not None:
            return
        if status < _FIRST_FINAL_STATUS and status != _SWITCHING_PROTOCOLS:
            download.can_send_body = download.can_send_body or status == _CONTINUE
            return
        length = text.get("content-length")
        self.is_reusable = is_reusable and status != _SWITCHING_PROTOCOLS
        if "transfer-encoding" in text:
            codings = values(headers, b"transfer-encoding")
            download.codings = [coding.rstrip(" ") for coding in codings]
            # The parser does not tell whether it reads chunks. Without a length, a
            # connection that is kept alive needs them.
            download.is_chunked = is_reusable or codings[-1].lower() == "chunked"
        self.needs_end_of_connection = length is None and not download.is_chunked
        download.start(status, text, None if length is None else int(length))

    def on_message_complete(self) -> None:
        """Record the end of a final response."""
        download = self._download
        if download is None or not download.status or self._is_ended:
            return
        self._pass_body(download)
        self._is_ended = True
        if len(self._headers) > _MAX_TRAILERS:
            self._problem = f"Got more than {_MAX_TRAILERS} trailers"
        self._headers = []
