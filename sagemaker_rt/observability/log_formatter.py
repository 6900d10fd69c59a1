"""`LogFormatter`: an opt-in `logging.Formatter` for the record of each call.

The record is made by `CallLogger` in ``middleware/call_logger.py``, if ``log_level`` is
set. Its default text is formatted there, too.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from string import Formatter
from typing import Final, Self

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.redaction import printable

__all__ = ["LogFormatter"]

# the formats of the AWS SDK for Ruby (Aws::Log::Formatter)
_DEFAULT_PATTERN: Final = (
    "[{client_class} {http_status} {duration} {retries} retries] "
    "{operation}({request_params}) {error_class} {error_message}"
)
_SHORT_PATTERN: Final = (
    "[{client_class} {http_status} {duration}] {operation} {error_class}"
)
_COLORED_PATTERN: Final = (
    "\x1b[1;34m[{client_class} {http_status} {duration} {retries} retries]\x1b[0m "
    "{operation}({request_params}) {error_class} {error_message}"
)

# the attributes that CallLogger sets on its record
_FACTS: Final = (
    "client_class",
    "duration",
    "error_class",
    "error_message",
    "http_status",
    "operation",
    "request_id",
    "request_params",
    "request_size",
    "retries",
)
# records without this attribute are not from CallLogger
_MARKER: Final = "request_params"
_RECORD_ATTRIBUTES: Final = vars(logging.makeLogRecord({})).keys() | {
    "asctime",
    "message",
}
_FILTERED: Final = "[FILTERED]"
_WORD_BOUNDARY: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class LogFormatter(logging.Formatter):
    """Format the record of a call by *pattern*; format other records as usual.

    Records do not contain bodies and custom attributes. Control characters are replaced
    by spaces, so that a call is one line.

    Args:
        pattern: A format string with the fields ``client_class``, ``operation``,
            ``request_params``, ``http_status``, ``duration`` (seconds), ``retries``,
            ``request_id``, ``request_size`` (bytes), ``error_class`` and
            ``error_message``, and the attributes of any log record.
        max_string_size: Length in characters at which strings are truncated.
        filter: Members of the input whose values are hidden: ``target_model``, say.

    Raises:
        OptionsError: The pattern is not a valid format string, has no field or an
            unknown one, or another argument has the wrong type.
    """

    def __init__(
        self,
        pattern: str = _DEFAULT_PATTERN,
        *,
        max_string_size: int = 1000,
        filter: Collection[str] = (),
    ) -> None:
        _check(pattern)
        if isinstance(max_string_size, bool) or not isinstance(max_string_size, int):
            message = f"max_string_size must be an int: {max_string_size!r}"
            raise OptionsError(message)
        if max_string_size < 0:
            message = f"max_string_size must be at least 0: {max_string_size}"
            raise OptionsError(message)
        if not isinstance(filter, Iterable):
            message = f"filter must be a collection of member names: {filter!r}"
            raise OptionsError(message)
        super().__init__(pattern, style="{", validate=False)
        self._pattern: Final = pattern
        self._max_string_size: Final = max_string_size
        self._filter: Final = frozenset({filter} if isinstance(filter, str) else filter)
        self._check_formatting(pattern)

    @classmethod
    def default(
        cls, *, max_string_size: int = 1000, filter: Collection[str] = ()
    ) -> Self:
        """Return a formatter for status, duration, retries, input and error."""
        return cls(_DEFAULT_PATTERN, max_string_size=max_string_size, filter=filter)

    @classmethod
    def short(cls) -> Self:
        """Return a formatter for status, duration and the class of the error."""
        return cls(_SHORT_PATTERN)

    @classmethod
    def colored(
        cls, *, max_string_size: int = 1000, filter: Collection[str] = ()
    ) -> Self:
        """Return the `default` formatter with terminal colors."""
        return cls(_COLORED_PATTERN, max_string_size=max_string_size, filter=filter)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - overrides
        """Return the line for *record*."""
        if not hasattr(record, _MARKER):
            return record.getMessage()
        values = vars(record)
        facts = {name: self._display(name, values.get(name)) for name in _FACTS}
        # facts last: a record may have attributes of the same names
        return self._pattern.format_map({**values, **facts}).rstrip()

    def _check_formatting(self, pattern: str) -> None:
        """Raise `OptionsError` for a pattern that fails when a call is logged."""
        # twice: a format spec must work for absent facts and for known ones
        record = logging.makeLogRecord({_MARKER: {}, "asctime": "", "message": ""})
        try:
            self.formatMessage(record)
            vars(record).update(_SAMPLE_FACTS)
            self.formatMessage(record)
        except (LookupError, TypeError, ValueError) as error:
            message = f"pattern {pattern!r} cannot be formatted: {error}"
            raise OptionsError(message) from error

    def _display(self, name: str, value: object) -> object:
        if name == "operation":
            # InvokeEndpoint → invoke_endpoint
            return _WORD_BOUNDARY.sub("_", str(value)).lower()
        if isinstance(value, Mapping):
            return ", ".join(f"{key}={self._member(key, value[key])}" for key in value)
        if isinstance(value, float):
            return _Seconds(value)
        if isinstance(value, int):
            return value
        # an absent error leaves no trace: patterns end with it
        if name.startswith("error_"):
            return self._cut(printable(str(value or "")))
        return _ABSENT if value is None else printable(str(value))

    def _member(self, name: str, value: object) -> str:
        if value == _FILTERED or name in self._filter:
            return _FILTERED
        if isinstance(value, str) and len(value) > self._max_string_size:
            return f"{value[: self._max_string_size]!r}... ({len(value)} characters)"
        return repr(value) if isinstance(value, str) else self._cut(repr(value))

    def _cut(self, text: str) -> str:
        if len(text) <= self._max_string_size:
            return text
        return f"{text[: self._max_string_size]}... ({len(text)} characters)"


class _Seconds(float):
    """A duration. Without a format spec, trailing zeros are omitted."""

    def __str__(self) -> str:
        return f"{float(self):.6f}".rstrip("0").rstrip(".")

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else str(self)


class _Absent:
    """A fact that is not known. It is shown as ``-`` with any format spec."""

    def __repr__(self) -> str:
        return "-"

    def __format__(self, spec: str) -> str:
        return "-"


_ABSENT: Final = _Absent()
_SAMPLE_FACTS: Final[Mapping[str, object]] = {
    **dict.fromkeys(_FACTS, ""),
    **dict.fromkeys(("http_status", "request_size", "retries"), 1),
    _MARKER: {},
    "duration": 1.0,
}


def _check(pattern: str) -> None:
    if not isinstance(pattern, str):
        message = f"pattern must be a str: {pattern!r}"
        raise OptionsError(message)
    try:
        names = {
            name for _, name, _, _ in Formatter().parse(pattern) if name is not None
        }
    except ValueError as error:
        message = f"pattern {pattern!r} is not a format string: {error}"
        raise OptionsError(message) from error
    if not names:
        message = f"pattern {pattern!r} has no field, such as {{operation}}"
        raise OptionsError(message)
    for name in sorted(names):
        if name not in _FACTS and name not in _RECORD_ATTRIBUTES:
            message = f"pattern has no field {name!r}; use {', '.join(_FACTS)}"
            raise OptionsError(message)
