"""Which errors of a stream in both directions end only its connection.

Also the rules for the arguments of a `ReconnectingStream`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Final

from sagemaker_rt.errors import (
    CertificateError,
    HTTP2NotSupportedError,
    InternalStreamFailure,
    ParamValidationError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    ServiceError,
)

__all__ = ["is_reconnectable", "require_arguments"]

_BUSY: Final = frozenset({424, 429})  # also many openings at the same time
_SERVER_ERRORS: Final = 500


def is_reconnectable(error: SageMakerRuntimeError) -> bool:
    """Return whether a new connection may succeed after *error*.

    These are lost connections, timeouts, failures of the service, and the statuses 424,
    429 and 5xx of an opening. An error of the model in the stream is not among them: it
    also reports that the container has closed its WebSocket.
    """
    if isinstance(error, (CertificateError, HTTP2NotSupportedError)):
        return False
    if isinstance(error, (ConnectionError, RequestTimeoutError, InternalStreamFailure)):
        return True
    status = error.http_status or 0
    return isinstance(error, ServiceError) and (
        status in _BUSY or status >= _SERVER_ERRORS
    )


def require_arguments(**arguments: object) -> None:
    """Require valid arguments of a `ReconnectingStream`.

    Raises:
        ParamValidationError: Some are invalid.
    """
    problems = [
        f"{name} must be {_RULES[name][0]}, not {value!r}"
        for name, value in arguments.items()
        if not _RULES[name][1](value)
    ]
    if problems:
        raise ParamValidationError("; ".join(problems), problems)


def _is_integer(value: object, minimum: int) -> bool:
    return isinstance(value, int) and value is not True and value >= minimum


def _is_duration(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or (is_number and 0 < value < inf)  # type: ignore[operator] # a number


_RULES: Final[Mapping[str, tuple[str, Callable[[object], bool]]]] = {
    "connect": ("a function that opens a stream: lambda: client.invoke_…", callable),
    "reconnect_after": ("positive seconds or None", _is_duration),
    "max_attempts": ("a positive integer", lambda value: _is_integer(value, 1)),
    "replay_bytes": ("an integer from 0", lambda value: _is_integer(value, 0)),
    "setup": ("an async function or None", lambda v: v is None or callable(v)),
    "should_reconnect": ("a function", callable),
}
