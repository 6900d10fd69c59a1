"""The exceptions of aiohttp, and the errors of this library in their place.

The errors contain neither requests nor response headers. The tracebacks of aiohttp are
removed, because the local variables of its frames hold the signature.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

import aiohttp

from sagemaker_rt.transport.error_mapping import (
    ErrorTables,
    is_unknown_name,
    refusal_of_proxy,
    text_of,
    without_tracebacks,
)
from sagemaker_rt.transport.system_certificates import missing_certificates_hint

__all__ = ["AIOHTTP_ERRORS"]

# ares.h: ARES_ENODATA, ARES_ENOTFOUND
_NO_SUCH_NAME_OF_AIODNS: Final = frozenset({1, 4})


def _is_temporary(error: BaseException) -> bool:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        cause = error.os_error.__cause__
        # aiohttp passes the number of aiodns, which need not be installed, in the cause
        if type(cause).__name__ == "DNSError" and cause is not None and cause.args:
            return cause.args[0] not in _NO_SUCH_NAME_OF_AIODNS
        return not is_unknown_name(error.os_error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return error.status != HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
    return True


# The parsers of aiohttp append the bytes that they reject, which can be secret.
_QUOTED_BYTES: Final = re.compile(r"\s*b['\"]")


def _reason(error: BaseException) -> str:
    """Return the text of *error*, without quotes from requests or responses."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        hint = missing_certificates_hint(error.certificate_error)
        return f"{error}{hint}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return text_of(error.os_error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return refusal_of_proxy(error.status)
    if isinstance(error, aiohttp.ClientResponseError):
        text = _QUOTED_BYTES.split(error.message, maxsplit=1)[0]
        return " ".join(text.split()).removesuffix(":")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed it"
    # if writing fails, aiohttp replaces the text by one with the URL
    is_wrapped = isinstance(error, aiohttp.ClientOSError)
    return text_of((error.__cause__ if is_wrapped else None) or error)


def _cause(error: BaseException) -> BaseException | None:
    """Return *error* for ``__cause__``, or None if it holds requests or responses."""
    if isinstance(
        error, (aiohttp.ClientResponseError, aiohttp.ServerDisconnectedError)
    ):
        return None
    return without_tracebacks(error)


AIOHTTP_ERRORS: Final = ErrorTables(
    certificate=(
        aiohttp.ClientConnectorCertificateError,
        aiohttp.ServerFingerprintMismatch,
    ),
    timeout=(aiohttp.ConnectionTimeoutError,),
    proxy=(aiohttp.ClientHttpProxyError,),
    request=(aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, ValueError, TypeError),
    response=(aiohttp.ClientResponseError,),
    connection=(aiohttp.ClientError, OSError),
    state=(RuntimeError,),
    reason=_reason,
    cause=_cause,
    is_temporary=_is_temporary,
)
"""The exceptions of aiohttp, and what they mean."""
