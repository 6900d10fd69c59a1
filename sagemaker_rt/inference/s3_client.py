"""A client of S3 for the inputs and results of asynchronous inferences."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any, Final, Self

from attrs import evolve

from sagemaker_rt.config.config import Config
from sagemaker_rt.context import AUTH_SCHEME, ContextValues
from sagemaker_rt.errors import S3Error, SageMakerRuntimeError
from sagemaker_rt.http import Body, Endpoint
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.inference.s3_requests import S3, S3Object, S3Request, compile_s3
from sagemaker_rt.invocation.compiled_operation import CompiledOperation
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.endpoints import require_encryption
from sagemaker_rt.sansio.s3_addresses import (
    DEFAULT_REGION,
    S3Location,
    S3Settings,
    object_path,
    s3_endpoint,
)
from sagemaker_rt.sansio.s3_errors import is_wrong_region, region_of

__all__ = ["S3Client"]

_SIGV4: Final = AuthScheme("aws.auth#sigv4", signing_name="s3")
_METHODS: Final[Mapping[str, str]] = {
    "GetObject": "GET",
    "HeadObject": "HEAD",
    "PutObject": "PUT",
    "ListObjectsV2": "GET",
    "CreateMultipartUpload": "POST",
    "UploadPart": "PUT",
    "CompleteMultipartUpload": "POST",
    "AbortMultipartUpload": "DELETE",
}
"""The operations, and their methods."""
_MAX_ENDPOINTS: Final = 1000


class S3Client:
    """Gets and puts objects, with the connections and credentials of another client.

    It needs no closing, and can be used until that client is closed. It finds the
    region of each bucket, and remembers it. Requests are retried, also after an
    ambiguous failure, because repeating them changes nothing.

    Args:
        options: The options in force of the other client, from
            `Client.resolved_options`.
        settings: A custom endpoint, and the variant of the endpoints of AWS.
        sleep: Waits for a number of seconds.
        chance: Draws a number in [0, 1), for delays.

    Raises:
        OptionsError: The options have no credentials, or no HTTP client.
    """

    def __init__(
        self,
        options: Options,
        settings: S3Settings,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        handler = compile_s3(options, sleep=sleep, chance=chance)
        values = ContextValues({AUTH_SCHEME: _SIGV4})
        self._operations = {
            name: CompiledOperation(name, handler, None, values, S3)
            for name in _METHODS
        }
        self._settings = settings
        self._region = options.region or DEFAULT_REGION
        self._regions: dict[str, str] = {}
        """The regions of buckets that are not in the region of the client."""
        self._endpoint = lru_cache(_MAX_ENDPOINTS)(s3_endpoint)

    @classmethod
    async def of(cls, client: RuntimeClient) -> Self:
        """Return a client of S3 with the components of *client*.

        The endpoint is that of ``AWS_ENDPOINT_URL_S3``, ``AWS_ENDPOINT_URL`` or the
        profile, as in other SDKs; by default it follows from the region.

        Raises:
            SharedConfigError: A shared file cannot be read.
            EndpointResolutionError: The configured endpoint URL is invalid, or would
                not be encrypted.
        """
        options = await client.resolved_options()
        return cls(options, await _settings_of(options))

    async def get(self, location: S3Location) -> S3Object:
        """Return an object, whose content may not have been received yet.

        The caller reads it to its end or calls its ``release``. Cancellation closes the
        connection.

        Raises:
            S3Error: S3 responded with an error, such as ``NoSuchKey``.
            TransportError: There was no response.
        """
        found: S3Object = await self.send("GetObject", location)
        return found

    async def find(self, location: S3Location) -> S3Object | S3Error:
        """Return an object as `get` does, or the error that it is missing.

        That includes denied access, by which S3 hides that an object is missing. The
        error is returned because it is expected while the object is awaited.

        Raises:
            S3Error: S3 responded with another error.
            TransportError: There was no response.
        """
        found: S3Object | S3Error = await self.send(
            "GetObject", location, may_be_missing=True
        )
        if isinstance(found, S3Error):
            found.operation = "GetObject"
        return found

    async def head(self, location: S3Location) -> S3Object:
        """Return an object without its content.

        Raises:
            S3Error: S3 responded with an error. Responses to HEAD have no code, so
                that `code` is derived from the status.
            TransportError: There was no response.
        """
        found: S3Object = await self.send("HeadObject", location)
        found.release()
        return found

    async def put(
        self, location: S3Location, body: Body, *, content_type: str | None = None
    ) -> S3Object:
        """Store *body* at *location*; an existing object is replaced.

        Args:
            body: At most 5 GB; see ``s3_uploads`` for more. A file is read in a thread,
                twice if it is signed.
            content_type: The MIME type to store.

        Raises:
            S3Error: S3 responded with an error.
            TransportError: There was no response; the object may have been stored.
            SerializationError: The file cannot be read, or another call uses it.
        """
        stored: S3Object = await self.send(
            "PutObject", location, body=body, content_type=content_type
        )
        stored.release()
        return stored

    async def send(self, operation: str, location: S3Location, **more: Any) -> Any:
        """Send a request, and once more if the bucket is in another region.

        Args:
            location: An object, or a bucket with an empty key.
            more: Further attributes of the `S3Request`.

        Raises:
            S3Error: S3 responded with an error.
            TransportError: There was no response.
        """
        region = self._regions.get(location.bucket) or location.region or self._region
        request = S3Request(
            method=_METHODS[operation],
            location=location,
            endpoint=self._endpoint(location.bucket, region, self._settings),
            path=object_path(location, self._settings),
            **more,
        )
        try:
            return await self._run(operation, request)
        except S3Error as error:
            found = await self._region_after(error, request, region)
            if found is None:
                raise
        self._regions[location.bucket] = found
        endpoint = self._endpoint(location.bucket, found, self._settings)
        return await self._run(operation, evolve(request, endpoint=endpoint))

    async def _run(self, operation: str, request: S3Request) -> Any:
        try:
            return (await self._operations[operation].run(request)).result
        except SageMakerRuntimeError as error:
            error.may_have_executed = False  # no model runs for these requests
            raise

    async def _region_after(
        self, error: S3Error, request: S3Request, region: str
    ) -> str | None:
        """Return another region that *error* leads to, or None."""
        if not is_wrong_region(error, is_head=request.method == "HEAD"):
            return None
        found = error.region or await self._region_by_head(request)
        return None if found == region else found

    async def _region_by_head(self, request: S3Request) -> str | None:
        """Return the region that a request for the bucket itself reveals."""
        bucket = S3Location(request.location.bucket, "")
        path = object_path(bucket, self._settings)
        endpoint: Endpoint = request.endpoint
        try:
            found = await self._run(
                "HeadObject",
                S3Request(method="HEAD", location=bucket, endpoint=endpoint, path=path),
            )
        except S3Error as error:
            return error.region
        found.release()
        return region_of(found.response.headers)


async def _settings_of(options: Options) -> S3Settings:
    config = await Config.load(profile=options.profile, environ=options.environ)
    of_endpoint = options.endpoint
    configured = None
    if not of_endpoint.ignore_configured_endpoint_urls:
        configured = config.settings.endpoint_url("S3")
    if configured is not None:
        # inputs and results are as confidential as those of the operations
        require_encryption(
            Endpoint(configured.value), allow_insecure=of_endpoint.allow_insecure
        )
    return S3Settings(
        endpoint_url=None if configured is None else configured.value,
        use_fips=bool(of_endpoint.use_fips_endpoint),
        use_dualstack=bool(of_endpoint.use_dualstack_endpoint),
    )
