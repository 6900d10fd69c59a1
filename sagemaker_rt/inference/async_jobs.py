"""Asynchronous inferences: submit an input, and wait for the result in S3."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Self
from uuid import uuid4

from attrs import evolve

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import DeserializationError, ParamValidationError
from sagemaker_rt.http import FileBody
from sagemaker_rt.inference.codecs.codec import Codec
from sagemaker_rt.inference.codecs.registry import CODECS
from sagemaker_rt.inference.job_poller import poller_of
from sagemaker_rt.inference.job_results import AsyncResultChunks
from sagemaker_rt.inference.predict import encode_value
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.inference.s3_requests import S3Object
from sagemaker_rt.invocation.call_facts import describe_exception
from sagemaker_rt.operations import INVOKE_ENDPOINT_ASYNC
from sagemaker_rt.options import Option
from sagemaker_rt.sansio.job_records import JobRecord, lifetime_of, record_from_json
from sagemaker_rt.sansio.request_body import body_size, to_body
from sagemaker_rt.sansio.s3_addresses import S3Location, parse_location, parse_prefix
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointOutput,
)

__all__ = ["MAX_INLINE_BYTES", "AsyncJob", "checked_timeout", "submit", "submit_input"]

MAX_INLINE_BYTES: Final = 128_000
"""The maximum size of an input that is sent to the service itself."""
_MAX_UPLOAD_BYTES: Final = 1 << 30
_ANY: Final = "*/*"  # the same as no header
_LONGEST_TIMEOUT: Final = 1e9


class AsyncJob:
    """An asynchronous inference that was submitted.

    It is a handle: closing it is not necessary, and dropping it does not cancel the
    inference. The service has no operation that does.

    Args:
        client: The client whose credentials and connections are used.
        record: What is known of the job.
        metadata: Facts of the call that submitted it.
    """

    def __init__(
        self,
        client: RuntimeClient,
        record: JobRecord,
        metadata: Metadata | None = None,
    ) -> None:
        self._client = client
        self._record = record
        self.metadata: Final = Metadata() if metadata is None else metadata
        """Request ID, attempts and times of the submission; empty after `from_json`."""

    @property
    def endpoint_name(self) -> str:
        """The endpoint that was invoked."""
        return self._record.endpoint_name

    @property
    def inference_id(self) -> str | None:
        """The ID of the request. The locations do not follow from it."""
        return self._record.inference_id

    @property
    def output_location(self) -> str:
        """Where the service stores the result: an S3 URI."""
        return self._record.output_location

    @property
    def failure_location(self) -> str | None:
        """Where it stores a failure; None if the endpoint has no path for that."""
        return self._record.failure_location

    @property
    def submitted_at(self) -> float:
        """When the job was submitted, in seconds since the epoch."""
        return self._record.submitted_at

    async def result(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - its error has facts of the job
    ) -> InvokeEndpointOutput:
        """Wait for the response of the model, and return it.

        S3 is polled, about a second after the submission, and then less and less often,
        up to every 15 seconds. Any number of tasks may wait, for the same or other
        jobs; cancelling one of them ends its wait only, and it can wait again. The
        response is received each time, and not kept. Of the output, `body`,
        `content_type` and `metadata` are set; the latter is of the request to S3.

        Args:
            timeout: Seconds to wait; 0 looks once. By default, it waits until the times
                for the queue and the model are over, since the submission.

        Raises:
            AsyncInferenceError: The service stored a failure; the error has it.
            AsyncJobTimeoutError: There was neither a response nor a failure in time.
            ParamValidationError: *timeout* is invalid.
            ResponseTooLargeError: The response is larger than ``max_response_bytes``;
                use `open`.
            S3Error: S3 responded with an error that does not pass, such as
                ``NoSuchBucket``.
            CredentialsError: No credentials for S3 were found.
        """
        poller = await poller_of(self._client)

        async def read(stored: S3Object) -> InvokeEndpointOutput:
            return InvokeEndpointOutput(
                body=await stored.read(poller.max_bytes),
                content_type=stored.content_type,
                metadata=stored.metadata,
            )

        return await poller.wait(self._record, checked_timeout(timeout), read)

    @asynccontextmanager
    async def open(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - its error has facts of the job
    ) -> AsyncGenerator[AsyncResultChunks]:
        """Wait for the response of the model, and receive it in chunks.

        Use it as ``async with job.open() as chunks``, for responses of any size. The
        end of the block closes the connection if chunks are left.

        Args:
            timeout: Seconds to wait for the start of the response, as for `result`.

        Raises:
            SageMakerRuntimeError: As `result`; reading chunks also raises
                `TruncatedBodyError` and `RequestTimeoutError`.
        """
        poller = await poller_of(self._client)
        stored = await poller.wait(self._record, checked_timeout(timeout), _unread)
        try:
            yield AsyncResultChunks(stored)
        finally:
            stored.release()

    def to_json(self) -> str:
        """Return the job as JSON, from which another process can continue.

        It has names and locations, and no credentials.
        """
        return self._record.to_json()

    @classmethod
    def from_json(cls, client: RuntimeClient, text: str | bytes) -> Self:
        """Return the job that `to_json` wrote; it does no I/O.

        Args:
            client: A client that may read the locations.

        Raises:
            ParamValidationError: *text* is not a job.
        """
        return cls(client, record_from_json(text))

    def __repr__(self) -> str:
        return f"<AsyncJob {self.endpoint_name!r}, {self.output_location}>"


async def submit(
    client: RuntimeClient,
    endpoint_name: str,
    value: object,
    *opts: Option,
    codec: Codec | str | None = None,
    upload_to: str | None = None,
    **members: Any,
) -> AsyncJob:
    """Submit *value* by *client*, as `Client.submit`."""
    try:
        source = _source_of(value, codec)
        given = {name: item for name, item in members.items() if item is not None}
        params = InvokeEndpointAsyncInput(
            endpoint_name=endpoint_name, **{**source, **given}
        )
    except Exception as error:
        describe_exception(error, INVOKE_ENDPOINT_ASYNC.name)
        raise
    finally:
        # a traceback of the call may show local variables
        del value
        members.clear()
    return await submit_input(client, params, *opts, upload_to=upload_to)


def _source_of(value: object, codec: Codec | str | None) -> dict[str, Any]:
    """Return the members that *value* stands for, with the types of its codec."""
    if codec is None and isinstance(value, str) and value.startswith("s3://"):
        return {"input_location": parse_location(value).uri}
    if codec is None and (isinstance(value, FileBody) or hasattr(value, "read")):
        return {"body": value}
    chosen = CODECS.of_value(value) if codec is None else CODECS.find(codec)
    source = {
        "body": encode_value(chosen, value),
        "content_type": chosen.content_type,
    }
    return source if chosen.accept == _ANY else {**source, "accept": chosen.accept}


async def submit_input(
    client: RuntimeClient,
    params: InvokeEndpointAsyncInput,
    *opts: Option,
    upload_to: str | None = None,
    new_id: Callable[[], object] = uuid4,
) -> AsyncJob:
    """Submit an input of the operation; a body that is too large is uploaded.

    Args:
        opts: Options of the call, which do not apply to the upload.
        upload_to: The S3 prefix for a body of more than `MAX_INLINE_BYTES`.
        new_id: Returns the name of the uploaded object.

    Raises:
        ParamValidationError: The input is invalid, or too large without a prefix.
        SageMakerRuntimeError: As `Client.submit`.
    """
    try:
        prefix = None if upload_to is None else parse_prefix(upload_to)
        size = 0 if params.body is None else body_size(params.body)
        if size > MAX_INLINE_BYTES and params.input_location is None:
            params = await _uploaded(client, params, size, prefix, new_id)
        submitted_at = client.options.clock()
        output = await client.invoke_endpoint_async(params, *opts)
        record = _record_of(params, output, submitted_at)
    except Exception as error:
        describe_exception(error, INVOKE_ENDPOINT_ASYNC.name)
        raise
    return AsyncJob(client, record, output.metadata)


async def _uploaded(
    client: RuntimeClient,
    params: InvokeEndpointAsyncInput,
    size: int,
    prefix: S3Location | None,
    new_id: Callable[[], object],
) -> InvokeEndpointAsyncInput:
    """Store the body below *prefix*, and return *params* with its location."""
    location = _upload_location(size, prefix, new_id)
    poller = await poller_of(client)
    await poller.s3.put(
        location, to_body(params.body), content_type=params.content_type
    )
    return evolve(params, body=None, input_location=location.uri)


def _upload_location(
    size: int, prefix: S3Location | None, new_id: Callable[[], object]
) -> S3Location:
    """Return the location of a new object below *prefix*, for *size* bytes."""
    if prefix is not None and size <= _MAX_UPLOAD_BYTES:
        return S3Location(prefix.bucket, f"{prefix.key}{new_id()}")
    limit = (
        "the service accepts at most 1 GB"
        if size > _MAX_UPLOAD_BYTES
        else f"at most {MAX_INLINE_BYTES} can be sent without S3: "
        "set upload_to='s3://bucket/prefix'"
    )
    problem = f"the body has {size} bytes, and {limit}"
    raise ParamValidationError(problem, [problem])


def _record_of(
    params: InvokeEndpointAsyncInput,
    output: InvokeEndpointAsyncOutput,
    submitted_at: float,
) -> JobRecord:
    try:
        return JobRecord(
            endpoint_name=params.endpoint_name,
            inference_id=output.inference_id,
            output_location=output.output_location or "",
            failure_location=output.failure_location,
            submitted_at=submitted_at,
            lifetime=lifetime_of(
                params.request_ttl_seconds, params.invocation_timeout_seconds
            ),
        )
    except ParamValidationError as error:
        message = f"the response does not locate the result: {error}"
        failure = DeserializationError(message)
        failure.metadata.update(output.metadata)
        raise failure from error


async def _unread(stored: S3Object) -> S3Object:
    return stored


def checked_timeout(timeout: float | None) -> float | None:
    """Return *timeout* if a job can be waited for as long.

    Raises:
        ParamValidationError: It is not a number of seconds.
    """
    is_number = isinstance(timeout, (int, float)) and not isinstance(timeout, bool)
    if timeout is None or (is_number and 0 <= timeout <= _LONGEST_TIMEOUT):
        return timeout
    problem = f"timeout must be a number of seconds from 0, or None, not {timeout!r}"
    raise ParamValidationError(problem, [problem])
