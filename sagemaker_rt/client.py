"""The client: three operations over one transport."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, Unpack, overload

from sagemaker_rt.config.config import Config
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.invocation.client_state import Runtime
from sagemaker_rt.options import Option, Options, apply_options, is_cacheable

if TYPE_CHECKING:  # the classes take time to make, which a start can do without
    from sagemaker_rt.http import Endpoint
    from sagemaker_rt.invocation.compiled_operation import Call
    from sagemaker_rt.invocation.unsent_request import RequestMaker
    from sagemaker_rt.operations import Operation
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

_MEMO_SIZE: Final = 64


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
        self._begin(apply_options(start.replace(**fields), opts))
        self._runtime = Runtime(self._options)
        self._owns_runtime = True

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
        await client._runtime.groundwork.configure(config)
        return client

    def _begin(self, options: Options) -> None:
        self._options = options
        self._calls: dict[str, Call] = {}
        self._memo = lru_cache(_MEMO_SIZE)(self._compile)

    @property
    def options(self) -> Options:
        """What the client was made with; calls may have options of their own."""
        return self._options

    def with_options(self, *opts: Option) -> Self:
        """Return a client that differs in *opts*, and shares all that lives.

        Connections, retry quota and credentials are this client's, which also closes
        them: a derived client need not be closed.
        """
        derived = object.__new__(type(self))
        derived._begin(apply_options(self._options, opts))
        derived._runtime = self._runtime
        derived._owns_runtime = False
        return derived

    async def resolve_endpoint(self, *opts: Option) -> Endpoint:
        """Return where calls go; nothing is sent.

        Raises:
            EndpointResolutionError: The resolvers know no endpoint.
        """
        await self._runtime.groundwork.configure()
        return await self._runtime.calls.endpoint(apply_options(self._options, opts))

    async def aclose(self) -> None:
        """Close the connections that this client made; again does nothing."""
        if self._owns_runtime:
            await self._runtime.aclose()
            self._calls.clear()
            self._memo.cache_clear()

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
        options = apply_options(self._options, opts)
        return self._runtime.calls.stack(
            self._runtime.calls.operation(operation), options
        )[0]

    def explain(self, operation: str, *opts: Option) -> str:
        """Return the same as text, with what was left out of the stack and why.

        Raises:
            OptionsError: There is no such operation.
        """
        options = apply_options(self._options, opts)
        calls = self._runtime.calls
        stack, omitted = calls.stack(calls.operation(operation), options)
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
        return (await self._run("InvokeEndpoint", args, members)).result

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
        return (await self._run("InvokeEndpointAsync", args, members)).result

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
        return (await self._run(name, args, members)).result

    @property
    def request(self) -> RequestMaker:
        """Make a call that is not sent yet: to look at, presign, send or abort.

        It takes the name of an operation, as its method or the model has it, and then
        what the operation itself takes.
        """
        from sagemaker_rt.invocation.unsent_request import RequestMaker  # noqa: PLC0415 - above

        return RequestMaker(self._runtime, self._options, self._run)

    def _run(
        self,
        name: str,
        args: tuple[Any, ...],
        members: dict[str, Any],
        begun: float | None = None,
    ) -> Awaitable[Output]:
        """Run what need not wait of a call, and return the rest of it."""
        try:
            if not self._runtime.groundwork.is_configured:
                return self._configured(name, args, {**members})
            operation = self._runtime.calls.operations[name]
            params, opts = arguments(operation, args, members)
            return self._prepared(operation, opts).run(params, begun)
        except SageMakerRuntimeError as error:
            error.operation = name
            raise
        finally:
            members.clear()  # or a traceback that shows local variables shows the body

    async def _configured(
        self, name: str, args: tuple[Any, ...], members: dict[str, Any]
    ) -> Output:
        """Read the shared files, and run the call."""
        try:
            begun = await self._runtime.groundwork.configure()
            call = self._run(name, args, members, begun)
        finally:
            members.clear()
        return await call

    def _prepared(self, operation: Operation, opts: tuple[Option, ...]) -> Call:
        """Return the compiled call, from the memo where *opts* are values."""
        self._runtime.require_open()
        if not opts:
            call = self._calls.get(operation.name)
            if call is None:
                call = self._calls[operation.name] = self._compile(operation, ())
            return call
        if all(map(is_cacheable, opts)):
            try:
                hash(opts)
            except TypeError:
                return self._compile(operation, opts)
            return self._memo(operation, opts)
        return self._compile(operation, opts)

    def _compile(self, operation: Operation, opts: tuple[Option, ...]) -> Call:
        return self._runtime.calls.compile(
            operation, apply_options(self._options, opts)
        )
