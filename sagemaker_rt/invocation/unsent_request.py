"""Calls that are not sent yet: to inspect, presign, send or abort.

The request is made by the stack that calls run through, with another innermost handler.
That handler ends the call by `RequestPrepared`, which is not an `Exception`. So no
middleware receives an output, or takes it for a failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar, Unpack, overload

from attrs import evolve

from sagemaker_rt.errors import (
    ClientStateError,
    CredentialsError,
    RequestAbortedError,
    SageMakerRuntimeError,
    SerializationError,
    StackError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.invocation.call_facts import describe_exception
from sagemaker_rt.invocation.client_state import ClientState
from sagemaker_rt.invocation.members import Members
from sagemaker_rt.invocation.operation_compiler import OperationCompiler
from sagemaker_rt.invocation.preparation import Preparation, without_effects
from sagemaker_rt.operations import Operation, find_operation
from sagemaker_rt.options import Option, Options, apply_options
from sagemaker_rt.sansio.presign import presign
from sagemaker_rt.sansio.request_body import to_body
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
)
from sagemaker_rt.stack import Output
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["RequestMaker", "UnsentRequest"]

O = TypeVar("O")

_Input: TypeAlias = (
    InvokeEndpointInput
    | InvokeEndpointAsyncInput
    | InvokeEndpointWithResponseStreamInput
)
_Invoke: TypeAlias = Literal["invoke_endpoint", "InvokeEndpoint"]
_InvokeAsync: TypeAlias = Literal["invoke_endpoint_async", "InvokeEndpointAsync"]
_InvokeStream: TypeAlias = Literal[
    "invoke_endpoint_with_response_stream", "InvokeEndpointWithResponseStream"
]

# These headers identify one attempt. A presigned URL may be used for several requests.
_ATTEMPT_HEADERS: Final = ("amz-sdk-invocation-id", "amz-sdk-request")


class UnsentRequest(Generic[O]):
    """One call, made by `Client.request`, that is not sent until `send`.

    It belongs to the event loop that it is sent in. A file as body is read from its
    position when the request was made, each time. For type checkers it is generic in
    the output of `send`.
    """

    def __init__(
        self,
        operation: Operation,
        params: Any,
        *,
        send: Callable[[], Awaitable[Output]],
        prepare: Callable[[_Presigner | None], Awaitable[Request]],
    ) -> None:
        self.operation = operation.name
        """The name in the service model: ``InvokeEndpoint``."""
        self.params: _Input = params
        """The operation's input shape."""
        self._send = send
        self._prepare = prepare
        self._limit: asyncio.Timeout | None = None
        self._state = "unsent"

    def __repr__(self) -> str:
        return f"<UnsentRequest {self.operation}, {self._state}>"

    async def prepare(self) -> Request:
        """Return the request as it would be sent now, signed. Nothing is sent.

        All middleware runs, also that of the caller, down to the HTTP client, which is
        not called. Credentials are retrieved, the endpoint is resolved, and a body file
        is read to compute its hash. The call is not logged, traced, measured or
        monitored. The response target is not opened, and the rate limit does not apply.

        ``next`` ends by `RequestPrepared`; ``ctx.is_prepare`` is True. The request is
        returned whatever a middleware makes of that. ``total_timeout`` applies. `send`
        makes the request again, with another time and invocation id.

        Raises:
            SageMakerRuntimeError: Any error of the operation before sending.
            StackError: A middleware answers without sending.
        """
        return await self._prepare(None)

    async def presign(self, *, expires: int = 900) -> str:
        """Return a URL with the signature in its query. Nothing is sent.

        Anyone with the URL can make this call, with the same body and the same headers:
        the query names the headers that are signed. The URL is a secret.

        Args:
            expires: Seconds for which the URL is valid, at most one week. It never
                outlives temporary credentials.

        Raises:
            CredentialsError: The request is not signed: the caller is anonymous, or
                *Signing* was removed from the stack.
            ParamValidationError: *expires* is out of range.
            SageMakerRuntimeError: Any error of the operation before sending.
        """
        presigner = _Presigner(expires)
        await self._prepare(presigner)
        if presigner.url is None:
            message = (
                f"{self.operation} is not signed, so it has no presigned URL: "
                "the caller is anonymous, or Signing is not in the stack"
            )
            raise CredentialsError(message)
        return presigner.url

    async def send(self) -> O:
        """Make the call, once, and return its output.

        The output of the stream operation is a `ResponseStream`; the caller closes it.
        Cancelling the task that waits here cancels the call.

        Raises:
            ClientStateError: It was sent before.
            RequestAbortedError: `abort` was called, before or during the call.
            SageMakerRuntimeError: As the operation.
        """
        self._require_unsent()
        self._state = "sent"
        try:
            async with asyncio.timeout(None) as self._limit:
                result: O = (await self._send()).result
                return result
        except TimeoutError as error:
            is_of_call = isinstance(error, SageMakerRuntimeError)
            if is_of_call or not (self._limit and self._limit.expired()):
                raise
            raise self._aborted() from None
        finally:
            self._limit = None

    def abort(self) -> None:
        """End the call: `send` raises `RequestAbortedError`.

        The task that waits in `send` is not cancelled. Before `send`, it prevents the
        sending. After the output was returned, or a second time, it does nothing. Call
        it in the event loop that the request is sent in.
        """
        if self._limit is not None and self._state == "sent":
            self._limit.reschedule(asyncio.get_running_loop().time())
        elif self._state == "sent":
            return
        self._state = "aborted"

    def _require_unsent(self) -> None:
        if self._state == "sent":
            message = "the request was sent before; make another with client.request"
            raise ClientStateError(message)
        if self._state == "aborted":
            message = "the request was aborted before it was sent"
            error = RequestAbortedError(message)
            error.operation = self.operation
            raise error

    def _aborted(self) -> RequestAbortedError:
        error = RequestAbortedError("the request was aborted during the call")
        error.operation = self.operation
        error.request_sent = error.may_have_executed = True  # unknown: assume so
        return error


class _Presigner:
    """A signer that keeps the presigned URL, and leaves the request as it is."""

    def __init__(self, expires: int) -> None:
        self._expires = expires
        self.url: str | None = None

    def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> None:
        """Presign a copy of *request*, and keep its URL."""
        presigned = request.copy()
        for name in _ATTEMPT_HEADERS:
            presigned.headers.pop(name, None)
        self.url = presign(
            presigned,
            credentials,
            service=service,
            region=region,
            signing_time=signing_time,
            expires=self._expires,
        )


def _with_repeatable_body(params: Any) -> Any:
    """Return *params* with a body that is read from its present position, each time.

    `prepare` reads a file to its end, and `send` must read it again.
    """
    if not hasattr(params.body, "read"):
        return params
    try:
        return evolve(params, body=to_body(params.body))
    except SerializationError:  # the call reports it
        return params


class RequestMaker:
    """The type of `Client.request`: it makes calls that are not sent yet."""

    def __init__(
        self,
        compiler: OperationCompiler,
        options: Options,
        state: ClientState,
    ) -> None:
        self._compiler = compiler
        self._options = options
        self._state = state

    @overload
    def __call__(
        self, operation: _Invoke, params: InvokeEndpointInput, /, *opts: Option
    ) -> UnsentRequest[InvokeEndpointOutput]: ...
    @overload
    def __call__(
        self, operation: _Invoke, /, *opts: Option, **members: Unpack[Members]
    ) -> UnsentRequest[InvokeEndpointOutput]: ...
    @overload
    def __call__(
        self,
        operation: _InvokeAsync,
        params: InvokeEndpointAsyncInput,
        /,
        *opts: Option,
    ) -> UnsentRequest[InvokeEndpointAsyncOutput]: ...
    @overload
    def __call__(
        self, operation: _InvokeAsync, /, *opts: Option, **members: Unpack[Members]
    ) -> UnsentRequest[InvokeEndpointAsyncOutput]: ...
    @overload
    def __call__(
        self,
        operation: _InvokeStream,
        params: InvokeEndpointWithResponseStreamInput,
        /,
        *opts: Option,
    ) -> UnsentRequest[ResponseStream]: ...
    @overload
    def __call__(
        self, operation: _InvokeStream, /, *opts: Option, **members: Unpack[Members]
    ) -> UnsentRequest[ResponseStream]: ...
    def __call__(
        self, operation: str, /, *args: Any, **members: Any
    ) -> UnsentRequest[Any]:
        """Return a call of *operation*: a method name, or a name of the service model.

        The other arguments are those of the operation's method.

        Raises:
            OptionsError: The operation does not exist, or an option is invalid.
            ParamValidationError: The input is invalid.
        """
        found = find_operation(operation)
        try:
            params, opts = arguments(found, args, members)
        finally:
            members.clear()
        params = _with_repeatable_body(params)
        options = apply_options(self._options, opts)
        return UnsentRequest(
            found,
            params,
            send=partial(self._compiler.call, found.name, (params, *opts), {}),
            prepare=partial(self._prepare, found, params, options),
        )

    async def _prepare(self, operation: Operation, *args: Any) -> Request:
        """Return `_prepared`, whose errors get their operation here."""
        try:
            return await self._prepared(operation, *args)
        except Exception as error:
            describe_exception(error, operation.name)
            raise

    async def _prepared(
        self,
        operation: Operation,
        params: object,
        options: Options,
        presigner: _Presigner | None,
    ) -> Request:
        """Run the call until it would be sent, and return its request."""
        await self._state.configuration.load()
        self._state.require_open()
        options = without_effects(options)
        if presigner is not None:
            options = options.replace(signer=presigner)
        preparation = Preparation()
        compiled = self._compiler.compile(operation, options, preparation.send)
        request = await preparation.request_of(compiled.run(params))
        if request is not None:
            return request
        message = f"a middleware answers {operation.name} without a request"
        raise StackError(message)
