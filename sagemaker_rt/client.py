"""The client: its operations, options of one call, and derived clients."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Self, Unpack, overload

from sagemaker_rt.config.config import Config
from sagemaker_rt.inference.client_methods import ClientMethods
from sagemaker_rt.invocation.bidirectional_methods import BidirectionalMethods
from sagemaker_rt.invocation.client_state import ClientState
from sagemaker_rt.invocation.signatures import sign_with_overloads
from sagemaker_rt.options import Option, Options, apply_options

if TYPE_CHECKING:  # imported at the first call, so that a client starts faster
    from sagemaker_rt.http import Endpoint
    from sagemaker_rt.invocation import members as keywords
    from sagemaker_rt.invocation.operation_compiler import OperationCompiler
    from sagemaker_rt.invocation.unsent_request import RequestMaker
    from sagemaker_rt.options.fields import OptionFields
    from sagemaker_rt.shapes import (
        BodyLike,
        InvokeEndpointAsyncInput,
        InvokeEndpointAsyncOutput,
        InvokeEndpointInput,
        InvokeEndpointOutput,
        InvokeEndpointWithResponseStreamInput,
    )
    from sagemaker_rt.stack import Stack
    from sagemaker_rt.streaming.stream_call import StreamCall

__all__ = ["Client"]


class Client(BidirectionalMethods, ClientMethods):
    """A client of Amazon SageMaker Runtime.

    Creating a client does no I/O. At the first call, options that are not set are read
    from the environment and the shared files. Any number of calls may run concurrently,
    on one event loop; when that loop is closed, the client can be used on another.

    Use it as an ``async with`` block, or call `aclose`. Both close the connections that
    the client opened; an ``http_client`` that is passed in stays open. Cancelling a
    call closes the connection of this call only.

    Args:
        options: The options to start from, instead of the defaults.
        opts: Functional options, applied in order after *fields*.
        fields: Options by their flat names.

    Raises:
        OptionsError: A name is unknown, or a value is invalid.
    """

    def __init__(
        self,
        options: Options | Option | None = None,
        *opts: Option,
        **fields: Unpack[OptionFields],
    ) -> None:
        if isinstance(options, Options):
            start = options
        else:
            start = Options()
            opts = opts if options is None else (options, *opts)
        self._options = apply_options(start.replace(**fields), opts)
        self._state = ClientState(self._options)
        self._owns_state = True

    @classmethod
    async def from_config(
        cls,
        config: Config | None = None,
        *opts: Option,
        **fields: Unpack[OptionFields],
    ) -> Self:
        """Create a client and load its configuration now, not at the first call.

        Args:
            config: A configuration that is already loaded.
            opts: Functional options, applied in order after *fields*.
            fields: Options by their flat names, such as ``profile`` or ``region``.

        Raises:
            SharedConfigError: A file is unreadable or invalid, or lacks the profile.
            OptionsError: A name is unknown, or a value is invalid.
        """
        client = cls(None, *opts, **fields)
        await client._state.configuration.load(config)
        return client

    @cached_property
    def _compiler(self) -> OperationCompiler:
        from sagemaker_rt.invocation.operation_compiler import OperationCompiler  # noqa: PLC0415 - needed by calls only

        return OperationCompiler(self._options, self._state)

    @property
    def options(self) -> Options:
        """The options that were passed in, without the loaded configuration."""
        return self._options

    async def resolved_options(self) -> Options:
        """Return the options in force: with the loaded configuration and components.

        Credentials, signer and HTTP client are those of calls, and belong to them.
        """
        await self._state.configuration.load()
        return self._state.resolved(self._options)

    def with_options(self, *opts: Option, **fields: Unpack[OptionFields]) -> Self:
        """Return a derived client with changed options.

        It shares connections, retry quota and cached credentials with this client, and
        works until this client is closed. It does not need to be closed itself.

        Args:
            opts: Functional options, applied in order after *fields*.
            fields: Options by their flat names.

        Raises:
            OptionsError: A name is unknown, or a value is invalid.
        """
        derived = object.__new__(type(self))
        derived._options = apply_options(self._options.replace(**fields), opts)
        derived._state = self._state
        derived._owns_state = False
        return derived

    async def resolve_endpoint(self, *opts: Option) -> Endpoint:
        """Return the URL and the signing region of calls, without a call.

        Raises:
            EndpointResolutionError: No resolver has an endpoint for the options.
        """
        await self._state.configuration.load()
        return await self._compiler.resolve_endpoint(opts)

    async def aclose(self) -> None:
        """Close the connections that this client opened; a second call does nothing."""
        if self._owns_state:
            await self._state.aclose()
            self.__dict__.pop("_compiler", None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<Client region={self._options.region!r}>"

    def __reduce__(self) -> NoReturn:
        message = "a client cannot be pickled; pickle its options instead"
        raise TypeError(message)

    def stack(self, operation: str, *opts: Option) -> Stack:
        """Return a copy of the stack that calls of *operation* run through.

        Print it to see the order of the middlewares. Edits of the copy have no effect
        on calls; use `with_api_options` to edit the stack that runs.

        Args:
            operation: ``InvokeEndpoint`` or ``invoke_endpoint``, for example.

        Raises:
            OptionsError: The operation does not exist.
        """
        return self._compiler.stack(operation, opts)[0]

    def explain(self, operation: str, *opts: Option) -> str:
        """Return `stack` as text, what is left out and why, and the HTTP client."""
        return self._compiler.explain(operation, opts)

    @overload
    async def invoke_endpoint(
        self, params: InvokeEndpointInput, /, *opts: Option
    ) -> InvokeEndpointOutput: ...
    @overload
    async def invoke_endpoint(
        self,
        *opts: Option,
        endpoint_name: str,
        body: BodyLike,
        content_type: str | None = None,
        accept: str | None = None,
        custom_attributes: str | None = None,
        target_model: str | None = None,
        target_variant: str | None = None,
        target_container_hostname: str | None = None,
        inference_id: str | None = None,
        enable_explanations: str | None = None,
        inference_component_name: str | None = None,
        session_id: str | None = None,
        prefix_aware_id: str | None = None,
    ) -> InvokeEndpointOutput: ...
    @overload
    async def invoke_endpoint(
        self, *opts: Option, json: object, **members: Unpack[keywords.InvokeMembers]
    ) -> InvokeEndpointOutput: ...
    @sign_with_overloads
    async def invoke_endpoint(self, *args: Any, **members: Any) -> Any:
        """Invoke a model and return its whole response.

        Args:
            params: All members in one object; use it or the keywords below.
            opts: Options for this call only, from `with_options`.
            endpoint_name: The endpoint to invoke.
            body: The input for the model: bytes, text or a binary file.
            json: A value that is sent as JSON, in place of *body*.
            content_type: The MIME type of *body*.
            accept: The MIME type that the response should have.
            custom_attributes: Text for the container. It gets no header of middleware.
            target_model: The model to invoke on a multi-model endpoint.
            target_variant: The production variant to invoke.
            target_container_hostname: The container to invoke by its host name.
            inference_id: An ID that is stored with captured data.
            enable_explanations: A JMESPath expression: which records to explain.
            inference_component_name: The inference component to invoke.
            session_id: The stateful session to use, or `NEW_SESSION` to open one.
            prefix_aware_id: A hint for prefix-aware routing.

        Raises:
            ParamValidationError, SerializationError: Invalid input; nothing was sent.
            ModelError: The model responded with an error.
            ServiceError: The service responded with an error.
            TransportError: There was no response; see ``may_have_executed``.
            DeserializationError: The response is damaged, incomplete or too large.
        """
        return (await self._compiler.call("InvokeEndpoint", args, members)).result

    @overload
    async def invoke_endpoint_async(
        self, params: InvokeEndpointAsyncInput, /, *opts: Option
    ) -> InvokeEndpointAsyncOutput: ...
    @overload
    async def invoke_endpoint_async(
        self,
        *opts: Option,
        endpoint_name: str,
        body: BodyLike | None = None,
        input_location: str | None = None,
        content_type: str | None = None,
        accept: str | None = None,
        custom_attributes: str | None = None,
        inference_id: str | None = None,
        s3_output_path_extension: str | None = None,
        filename: str | None = None,
        request_ttl_seconds: int | None = None,
        invocation_timeout_seconds: int | None = None,
    ) -> InvokeEndpointAsyncOutput: ...
    @overload
    async def invoke_endpoint_async(
        self, *opts: Option, json: object, **members: Unpack[keywords.QueueMembers]
    ) -> InvokeEndpointAsyncOutput: ...
    @sign_with_overloads
    async def invoke_endpoint_async(self, *args: Any, **members: Any) -> Any:
        """Queue a request for a model and return where its response will be in S3.

        It raises the same errors as `invoke_endpoint`. After a `TransportError` with
        ``may_have_executed``, the request may be in the queue.

        Args:
            params: All members in one object; use it or the keywords below.
            opts: Options for this call only, from `with_options`.
            endpoint_name: The endpoint to invoke.
            body: The input for the model, at most 128,000 bytes.
            json: A value that is sent as JSON, in place of *body*.
            input_location: The S3 URI of the input, in place of *body*.
            content_type: The MIME type of the input.
            accept: The MIME type that the response should have.
            custom_attributes: Text for the container. It gets no header of middleware.
            inference_id: An ID for the request; the service generates a missing one.
            s3_output_path_extension: A path below the endpoint's S3 output path.
            filename: The name of the response file in S3.
            request_ttl_seconds: The longest time in the queue, 60 to 21,600 seconds.
            invocation_timeout_seconds: The longest run of the model, 1 to 3600 seconds.
        """
        return (await self._compiler.call("InvokeEndpointAsync", args, members)).result

    @overload
    def invoke_endpoint_with_response_stream(
        self, params: InvokeEndpointWithResponseStreamInput, /, *opts: Option
    ) -> StreamCall: ...
    @overload
    def invoke_endpoint_with_response_stream(
        self,
        *opts: Option,
        endpoint_name: str,
        body: BodyLike,
        content_type: str | None = None,
        accept: str | None = None,
        custom_attributes: str | None = None,
        target_variant: str | None = None,
        target_container_hostname: str | None = None,
        inference_id: str | None = None,
        inference_component_name: str | None = None,
        session_id: str | None = None,
        prefix_aware_id: str | None = None,
    ) -> StreamCall: ...
    @overload
    def invoke_endpoint_with_response_stream(
        self, *opts: Option, json: object, **members: Unpack[keywords.StreamMembers]
    ) -> StreamCall: ...
    @sign_with_overloads
    def invoke_endpoint_with_response_stream(self, *args: Any, **members: Any) -> Any:
        """Invoke a model and return its response as a stream of parts.

        Use it as ``async with client.invoke_endpoint_with_response_stream(…) as
        stream``, or await it and close the `ResponseStream`. Entering or awaiting
        raises the same errors as `invoke_endpoint`; reading the stream raises later
        ones.

        Args:
            params: All members in one object; use it or the keywords below.
            opts: Options for this call only, from `with_options`.
            endpoint_name: The endpoint to invoke.
            body: The input for the model: bytes, text or a binary file.
            json: A value that is sent as JSON, in place of *body*.
            content_type: The MIME type of *body*.
            accept: The MIME type that the response should have.
            custom_attributes: Text for the container. It gets no header of middleware.
            target_variant: The production variant to invoke.
            target_container_hostname: The container to invoke by its host name.
            inference_id: An ID that is stored with captured data.
            inference_component_name: The inference component to invoke.
            session_id: The stateful session to use; this operation cannot open one.
            prefix_aware_id: A hint for prefix-aware routing.
        """
        from sagemaker_rt.streaming.stream_call import StreamCall  # noqa: PLC0415 - needed by calls only

        return StreamCall(self._stream(args, members))

    async def _stream(self, args: tuple[Any, ...], members: dict[str, Any]) -> Any:
        name = "InvokeEndpointWithResponseStream"
        return (await self._compiler.call(name, args, members)).result

    @property
    def request(self) -> RequestMaker:
        """Prepare a call without sending it, to inspect, presign, send or abort it.

        ``client.request("InvokeEndpoint", …)`` takes the name of an operation and its
        arguments, and returns an `UnsentRequest`.
        """
        from sagemaker_rt.invocation.unsent_request import RequestMaker  # noqa: PLC0415 - needed by calls only

        return RequestMaker(self._compiler, self._options, self._state)
