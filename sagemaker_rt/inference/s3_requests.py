"""The middleware of requests to S3, and the objects that they return."""

from __future__ import annotations

import asyncio
import random
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from attrs import define, evolve, field, frozen

from sagemaker_rt.assembly import middleware_factories as make
from sagemaker_rt.context import CREDENTIALS, HTTP_STATUS, REQUEST_ID, Context, Metadata
from sagemaker_rt.credentials.cache import CredentialsCache
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.errors import (
    OptionsError,
    ResponseTooLargeError,
    S3Error,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Body, Endpoint, FileBody, Response
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.interfaces import (
    Clock,
    CredentialsProvider,
    CredentialsStore,
    HTTPClient,
    needs_identity,
)
from sagemaker_rt.middleware.compute_payload_hash import ComputePayloadHash
from sagemaker_rt.middleware.get_identity import GetIdentity
from sagemaker_rt.middleware.record_response_timing import RecordResponseTiming
from sagemaker_rt.middleware.retry import Retry
from sagemaker_rt.middleware.signing import Signing
from sagemaker_rt.middleware.unsigned_payload import UnsignedPayload
from sagemaker_rt.options import AuthOptions, Options, TimeoutOptions
from sagemaker_rt.sansio.clock_skew import CorrectedClock
from sagemaker_rt.sansio.job_polls import Absence, absence_of
from sagemaker_rt.sansio.response_deserialization import request_id
from sagemaker_rt.sansio.retry import RetryPolicy, RetryQuota, StandardRetryer
from sagemaker_rt.sansio.s3_addresses import S3Location
from sagemaker_rt.sansio.s3_errors import s3_error
from sagemaker_rt.signers.sigv4 import SigV4Signer
from sagemaker_rt.stack import (
    BuildInput,
    DeserializeInput,
    Handler,
    InitializeInput,
    Output,
    Send,
    SerializeInput,
    Stack,
)
from sagemaker_rt.transport.custom_http_client import send_function

__all__ = ["CHECKSUM", "NEW_UPLOAD", "S3", "S3Object", "S3Request", "compile_s3"]

S3: Final = "S3"
"""The service id."""
_CONTENT_HASH: Final = "x-amz-content-sha256"
CHECKSUM: Final = "x-amz-checksum-sha256"
"""The header with the checksum of what is stored."""
NEW_UPLOAD: Final = "uploads"
"""The query of a request that starts an upload in several parts."""
_CHECKSUM_ALGORITHM: Final = "x-amz-checksum-algorithm"
_MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024  # 1000 long keys are 4 MB
_ERROR: Final = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<Error[\s>]")
_INTERNAL_ERROR: Final = 500  # the status of errors that are sent after the status 200
_MAX_ERROR_BYTES: Final = 64 * 1024
_MAX_ATTEMPTS: Final = 3
_RETURNED: Final = {Absence.MISSING, Absence.DENIED}
# requests for objects can be repeated: the same bytes are stored, or read again
_POLICY: Final = RetryPolicy(retry_ambiguous=True)


@frozen(kw_only=True)
class S3Request:
    """The input of a request to S3."""

    method: str
    location: S3Location
    endpoint: Endpoint
    path: str
    query: str = ""
    body: Body = field(default=b"", repr=False)
    content_type: str | None = None
    may_be_missing: bool = False
    """Whether the error of a missing object, or of denied access, is returned."""
    is_document: bool = False
    """Whether the response is an XML document, which is returned as bytes."""


@define(eq=False)
class S3Object:
    """An object in S3, whose body may not have been received yet.

    The owner reads it or calls `release`, which frees the connection.
    """

    location: S3Location
    response: Response = field(repr=False)
    metadata: Metadata = field(repr=False)
    """Request ID, status, attempts and times of the request."""

    @property
    def content_type(self) -> str | None:
        """The MIME type that the object was stored with."""
        return self.response.headers.get("content-type")

    @property
    def etag(self) -> str | None:
        """The entity tag, with its quotation marks."""
        return self.response.headers.get("etag")

    @property
    def size(self) -> int | None:
        """The size of the object in bytes, if the response has it."""
        length = self.response.headers.get("content-length", "")
        return int(length) if length.isdecimal() else None

    async def read(self, limit: int) -> bytes:
        """Return the whole content, and free the connection.

        Raises:
            ResponseTooLargeError: It has more than *limit* bytes.
            TransportError: A timeout expired.
            TruncatedBodyError: The connection was lost.
        """
        body = self.response.body
        try:
            content = body.read_nowait()
            if content is None:
                content = await body.read(limit)
            if len(content) > limit:
                message = f"{self.location} is larger than max_response_bytes: {limit}"
                raise ResponseTooLargeError(message)
        except SageMakerRuntimeError as error:
            self.describe(error)
            raise
        finally:
            body.release()
        return content

    async def read_start(self, limit: int) -> bytes:
        """Return the first *limit* bytes of the content, and free the connection."""
        start = bytearray()
        try:
            async for chunk in self.iter_chunks():
                start += chunk
                if len(start) >= limit:
                    break
        finally:
            self.release()
        return bytes(start[:limit])

    def describe(self, error: SageMakerRuntimeError) -> None:
        """Write the facts of the request on *error*, which ended the content."""
        error.metadata.update(self.metadata)
        error.http_status = self.response.status
        error.request_id = self.metadata.request_id

    def iter_chunks(self) -> AsyncIterator[bytes]:
        """Return an iterator of the chunks of the content, as they are received."""
        return self.response.body.iter_chunks()

    def release(self) -> None:
        """Reuse the connection if the content was read to its end, or close it."""
        self.response.body.release()


def compile_s3(
    options: Options,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    chance: Callable[[], float] = random.random,
) -> Handler[InitializeInput[S3Request]]:
    """Return the handler of requests to S3.

    They are retried, signed and renewed as calls of the client are, under a retry quota
    of S3 alone.

    Args:
        options: The options in force, with an HTTP client.
        sleep: Waits for a number of seconds.
        chance: Draws a number in [0, 1), for delays.

    Raises:
        OptionsError: The options have no credentials, or no HTTP client.
    """
    credentials, http_client = options.credentials, options.http.custom_http_client
    if credentials is None or http_client is None:
        message = (
            "credentials and http_client must be set; "
            "use await client.resolved_options()"
        )
        raise OptionsError(message)
    stack = Stack()
    clock = CorrectedClock(options.clock, options.retry.clock_offset)
    is_signed = options.auth.payload_signing == "signed"
    stack.serialize.add(_serialize, id="S3Serializer", calls_next_once=True)
    if is_signed:
        stack.build.add(ComputePayloadHash(), calls_next_once=True)
        stack.build.add(
            _write_payload_hash, id="WritePayloadHash", calls_next_once=True
        )
    stack.build.add(make.user_agent(options), calls_next_once=True)
    retryer = StandardRetryer(
        RetryQuota(),
        chance,
        max_attempts=options.retry.max_attempts or _MAX_ATTEMPTS,
        policy=_POLICY,
    )
    corrects = options.retry.correct_clock_skew is not False
    clock_to_correct = clock if corrects else None
    retry = Retry(retryer, clock=clock_to_correct, sleep=sleep, service=S3)
    stack.finalize.add(retry, calls_next_once=True)
    if not isinstance(credentials, AnonymousCredentials):
        _add_signing(stack, _store_of(credentials, options.clock), options.auth, clock)
    stack.deserialize.add(_deserialize, id="S3Deserializer", calls_next_once=True)
    stack.deserialize.add(RecordResponseTiming(options.clock), calls_next_once=True)
    return stack.decorate(_send_with(http_client, options.timeouts))


def _add_signing(
    stack: Stack, store: CredentialsStore, auth: AuthOptions, clock: CorrectedClock
) -> None:
    """Add what signs requests."""
    signer = auth.signer or SigV4Signer()
    if needs_identity(signer):
        stack.finalize.add(GetIdentity(store, CREDENTIALS), calls_next_once=True)
    if auth.payload_signing == "unsigned":
        stack.finalize.add(UnsignedPayload(), calls_next_once=True)
    stack.finalize.add(Signing(signer, clock), calls_next_once=True)


def _store_of(
    credentials: CredentialsProvider | Credentials, clock: Clock
) -> CredentialsStore:
    if isinstance(credentials, Credentials):
        return StaticCredentials(credentials)
    if isinstance(credentials, CredentialsCache):
        return credentials
    return CredentialsCache(credentials, clock)


def _send_with(http_client: HTTPClient, options: TimeoutOptions) -> Send:
    send_request = send_function(http_client)
    # an object may take longer than a response of a model
    timeouts = evolve(options.per_attempt, body=None)

    async def send(_: Context, input: DeserializeInput) -> Output:
        input.request.timeouts = timeouts
        return Output(None, await send_request(input.request))

    return send


async def _serialize(
    ctx: Context, input: SerializeInput[S3Request], next: Handler[SerializeInput]
) -> Output:
    """Write the input on the request."""
    params, request = input.params, input.request
    request.method, request.path = params.method, params.path
    request.query = params.query
    request.endpoint, request.body = params.endpoint, params.body
    if params.content_type is not None:
        request.headers["content-type"] = params.content_type
    if isinstance(params.body, FileBody):
        with params.body.held():
            return await next(ctx, input)
    return await next(ctx, input)


async def _write_payload_hash(
    ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Output:
    """Send the hash, which S3 requires, and as a checksum of what is stored."""
    request, payload_hash = input.request, input.request.payload_hash or ""
    request.headers[_CONTENT_HASH] = payload_hash
    if request.method == "PUT":
        # buckets with Object Lock require a checksum
        digest = bytes.fromhex(payload_hash)
        request.headers[CHECKSUM] = b64encode(digest).decode()
    elif request.query == NEW_UPLOAD:
        # its parts have checksums
        request.headers[_CHECKSUM_ALGORITHM] = "SHA256"
    return await next(ctx, input)


async def _deserialize(
    ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
) -> Output:
    """Return an `S3Object`, or raise an `S3Error`."""
    output = await next(ctx, input)
    response, params = output.response, ctx.params
    if response is None:  # pragma: no cover - the handler below always sends
        return output
    output.metadata[HTTP_STATUS] = response.status
    if (id := request_id(response.headers.lower)) is not None:
        output.metadata[REQUEST_ID] = id
    if 200 <= response.status < 300:  # noqa: PLR2004 - the class of success
        found = S3Object(params.location, response, output.metadata)
        output.result = await _document(found) if params.is_document else found
        return output
    body = b"" if params.method == "HEAD" else await _error_body(response)
    response.body.release()
    error = _error(params.location, response, body)
    error.metadata = output.metadata
    # all others are raised: Retry and GetIdentity may find a remedy
    if params.may_be_missing and absence_of(error) in _RETURNED:
        output.result = error
        return output
    raise error


async def _document(found: S3Object) -> bytes:
    """Return a whole XML document.

    Raises:
        S3Error: It is an error. S3 sends the status 200 before it has completed an
            upload.
    """
    document = await found.read(_MAX_DOCUMENT_BYTES)
    if not _ERROR.match(document):
        return document
    error = _error(found.location, found.response, document, _INTERNAL_ERROR)
    error.metadata = found.metadata
    raise error


def _error(
    location: S3Location, response: Response, body: bytes, status: int | None = None
) -> S3Error:
    error = s3_error(status or response.status, response.headers, body)
    error.location, error.response = location.uri, response
    return error


async def _error_body(response: Response) -> bytes:
    """Return the body of an error response, or nothing if it cannot be read."""
    try:
        body = response.body.read_nowait()
        return await response.body.read(_MAX_ERROR_BYTES) if body is None else body
    except SageMakerRuntimeError:
        return b""
    finally:
        response.body.release()
