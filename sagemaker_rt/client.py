"""The client: the operations, options of one call, derived clients."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Self, Unpack, overload

from sagemaker_rt.config.config import Config
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.invocation.client_state import ClientState
from sagemaker_rt.invocation.error_facts import ErrorFacts
from sagemaker_rt.options import Option, Options, apply_options

if TYPE_CHECKING:  # imported at the first call, so that a client starts faster
    from sagemaker_rt.http import Endpoint
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
    from sagemaker_rt.stack import Output, Stack
    from sagemaker_rt.streaming.response_stream import StreamCall

__all__ = ["Client"]


class Client:
    """A client of Amazon SageMaker Runtime.

    Making one does no I/O. What the options leave unset is taken from the environment
    at the first call. It belongs to one event loop at a time; when that loop is closed,
    the next one that it is used in takes over. Any number of calls may run at once.

    Leaving the ``async with`` block, or `aclose`, closes the connections that the
    client made, and never an ``http_client`` that it was given. Cancelling a call
    closes that call's connection; the others are not touched.

    Args:
        options: Where to begin; an `Options` of defaults if left out.
        opts: Changes to it, made in order, after *fields*.
        fields: Options by their flat names.

    Raises:
        OptionsError: An option has a value that it cannot have.
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
        """Make a client that has read the shared files already.

        A client that is made otherwise reads them at its first call.

        Args:
            config: What they say, with the environment; loaded if left out.
            opts: Changes to the options, made in order, after *fields*.
            fields: Options by their flat names: ``profile``, say, or ``region``.

        Raises:
            SharedConfigError: A file cannot be read, or has no such profile.
            OptionsError: An option has a value that it cannot have.
        """
        client = cls(None, *opts, **fields)
        await client._state.configuration.load(config)
        return client

    @cached_property
    def _compiler(self) -> OperationCompiler:
        from sagemaker_rt.invocation.operation_compiler import (  # noqa: PLC0415 - as said
            OperationCompiler,
        )

        return OperationCompiler(self._options, self._state)

    @property
    def options(self) -> Options:
        """What the client was made with; calls may have options of their own."""
        return self._options

    def with_options(self, *opts: Option, **fields: Unpack[OptionFields]) -> Self:
        """Return a client with other options, which shares what lives with this one.

        It shares connections, retry quota and cached credentials. This client closes
        the connections: a derived client need not be closed.

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
        """Return where calls go; nothing is sent.

        Raises:
            EndpointResolutionError: The resolvers know no endpoint.
        """
        await self._state.configuration.load()
        return await self._compiler.resolve_endpoint(opts)

    async def aclose(self) -> None:
        """Close the connections that this client opened. It may be called twice."""
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
        message = (
            "a client holds connections and does not pickle; "
            "pickle its options, and make another client from them"
        )
        raise TypeError(message)

    def stack(self, operation: str, *opts: Option) -> Stack:
        """Return the stack that calls of *operation* run through; print it.

        It is a copy: to edit the stack that runs, use ``with_api_options``.

        Args:
            operation: Its name in the service's model: ``InvokeEndpoint``.

        Raises:
            OptionsError: There is no such operation.
        """
        return self._compiler.stack(operation, opts)[0]

    def explain(self, operation: str, *opts: Option) -> str:
        """Return the same as text, with what was left out of the stack and why.

        Raises:
            OptionsError: There is no such operation.
        """
        stack, omitted = self._compiler.stack(operation, opts)
        lines = [str(stack), "left out", *(f"  {o.id}: {o.reason}" for o in omitted)]
        return "\n".join(lines)

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
    async def invoke_endpoint(self, *args: Any, **members: Any) -> Any:
        """Invoke a model, and return its whole answer.

        Takes an `InvokeEndpointInput` or its members by keyword, and options for this
        call alone.

        Raises:
            ParamValidationError: The input is wrong; nothing was sent.
            ModelError: The model answered with an error.
            ServiceError: The service answered with an error.
            TransportError: There was no answer; the model may have run.
            DeserializationError: The answer cannot be read.
        """
        return (await self._call("InvokeEndpoint", args, members)).result

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
    async def invoke_endpoint_async(self, *args: Any, **members: Any) -> Any:
        """Queue an input for a model, and return where its answer will be.

        Takes an `InvokeEndpointAsyncInput` or its members by keyword, and options for
        this call alone.

        Raises:
            ParamValidationError: The input is wrong; nothing was sent.
            ServiceError: The service answered with an error.
            TransportError: There was no answer; the input may have been queued.
            DeserializationError: The answer cannot be read.
        """
        return (await self._call("InvokeEndpointAsync", args, members)).result

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
    def invoke_endpoint_with_response_stream(
        self, *args: Any, **members: Any
    ) -> StreamCall:
        """Invoke a model, and return its answer as a stream of parts.

        Takes an `InvokeEndpointWithResponseStreamInput` or its members by keyword, and
        options for this call alone. Use it as ``async with client.invoke…(…) as
        stream``, or await it, and close the `ResponseStream` that it gives.

        Raises:
            SageMakerRuntimeError: As `invoke_endpoint`, when it is entered or awaited;
                what goes wrong later is raised by the stream.
        """
        from sagemaker_rt.streaming.response_stream import StreamCall  # noqa: PLC0415 - as above

        return StreamCall(self._stream(args, members))

    async def _stream(self, args: tuple[Any, ...], members: dict[str, Any]) -> Any:
        name = "InvokeEndpointWithResponseStream"
        return (await self._call(name, args, members)).result

    @property
    def request(self) -> RequestMaker:
        """Make a call that is not sent yet: to look at, presign, send or abort.

        It takes the name of an operation, as its method or the model has it, and then
        what the operation itself takes.
        """
        from sagemaker_rt.invocation.unsent_request import RequestMaker  # noqa: PLC0415 - as said

        return RequestMaker(self._compiler, self._options, self._state, self._call)

    async def _call(
        self, name: str, args: tuple[Any, ...], members: dict[str, Any]
    ) -> Output:
        """Call the operation *name* with what its method was called with."""
        started: float | None = None
        with ErrorFacts(name):
            try:
                if not self._state.configuration.is_loaded:
                    started = await self._state.configuration.load()
                operation = self._compiler.operations[name]
                params, opts = arguments(operation, args, members)
                compiled = self._compiler.get(operation, opts)
            finally:
                # tracebacks may show local variables, and the body is among these
                members.clear()
            return await compiled.run(params, started)
