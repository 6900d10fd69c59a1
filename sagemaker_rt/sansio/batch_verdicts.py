"""What the failure of a call means for a batch job."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from sagemaker_rt.errors import (
    CertificateError,
    ClientStateError,
    ComponentError,
    ConnectError,
    CredentialsError,
    EndpointResolutionError,
    ModelError,
    OptionsError,
    ParamValidationError,
    PoolTimeoutError,
    SageMakerRuntimeError,
    ServiceError,
    StackError,
    ValidationError,
)

__all__ = ["Verdict", "verdict_of"]

Verdict: TypeAlias = Literal["stop", "wait", "input"]
"""``stop``: every call would fail. ``wait``: the call can be repeated later, and the
input is not the reason. ``input``: the call of this input failed."""

_ALWAYS: Final = (
    CertificateError,
    ClientStateError,
    ComponentError,
    CredentialsError,
    EndpointResolutionError,
    OptionsError,
    ParamValidationError,  # of the members, which are the same for all inputs
    StackError,
)
_UNAUTHORIZED: Final = frozenset({401, 403})
_CODES: Final = frozenset(
    {
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "UnrecognizedClientException",
    }
)
# of SageMaker; an inference component and a variant are the same for all inputs
_NO_ENDPOINT: Final = re.compile(
    r"(endpoint|inference component|variant)\b.*\bnot found", re.IGNORECASE | re.DOTALL
)


def verdict_of(error: Exception) -> Verdict:
    """Return what *error*, which ended a call after its retries, means for the job."""
    if not isinstance(error, SageMakerRuntimeError):
        return "stop"
    if isinstance(error, _ALWAYS) or _is_rejected(error):
        return "stop"
    if isinstance(error, PoolTimeoutError) or error.is_throttle:
        return "wait"
    return "wait" if isinstance(error, ConnectError) else "input"


def _is_rejected(error: SageMakerRuntimeError) -> bool:
    """Return whether the service rejects the caller, or does not know the endpoint."""
    if not isinstance(error, ServiceError) or isinstance(error, ModelError):
        return False
    if error.code in _CODES or error.http_status in _UNAUTHORIZED:
        return True
    is_invalid = isinstance(error, ValidationError)
    return is_invalid and bool(_NO_ENDPOINT.search(error.message))
