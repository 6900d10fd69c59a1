"""Incremental decoding of bytes to text and to lines, for any split of the input.

The decoders append results to a list of the caller's. So an error loses nothing that
was decoded before it.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from sagemaker_rt.errors import InvalidTextError, LineTooLongError, ParamValidationError

if TYPE_CHECKING:
    from collections.abc import MutableSequence

__all__ = [
    "MAX_LINE_BYTES",
    "LineDecoder",
    "TextDecoder",
    "TextErrors",
    "decode_text",
    "require_limit",
    "require_mode",
]

TextErrors: TypeAlias = Literal["strict", "replace"]
"""What invalid UTF-8 does: it raises `InvalidTextError`, or becomes U+FFFD."""

MAX_LINE_BYTES: Final = 16 * 1024 * 1024
"""The default limit of a line, which is kept in memory until it is complete."""

_NEW_DECODER: Final = codecs.getincrementaldecoder("utf-8")


def require_mode(errors: object) -> None:
    """Require one of `TextErrors`.

    Raises:
        ParamValidationError: *errors* is something else.
    """
    if errors not in get_args(TextErrors):
        problem = f"errors must be 'strict' or 'replace', not {errors!r}"
        raise ParamValidationError(problem, [problem])


def require_limit(limit: object, name: str) -> None:
    """Require a positive number of bytes.

    Args:
        name: The parameter that is named by the error.

    Raises:
        ParamValidationError: *limit* is something else.
    """
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        problem = f"{name} must be a positive integer, not {limit!r}"
        raise ParamValidationError(problem, [problem])


class TextDecoder:
    """Decodes UTF-8. A character may be split across chunks."""

    def __init__(self, errors: TextErrors = "strict") -> None:
        self._decode = _NEW_DECODER(errors).decode
        self._offset = 0  # of the next chunk

    def feed(
        self, data: bytes, texts: MutableSequence[str], *, final: bool = False
    ) -> None:
        """Append the text of *data* to *texts*, if it is not empty.

        Raises:
            InvalidTextError: The bytes are not UTF-8. The valid text before them was
                appended.
        """
        try:
            text = self._decode(data, final)
        except UnicodeDecodeError as error:
            if valid := error.object[: error.start].decode():
                texts.append(valid)
            # The object of the error begins with the bytes kept from earlier chunks.
            kept = len(error.object) - len(data)
            raise _invalid_text(error, self._offset - kept + error.start) from error
        self._offset += len(data)
        if text:
            texts.append(text)

    def close(self, texts: MutableSequence[str]) -> None:
        """Append the replacement of an incomplete character, or raise.

        Raises:
            InvalidTextError: The input ended inside a character.
        """
        self.feed(b"", texts, final=True)


class LineDecoder:
    r"""Splits UTF-8 into lines, without their terminators ``\n``, ``\r\n`` and ``\r``.

    No other character ends a line. (The method ``splitlines`` of strings also splits at
    U+2028, which may be part of a JSON string.)
    """

    def __init__(
        self, errors: TextErrors = "strict", *, max_line_bytes: int = MAX_LINE_BYTES
    ) -> None:
        self._errors: TextErrors = errors
        self._max_line_bytes = max_line_bytes
        self._start: list[bytes] = []  # the chunks of an incomplete line
        self._start_bytes = 0
        self._skips_newline = False  # the last chunk ended with \r

    def feed(self, data: bytes, lines: MutableSequence[str]) -> None:
        """Append the lines that *data* completes to *lines*.

        Raises:
            InvalidTextError: A line is not UTF-8. The lines before it were appended.
            LineTooLongError: A line is longer than the limit.
        """
        if self._skips_newline and data:
            self._skips_newline = False
            if data.startswith(b"\n"):
                data = data[1:]
        if b"\r" in data:
            self._skips_newline = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        end = data.find(b"\n")
        if end < 0:
            self._keep(data)
            return
        begin = 0
        while end >= 0:
            self._keep(data[begin:end])
            lines.append(self._take())
            begin = end + 1
            end = data.find(b"\n", begin)
        self._keep(data[begin:])

    def close(self, lines: MutableSequence[str]) -> None:
        """Append the last line, if it has no terminator and is not empty.

        Raises:
            InvalidTextError: The line is not UTF-8.
        """
        if self._start_bytes:
            lines.append(self._take())

    def _keep(self, data: bytes) -> None:
        self._start_bytes += len(data)
        if self._start_bytes > self._max_line_bytes:
            raise LineTooLongError.over(self._max_line_bytes)
        if data:
            self._start.append(data)

    def _take(self) -> str:
        line = self._start[0] if len(self._start) == 1 else b"".join(self._start)
        self._start, self._start_bytes = [], 0
        return decode_text(line, self._errors)


def decode_text(data: bytes, errors: TextErrors = "strict") -> str:
    """Decode the whole of *data*.

    Raises:
        InvalidTextError: It is not UTF-8.
    """
    try:
        return data.decode(errors=errors)
    except UnicodeDecodeError as error:
        raise _invalid_text(error, error.start) from error


def _invalid_text(error: UnicodeDecodeError, offset: int) -> InvalidTextError:
    invalid = error.object[error.start : error.start + 4]
    return InvalidTextError(f"{invalid!r} at byte {offset} is not valid UTF-8")
