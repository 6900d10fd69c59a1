"""Requests to the object store: GET, HEAD and PUT of an object, as S3 answers them."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from hashlib import sha256
from typing import Final
from urllib.parse import unquote
from xml.sax.saxutils import escape

from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import Answer, Refusal
from sagemaker_rt.emulator.signature_verification import (
    CONTENT_HASH,
    Doubt,
    SignatureRefused,
)
from sagemaker_rt.errors import ParamValidationError

__all__ = ["OPERATIONS", "PREFIX", "answer", "s3_error", "signature_answer"]

PREFIX: Final = "/s3"
"""The path below which the store's buckets are."""

OPERATIONS: Final = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject"}
"""What a method asks of an object."""

_UNSIGNED: Final = "UNSIGNED-PAYLOAD"
_REFUSALS: Final[Mapping[Doubt, tuple[int, str]]] = {
    Doubt.MISSING: (403, "AccessDenied"),
    Doubt.INCOMPLETE: (400, "AuthorizationHeaderMalformed"),
    Doubt.UNSIGNED_HEADER: (403, "AccessDenied"),
    Doubt.UNKNOWN_KEY: (403, "InvalidAccessKeyId"),
    Doubt.WRONG_TOKEN: (400, "InvalidToken"),
    Doubt.EXPIRED_TOKEN: (400, "ExpiredToken"),
    Doubt.WRONG_SCOPE: (400, "AuthorizationHeaderMalformed"),
    Doubt.SKEWED: (403, "RequestTimeTooSkewed"),
    Doubt.MISMATCH: (403, "SignatureDoesNotMatch"),
}


def s3_error(code: str, status: int, message: str) -> Answer:
    """Return an error as S3 words it."""
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    )
    headers = {"Content-Type": "application/xml"}
    return Answer(status, document.encode(), headers=headers)


def signature_answer(refused: SignatureRefused) -> Answer:
    """Return what S3 answers to a signature that it does not accept."""
    status, code = _REFUSALS[refused.doubt]
    return s3_error(code, status, refused.message)


def answer(received: ReceivedRequest, objects: ObjectStore) -> Answer:
    """Answer one request for an object.

    Raises:
        Refusal: The request is wrong, or there is no such object.
    """
    _check_payload(received)
    uri = f"s3:/{unquote(received.path.removeprefix(PREFIX))}"
    if received.operation == "PutObject":
        return _put(uri, received, objects)
    found = objects.find(uri)
    if found is None:
        message = "The specified key does not exist."
        raise Refusal(s3_error("NoSuchKey", 404, message))
    return Answer(
        200,
        found.body,
        headers={
            "Content-Type": found.content_type,
            "ETag": found.etag,
            "Last-Modified": formatdate(found.modified_at, usegmt=True),
        },
    )


def _put(uri: str, received: ReceivedRequest, objects: ObjectStore) -> Answer:
    """Store the body of a request under *uri*."""
    content_type = received.headers.get("content-type", "binary/octet-stream")
    try:
        stored = objects.put(uri, received.body, content_type=content_type)
    except ParamValidationError as error:
        raise Refusal(s3_error("InvalidURI", 400, str(error))) from error
    return Answer(200, headers={"ETag": stored.etag})


def _check_payload(received: ReceivedRequest) -> None:
    """Ask that the body is the one that the payload hash promises."""
    promised = received.headers.get(CONTENT_HASH)
    if promised is None:
        message = f"Missing required header for this request: {CONTENT_HASH}"
        raise Refusal(s3_error("InvalidRequest", 400, message))
    if promised.startswith("STREAMING-"):
        message = "Bodies in signed chunks are not supported here."
        raise Refusal(s3_error("NotImplemented", 501, message))
    if promised not in {_UNSIGNED, sha256(received.body).hexdigest()}:
        message = f"The provided '{CONTENT_HASH}' does not match what was computed."
        raise Refusal(s3_error("XAmzContentSHA256Mismatch", 400, message))
