"""Authentication of received requests, by the rules of each service."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.emulator import s3
from sagemaker_rt.emulator.openai_path import CHAT_COMPLETIONS
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import RequestRejected, rejection
from sagemaker_rt.emulator.signature_verification import (
    SignatureProblem,
    SignatureRejected,
    SigningScope,
    verify,
)
from sagemaker_rt.identity import Credentials
from sagemaker_rt.operations import SIGNING_NAME

__all__ = ["authenticate"]

_ERROR_CODES: Final = {
    SignatureProblem.MISSING: "MissingAuthenticationTokenException",
    SignatureProblem.INCOMPLETE: "IncompleteSignatureException",
    SignatureProblem.UNSIGNED_HEADER: "InvalidSignatureException",
    SignatureProblem.UNKNOWN_KEY: "UnrecognizedClientException",
    SignatureProblem.WRONG_TOKEN: "UnrecognizedClientException",
    SignatureProblem.EXPIRED_TOKEN: "ExpiredTokenException",
    SignatureProblem.WRONG_SCOPE: "InvalidSignatureException",
    SignatureProblem.SKEWED: "InvalidSignatureException",
    SignatureProblem.MISMATCH: "InvalidSignatureException",
}
"""Error codes of SageMaker Runtime for an invalid signature; the status is 403."""


def authenticate(
    received: ReceivedRequest, *, credentials: Credentials, region: str, now: float
) -> None:
    """Check that a request is authenticated for the service that it is sent to.

    Args:
        received: Its body must be complete.
        credentials: The only valid credentials.
        region: The region that the request must be signed for.
        now: Seconds since the epoch.

    Raises:
        RequestRejected: The signature or the token is invalid.
    """
    if received.operation == CHAT_COMPLETIONS:
        _require_token(received)
    is_s3 = received.endpoint_name is None
    service = "s3" if is_s3 else SIGNING_NAME
    try:
        verify(
            received,
            credentials=credentials,
            scope=SigningScope(region=region, service=service, is_s3=is_s3),
            now=now,
        )
    except SignatureRejected as rejected:
        if is_s3:
            answer = s3.signature_answer(rejected, region=region)
            raise RequestRejected(answer) from rejected
        code = _ERROR_CODES[rejected.problem]
        raise rejection(rejected.message, code=code, status=403) from rejected


def _require_token(received: ReceivedRequest) -> None:
    """Reject a request without a bearer token, even if its signature is valid."""
    if received.headers.get("authorization", "")[:7].lower() != "bearer ":
        message = "The OpenAI path requires a bearer token."
        raise rejection(message, code="AccessDeniedException", status=403)
