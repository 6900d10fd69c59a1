"""Compiles operations: options → stack → handler; and remembers the result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from sagemaker_rt.assembly.standard_stack import Omitted, standard_stack
from sagemaker_rt.context import ENDPOINT, Context, Metadata
from sagemaker_rt.endpoint_resolvers import require_endpoint
from sagemaker_rt.errors import StackError
from sagemaker_rt.http import Endpoint, Request, Response, Timeouts
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.invocation.call_facts import describe_exception
from sagemaker_rt.invocation.client_state import ClientState
from sagemaker_rt.invocation.compiled_operation import CompiledOperation
from sagemaker_rt.invocation.default_components import stream_limits
from sagemaker_rt.operations import OPERATIONS, Operation, find_operation
from sagemaker_rt.options import (
    Option,
    Options,
    apply_options,
    is_cacheable,
    sets_context_values,
    split_context_values,
)
from sagemaker_rt.sansio.callables import close_unrun
from sagemaker_rt.stack import DeserializeInput, InitializeInput, Output, Send, Stack
from sagemaker_rt.transport.custom_http_client import send_function
from sagemaker_rt.transport.http_clients import is_native

__all__ = ["OperationCompiler"]

_MAX_CACHED: Final = 1024
# what a request has whose timeouts nobody has set
_UNSET: Final = Timeouts()

_Opts: TypeAlias = tuple[Option, ...]


class OperationCompiler:
    """Compiles operations for a client with *options*, whose components are in *state*.

    Each client has one; a derived client has another. Equal options are compiled
    once.
    """

    operations: Final[Mapping[str, Operation]] = OPERATIONS

    def __init__(self, options: Options, state: ClientState) -> None:
        self.options: Final = options
        self._state = state
        self._without_opts: dict[str, CompiledOperation] = {}
        self._with_opts = lru_cache(_MAX_CACHED)(self._compile_with)

    def call(
        self,
        name: str,
        args: tuple[Any, ...],
        members: dict[str, Any],
        started: float | None = None,
    ) -> Awaitable[Output]:
        """Call the operation *name* with the arguments of its method.

        Args:
            started: The event loop's time from which ``total_timeout`` counts; now, if
                it is unset.
        """
        # a plain function, so that a call costs no coroutine here
        if not self._state.configuration.is_loaded:
            return self._load_and_call(name, args, members)
        try:
            operation = self.operations[name]
            params, opts = arguments(operation, args, members)
            compiled = self.get(operation, opts)
        except Exception as error:
            describe_exception(error, name)
            raise
        finally:
            # a traceback may show local variables, and the body is one of them
            members.clear()
        return compiled.run(params, started)

    async def _load_and_call(
        self, name: str, args: tuple[Any, ...], members: dict[str, Any]
    ) -> Output:
        try:
            started = await self._state.configuration.load()
        except BaseException as error:
            members.clear()
            if isinstance(error, Exception):
                describe_exception(error, name)
            raise
        return await self.call(name, args, members, started)

    def get(self, operation: Operation, opts: _Opts) -> CompiledOperation:
        """Return *operation* compiled with the options *opts* of one call.

        Plain functions among *opts* may act differently each time, so they are compiled
        at every call. So are options whose values cannot be hashed. Context values are
        added to what is compiled: they may differ in each call.

        Raises:
            ClientStateError: The client is closed.
            OptionsError: The options contradict each other or the client's.
            StackError: A function in ``api_options`` failed.
        """
        self._state.require_open()
        if not opts:
            compiled = self._without_opts.get(operation.name)
            if compiled is None:
                compiled = self._compile_with(operation, ())
                self._without_opts[operation.name] = compiled
            return compiled
        if all(map(is_cacheable, opts)):
            if any(map(sets_context_values, opts)):
                given = self.options.context_values
                values, others = split_context_values(opts, given)
                compiled = self.get(operation, others)
                return compiled._replace(context_values=values)
            try:
                hash(opts)
            except TypeError:
                return self._compile_with(operation, opts)
            return self._with_opts(operation, opts)
        return self._compile_with(operation, opts)

    def compile(
        self, operation: Operation, options: Options, send: Send | None = None
    ) -> CompiledOperation:
        """Return *operation* compiled with *options*; it is not remembered.

        Args:
            send: The innermost handler; by default it sends by the HTTP client.

        Raises:
            OptionsError: The options contradict each other or the client's.
            StackError: A function in ``api_options`` failed.
        """
        options = self._state.configuration.resolve(options)
        stack, _ = self._edited_stack(operation, options)
        timeouts = options.timeouts.per_attempt

        def new_request(ctx: Context) -> Request:
            return Request(timeouts=timeouts, deadline=ctx.deadline)

        total_timeout = options.timeouts.total_timeout
        if send is None:
            send = self._send(
                operation, options, timeouts, has_deadline=total_timeout is not None
            )
        handler = stack.decorate(send, new_request)
        return CompiledOperation(
            operation.name, handler, total_timeout, options.context_values or None
        )

    def stack(self, name: str, opts: _Opts) -> tuple[Stack, list[Omitted]]:
        """Return the stack of the operation *name*, and the middleware it omits.

        Raises:
            OptionsError: The operation does not exist.
            StackError: A function in ``api_options`` failed.
        """
        operation = find_operation(name)
        options = self._state.configuration.resolve(apply_options(self.options, opts))
        stack, omitted = self._edited_stack(operation, options)
        # an edit may have taken the place of one that was off
        running = {id for step in stack.steps for id in step}
        return stack, [one for one in omitted if one.id not in running]

    def explain(self, name: str, opts: _Opts) -> str:
        """Return `stack` as text, what it omits and why, and the HTTP client.

        Raises:
            OptionsError: The operation does not exist.
            StackError: A function in ``api_options`` failed.
        """
        stack, omitted = self.stack(name, opts)
        options = self._state.configuration.resolve(apply_options(self.options, opts))
        http_client = options.http.http_client
        if find_operation(name).is_bidirectional:
            duplex_client = options.streams.duplex_client
            kind = "Http2Client" if duplex_client is None else ""
            sender = kind or type(duplex_client).__name__
        elif isinstance(http_client, str):
            sender = "NativeClient" if is_native(http_client) else "AiohttpClient"
        else:
            sender = type(http_client).__name__
        reasons = (f"  {one.id}: {one.reason}" for one in omitted)
        return "\n".join((str(stack), "left out", *reasons, f"sent by {sender}"))

    async def resolve_endpoint(self, opts: _Opts) -> Endpoint:
        """Return the endpoint of a call; only the endpoint middleware runs.

        Raises:
            EndpointResolutionError: The resolvers have no endpoint.
        """
        name = "InvokeEndpoint"
        try:
            return await self._resolve_endpoint(name, opts)
        except Exception as error:
            describe_exception(error, name)
            raise

    async def _resolve_endpoint(self, name: str, opts: _Opts) -> Endpoint:
        options = apply_options(self.options, opts)
        stack, _ = self.stack(name, opts)
        resolving = Stack()
        if "ResolveEndpoint" in stack.serialize:
            resolving.serialize.add(stack.serialize.get("ResolveEndpoint"))
        resolving.finalize.add(stack.finalize.get("ResolveEndpointV2"))

        async def arrive(_: Context, input: DeserializeInput) -> Output:
            return Output(input.request.endpoint)

        context = Context(name, values=options.context_values)
        output = await resolving.decorate(arrive)(context, InitializeInput(None))
        return require_endpoint(output.result)

    def _send(
        self,
        operation: Operation,
        options: Options,
        timeouts: Timeouts,
        *,
        has_deadline: bool,
    ) -> Send:
        """Return the innermost handler for calls of *operation*."""
        components = self._state.components
        if not operation.is_bidirectional:
            send_request = send_function(components.http_client(options))
            return _send_with(send_request, timeouts, has_deadline=has_deadline)
        from sagemaker_rt.invocation.stream_attempts import (  # noqa: PLC0415 - needed by streams only
            stream_attempts,
        )

        client = components.duplex_client(options)
        attempt = stream_attempts(client, stream_limits(options))

        def send(ctx: Context, input: DeserializeInput) -> Awaitable[Output]:
            exchange = partial(attempt, ctx)
            return _send_with(exchange, timeouts, has_deadline=has_deadline)(ctx, input)

        return send

    def _compile_with(self, operation: Operation, opts: _Opts) -> CompiledOperation:
        return self.compile(operation, apply_options(self.options, opts))

    def _edited_stack(
        self, operation: Operation, options: Options
    ) -> tuple[Stack, list[Omitted]]:
        """Return the standard stack, edited by the functions in ``api_options``."""
        components = self._state.components.of(options)
        stack, omitted = standard_stack(operation, options, components)
        for edit in options.api_options:
            try:
                _require_done(edit(stack))
            except Exception as error:
                name = getattr(edit, "__qualname__", repr(edit))
                message = f"api_options function {name} failed: {error}"
                kind = type(error) if isinstance(error, StackError) else StackError
                raise kind(message) from error
        return stack, omitted


def _require_done(result: object) -> None:
    """Refuse what an edit returns if nobody would run it: it is awaitable."""
    if result is not None and close_unrun(result):
        message = f"it returned {type(result).__name__}; it must not be async"
        raise StackError(message)


def _send_with(
    send_request: Callable[[Request], Awaitable[Response]],
    timeouts: Timeouts,
    *,
    has_deadline: bool,
) -> Send:
    """Return the innermost handler, which waits for *send_request*.

    A request that a middleware made itself gets *timeouts* and the deadline here, so
    that no edit of the stack loses the limits of the call.
    """

    async def send(ctx: Context, input: DeserializeInput) -> Output:
        request = input.request
        if request.timeouts is not timeouts and request.timeouts == _UNSET:
            request.timeouts = timeouts
        if has_deadline and request.deadline is None:
            request.deadline = ctx.deadline
        metadata = Metadata()
        if request.endpoint is not None:
            metadata[ENDPOINT] = request.endpoint
        exchange = ctx.last_exchange
        if exchange is None:  # the context was not made by a call
            return Output(None, await send_request(request), metadata)
        exchange.count += 1
        exchange.metadata = metadata
        exchange.response = None
        response = await send_request(request)
        if exchange.metadata is metadata:  # no other request was sent
            exchange.response = response
        return Output(None, response, metadata)

    return send
