"""How the line that ``log_level`` writes of each call is put, on any handler."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from string import Formatter
from typing import Final, Self

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.redaction import printable

__all__ = ["LogFormatter"]

_DEFAULT: Final = (
    "[{client_class} {http_status} {duration} {retries} retries] "
    "{operation}({request_params}) {error_class} {error_message}"
)
_SHORT: Final = "[{client_class} {http_status} {duration}] {operation} {error_class}"
_COLORED: Final = (
    "\x1b[1;34m[{client_class} {http_status} {duration} {retries} retries]\x1b[0m "
    "{operation}({request_params}) {error_class} {error_message}"
)

# what CallLogger puts on a record
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
_MARK: Final = "request_params"
_OF_ANY_RECORD: Final = vars(logging.makeLogRecord({})).keys() | {"asctime", "message"}
_FILTERED: Final = "[FILTERED]"
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class LogFormatter(logging.Formatter):
    """Put the facts of a call into *pattern*; other records are left as they are.

    Bodies and custom attributes are not in a record in the first place. What cannot be
    printed becomes a blank, so that a call has one line.

    Args:
        pattern: A text for `str.format`, with ``client_class``, ``operation``,
            ``request_params``, ``http_status``, ``duration``, ``retries``,
            ``request_id``, ``request_size``, ``error_class`` and ``error_message``, and
            the attributes of any log record.
        max_string_size: Longer texts are cut there, in characters.
        filter: Other members whose values are not to be shown: ``target_model``, say.

    Raises:
        OptionsError: The pattern cannot be read, has no field or one that there is not,
            or wants it as what it is not; or another argument is none of its kind.
    """

    def __init__(
        self,
        pattern: str = _DEFAULT,
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
            message = f"filter must be names of members: {filter!r}"
            raise OptionsError(message)
        super().__init__(pattern, style="{", validate=False)
        self._pattern: Final = pattern
        self._max_string_size: Final = max_string_size
        self._filter: Final = frozenset({filter} if isinstance(filter, str) else filter)
        self._try(pattern)

    @classmethod
    def default(
        cls, *, max_string_size: int = 1000, filter: Collection[str] = ()
    ) -> Self:
        """Return one that tells status, time, retries, members, and the error."""
        return cls(_DEFAULT, max_string_size=max_string_size, filter=filter)

    @classmethod
    def short(cls) -> Self:
        """Return one that tells status, time, and the error's name."""
        return cls(_SHORT)

    @classmethod
    def colored(
        cls, *, max_string_size: int = 1000, filter: Collection[str] = ()
    ) -> Self:
        """Return one that tells what `default` does, in colours of a terminal."""
        return cls(_COLORED, max_string_size=max_string_size, filter=filter)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base's
        """Return the line of *record*."""
        if not hasattr(record, _MARK):
            return record.getMessage()
        values = vars(record)
        facts = {name: self._shown(name, values.get(name)) for name in _FACTS}
        return self._pattern.format_map({**values, **facts}).rstrip()

    def _try(self, pattern: str) -> None:
        """Refuse a pattern that would fail where a call is logged."""
        record = logging.makeLogRecord({_MARK: {}, "asctime": "", "message": ""})
        try:
            self.formatMessage(record)
            vars(record).update(_TRIAL)
            self.formatMessage(record)
        except (LookupError, TypeError, ValueError) as error:
            message = f"the pattern {pattern!r} cannot be used: {error}"
            raise OptionsError(message) from error

    def _shown(self, name: str, value: object) -> object:
        if name == "operation":
            return _WORD.sub("_", str(value)).lower()
        if isinstance(value, Mapping):
            return ", ".join(f"{key}={self._member(key, value[key])}" for key in value)
        if isinstance(value, float):
            return _Seconds(value)
        if isinstance(value, int):
            return value
        if name.startswith("error_"):
            return self._cut(printable(str(value or "")))
        return _NOTHING if value is None else printable(str(value))

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
    """A duration, whose last zeros are left out unless a pattern says how to put it."""

    def __str__(self) -> str:
        return f"{float(self):.6f}".rstrip("0").rstrip(".")

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else str(self)


class _Nothing:
    """What stands for a fact that there is not, however a pattern wants to put it."""

    def __repr__(self) -> str:
        return "-"

    def __format__(self, spec: str) -> str:
        return "-"


_NOTHING: Final = _Nothing()
_TRIAL: Final[Mapping[str, object]] = {
    **dict.fromkeys(_FACTS, ""),
    **dict.fromkeys(("http_status", "request_size", "retries"), 1),
    _MARK: {},
    "duration": 1.0,
}


def _check(pattern: str) -> None:
    if not isinstance(pattern, str):
        message = f"a pattern is text: {pattern!r}"
        raise OptionsError(message)
    try:
        names = {
            name for _, name, _, _ in Formatter().parse(pattern) if name is not None
        }
    except ValueError as error:
        message = f"the pattern {pattern!r} cannot be read: {error}"
        raise OptionsError(message) from error
    if not names:
        message = f"the pattern {pattern!r} has no field; write {{operation}}, say"
        raise OptionsError(message)
    for name in sorted(names):
        if name not in _FACTS and name not in _OF_ANY_RECORD:
            message = f"a log line has no field {name!r}; there are {', '.join(_FACTS)}"
            raise OptionsError(message)
