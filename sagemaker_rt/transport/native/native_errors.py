"""The exceptions of the native HTTP client, and the errors in their place."""

from __future__ import annotations

import ssl
from typing import Final

from sagemaker_rt.transport.error_mapping import (
    PROXY_AUTHENTICATION_REQUIRED,
    ErrorTables,
    is_unknown_name,
    refusal_of_proxy,
    text_of,
    without_tracebacks,
)

__all__ = [
    "NATIVE_ERRORS",
    "ConnectionEndedError",
    "InvalidBodyError",
    "InvalidHeadError",
    "ProxyRefusedError",
]


class ConnectionEndedError(ConnectionError):
    """The server closed the connection, without a reset."""


class InvalidHeadError(Exception):
    """The response headers are not valid HTTP."""


class InvalidBodyError(ConnectionError):
    """The response body is not valid HTTP; its end cannot be found."""


class ProxyRefusedError(Exception):
    """A proxy did not open a tunnel."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _reason(error: BaseException) -> str:
    if isinstance(error, ProxyRefusedError):
        return refusal_of_proxy(error.status)
    if isinstance(error, ssl.SSLCertVerificationError):
        from sagemaker_rt.transport.system_certificates import (  # noqa: PLC0415 - rarely needed
            missing_certificates_hint,
        )

        return f"{error}{missing_certificates_hint(error)}"
    return text_of(error)


def _is_temporary(error: BaseException) -> bool:
    if isinstance(error, ProxyRefusedError):
        return error.status != PROXY_AUTHENTICATION_REQUIRED
    return not is_unknown_name(error)


_WITHOUT_CAUSE: Final = (ConnectionEndedError, InvalidHeadError, ProxyRefusedError)


def _cause(error: BaseException) -> BaseException | None:
    without_tracebacks(error)
    # these say no more than the error in their place
    return None if isinstance(error, _WITHOUT_CAUSE) else error


NATIVE_ERRORS: Final = ErrorTables(
    certificate=(ssl.SSLCertVerificationError,),
    proxy=(ProxyRefusedError,),
    request=(ValueError, TypeError),
    response=(InvalidHeadError,),
    connection=(OSError,),
    state=(RuntimeError,),
    reason=_reason,
    cause=_cause,
    is_temporary=_is_temporary,
)
"""The exceptions of the native HTTP client, and what they mean."""
