"""The part of the S3 API that the emulator has: objects, lists of them, and buckets."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from hashlib import sha256
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote
from xml.sax.saxutils import escape

from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import Answer, RequestRejected
from sagemaker_rt.emulator.s3_listing import listing
from sagemaker_rt.emulator.signature_verification import (
    CONTENT_HASH,
    SignatureProblem,
    SignatureRejected,
)
from sagemaker_rt.errors import ParamValidationError

__all__ = [
    "BUCKET_OPERATIONS",
    "OPERATIONS",
    "PREFIX",
    "answer",
    "s3_error",
    "signature_answer",
]

# both services share a port
PREFIX: Final = "/s3"
"""URL path in front of the buckets."""

BUCKET_OPERATIONS: Final = {"GET": "ListObjectsV2", "HEAD": "HeadBucket"}
"""Names of the operations of buckets, by HTTP method."""
OPERATIONS: Final = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject"}
"""Names of the operations of objects, by HTTP method."""

_UNSIGNED: Final = "UNSIGNED-PAYLOAD"
_SIGNATURE_ERRORS: Final[Mapping[SignatureProblem, tuple[int, str]]] = {
    SignatureProblem.MISSING: (403, "AccessDenied"),
    SignatureProblem.INCOMPLETE: (400, "AuthorizationHeaderMalformed"),
    SignatureProblem.UNSIGNED_HEADER: (403, "AccessDenied"),
    SignatureProblem.UNKNOWN_KEY: (403, "InvalidAccessKeyId"),
    SignatureProblem.WRONG_TOKEN: (400, "InvalidToken"),
    SignatureProblem.EXPIRED_TOKEN: (400, "ExpiredToken"),
    SignatureProblem.WRONG_SCOPE: (400, "AuthorizationHeaderMalformed"),
    SignatureProblem.SKEWED: (403, "RequestTimeTooSkewed"),
    SignatureProblem.MISMATCH: (403, "SignatureDoesNotMatch"),
}


def s3_error(
    code: str, status: int, message: str, *, region: str | None = None
) -> Answer:
    """Return an error response in the format of S3 (XML).

    Args:
        region: The region of the bucket; None leaves it out.
    """
    headers = {"Content-Type": "application/xml"}
    element = ""
    if region is not None:
        headers["x-amz-bucket-region"] = region
        element = f"<Region>{region}</Region>"
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message>{element}"
        "</Error>"
    )
    return Answer(status, document.encode(), headers=headers)


def signature_answer(rejected: SignatureRejected, *, region: str) -> Answer:
    """Return the error response of S3 to an invalid signature.

    Args:
        region: The region of the bucket; the response names it if the scope is wrong.
    """
    status, code = _SIGNATURE_ERRORS[rejected.problem]
    if rejected.problem is SignatureProblem.WRONG_SCOPE:
        return s3_error(code, status, rejected.message, region=region)
    return s3_error(code, status, rejected.message)


def answer(received: ReceivedRequest, objects: ObjectStore, *, region: str) -> Answer:
    """Return the response to a request for an object or a bucket.

    Args:
        region: The region of the buckets.

    Raises:
        RequestRejected: The request is invalid, or what it names does not exist.
    """
    _check_payload(received)
    uri = f"s3:/{unquote(received.path.removeprefix(PREFIX))}"
    if received.operation in BUCKET_OPERATIONS.values():
        bucket = uri.removeprefix("s3://").rstrip("/")
        if received.operation == BUCKET_OPERATIONS["HEAD"]:
            return _head_bucket(bucket, objects, region=region)
        return _list(bucket, received, objects)
    if received.operation == "PutObject":
        return _put(uri, received, objects)
    stored = objects.find(uri)
    if stored is None:
        message = "The specified key does not exist."
        raise RequestRejected(s3_error("NoSuchKey", 404, message))
    return Answer(
        200,
        stored.body,
        headers={
            "Content-Type": stored.content_type,
            "ETag": stored.etag,
            "Last-Modified": formatdate(stored.modified_at, usegmt=True),
        },
    )


def _head_bucket(bucket: str, objects: ObjectStore, *, region: str) -> Answer:
    status = 200 if objects.has_bucket(bucket) else 404
    headers = {"Content-Type": "application/xml"}
    if status == HTTPStatus.OK:
        headers["x-amz-bucket-region"] = region
    return Answer(status, headers=headers)


def _list(bucket: str, received: ReceivedRequest, objects: ObjectStore) -> Answer:
    document = listing(bucket, received.query, objects)
    if document is None:
        message = "The emulator only supports ListObjectsV2, without delimiter."
        raise RequestRejected(s3_error("NotImplemented", 501, message))
    return Answer(200, document, headers={"Content-Type": "application/xml"})


def _put(uri: str, received: ReceivedRequest, objects: ObjectStore) -> Answer:
    """Store the body of a request at *uri*."""
    content_type = received.headers.get("content-type", "binary/octet-stream")
    try:
        stored = objects.put(uri, received.body, content_type=content_type)
    except ParamValidationError as error:
        raise RequestRejected(s3_error("InvalidURI", 400, str(error))) from error
    return Answer(200, headers={"ETag": stored.etag})


def _check_payload(received: ReceivedRequest) -> None:
    """Check the body against the payload hash in its header.

    Raises:
        RequestRejected: The header is missing, unsupported, or does not match.
    """
    declared_hash = received.headers.get(CONTENT_HASH)
    if declared_hash is None and "X-Amz-Signature=" in received.query:
        return  # presigned: the body is not signed
    if declared_hash is None:
        message = f"Missing required header for this request: {CONTENT_HASH}"
        raise RequestRejected(s3_error("InvalidRequest", 400, message))
    if declared_hash.startswith("STREAMING-"):
        message = "The emulator does not support signed chunks (STREAMING-…)."
        raise RequestRejected(s3_error("NotImplemented", 501, message))
    if declared_hash not in {_UNSIGNED, sha256(received.body).hexdigest()}:
        message = f"The provided '{CONTENT_HASH}' does not match what was computed."
        raise RequestRejected(s3_error("XAmzContentSHA256Mismatch", 400, message))
