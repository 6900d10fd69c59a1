"""A transport of OpenAI's client over InvokeEndpoint, for containers that speak OpenAI.

::

    AsyncOpenAI ─▶ httpx2.AsyncClient ─▶ OpenAITransport ─▶ Client ─▶ /invocations
                 "stream": true ─▶ InvokeEndpointWithResponseStream, else InvokeEndpoint

It needs ``sagemaker-rt[openai]``. Requests are signed, so no token is involved, and all
options of the client apply: retries, timeouts, middleware, telemetry.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Self, TypedDict

import httpx2

from sagemaker_rt.errors import (
    DeserializationError,
    SageMakerRuntimeError,
    ServiceError,
    TransportError,
)
from sagemaker_rt.inference.openai_responses import (
    error_document,
    error_response,
    object_in,
    streamed_response,
    unsupported_method,
    whole_response,
)
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.options import Option, with_options
from sagemaker_rt.options.fields import OptionFields
from sagemaker_rt.sansio.http_bindings import Header, bindings_of
from sagemaker_rt.sansio.openai_events import OpenAIEventEncoder, encode_event
from sagemaker_rt.shapes import (
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
)
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = [
    "InvocationFailedError",
    "InvocationTimeoutError",
    "OpenAITransport",
    "OpenAITransportArguments",
]

# a name that does not resolve, for requests that are sent past the transport
_HOST: Final = "sagemaker.invalid"


class InvocationFailedError(httpx2.TransportError):
    """The call failed without a complete response.

    OpenAI's client raises ``APIConnectionError`` from it.
    """

    def __init__(self, error: SageMakerRuntimeError) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.error = error
        """The error of the call, with its facts."""


class InvocationTimeoutError(httpx2.TimeoutException):
    """A timeout of the call expired.

    OpenAI's client raises ``APITimeoutError`` from it.
    """

    def __init__(self, error: SageMakerRuntimeError) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.error = error
        """The error of the call, with its facts."""


class OpenAITransportArguments(TypedDict):
    """The arguments of ``AsyncOpenAI`` for an `OpenAITransport`."""

    base_url: str
    """A URL that only names the endpoint."""
    api_key: str
    """A placeholder: the requests are signed."""
    max_retries: int
    """0, since the client retries what does not run the model twice."""
    http_client: httpx2.AsyncClient
    """The client that has the transport. ``AsyncOpenAI`` closes it."""


class OpenAITransport(httpx2.AsyncBaseTransport):
    """Sends each request to the container behind an endpoint.

    The path of the URL is ignored: containers select what to do by the body. The body
    is sent unchanged. Headers of the operation, such as ``X-Amzn-SageMaker-Session-Id``
    in ``extra_headers``, become its members; all others are not sent.

    A streamed response consists of server-sent events, also if the container writes
    JSON Lines. It raises `InvocationFailedError` if it ends too early. Closing it early
    closes the connection to the service.

    Args:
        client: Makes the calls. The caller closes it.
        endpoint_name: The endpoint to invoke.
        component: The inference component to invoke.
    """

    def __init__(
        self, client: RuntimeClient, endpoint_name: str, component: str | None = None
    ) -> None:
        self._client = client
        self._endpoint_name = endpoint_name
        self._component = component

    def __repr__(self) -> str:
        return f"<OpenAITransport to endpoint {self._endpoint_name!r}>"

    def arguments(self) -> OpenAITransportArguments:
        """Return the arguments of ``AsyncOpenAI`` to use this transport."""
        return OpenAITransportArguments(
            base_url=f"https://{_HOST}/{self._endpoint_name}/v1",
            api_key="unused",
            max_retries=0,
            http_client=httpx2.AsyncClient(transport=self, timeout=None),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Call the model, and return its response, or the error of the service.

        Raises:
            InvocationFailedError: There was no complete response.
            InvocationTimeoutError: A timeout expired.
            SageMakerRuntimeError: The request was not sent: a name or an option is
                invalid, or no credentials were found.
        """
        if request.method != "POST":
            return unsupported_method(request)
        body = await request.aread()
        is_stream = object_in(body).get("stream") is True
        invoke = self._stream if is_stream else self._invoke
        with _as_errors_of_httpx2():
            try:
                return await invoke(request.headers, body, _timeouts_of(request))
            except ServiceError as error:
                return error_response(error)

    async def _invoke(
        self, headers: httpx2.Headers, body: bytes, timeouts: Option
    ) -> httpx2.Response:
        given = self._members_of(InvokeEndpointInput, headers)
        params = InvokeEndpointInput(body=body, **given)
        return whole_response(await self._client.invoke_endpoint(params, timeouts))

    async def _stream(
        self, headers: httpx2.Headers, body: bytes, timeouts: Option
    ) -> httpx2.Response:
        given = self._members_of(InvokeEndpointWithResponseStreamInput, headers)
        params = InvokeEndpointWithResponseStreamInput(body=body, **given)
        stream = await self._client.invoke_endpoint_with_response_stream(
            params, timeouts
        )
        try:
            return streamed_response(stream.output, _EventStream(stream))
        except BaseException:  # a header of the container is not valid, for example
            await stream.aclose()
            raise

    def _members_of(self, shape: type, headers: httpx2.Headers) -> dict[str, Any]:
        """Return the members of a request, except its body."""
        given: dict[str, Any] = {
            attribute: headers[binding.name]
            for attribute, binding in bindings_of(shape, Header).items()
            if binding.name in headers
        }
        given["endpoint_name"] = self._endpoint_name
        if self._component is not None:
            given["inference_component_name"] = self._component
        return given


class _EventStream(httpx2.AsyncByteStream):
    """The body of a streamed response. It owns *stream*."""

    def __init__(self, stream: ResponseStream) -> None:
        self._stream = stream
        encoder = OpenAIEventEncoder(stream.content_type)
        self._events: AsyncIterator[bytes] = stream.iter_decoded(encoder)
        self._is_failed = False

    # an object, not a generator: a reader may stop, and another one continue
    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._is_failed:
            raise StopAsyncIteration
        with _as_errors_of_httpx2():
            try:
                return await self._events.__anext__()
            except ServiceError as error:
                self._is_failed = True
                return encode_event(error_document(error))

    async def aclose(self) -> None:
        """Close the stream, and its connection unless it was read to its end."""
        await self._stream.aclose()


@contextmanager
def _as_errors_of_httpx2() -> Generator[None]:
    """Convert errors of a response that is missing or incomplete."""
    try:
        yield
    except (TransportError, DeserializationError) as error:
        if isinstance(error, TimeoutError):
            raise InvocationTimeoutError(error) from error
        raise InvocationFailedError(error) from error


def _timeouts_of(request: httpx2.Request) -> Option:
    """Return the timeouts that the request has, as options of the call."""
    given: Mapping[str, float | None] = request.extensions.get("timeout", {})
    fields: OptionFields = {}
    if (connect := given.get("connect")) is not None:
        fields["connect_timeout"] = connect
    if (pool := given.get("pool")) is not None:
        fields["pool_timeout"] = pool
    if (write := given.get("write")) is not None:
        fields["write_timeout"] = write
    if (read := given.get("read")) is not None:
        fields["read_timeout"] = read
    return with_options(**fields)
