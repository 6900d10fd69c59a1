"""A call that waits to be sent: to be looked at first, signed for others, or aborted.

The request is made by the stack that calls run through, compiled around an end of its
own. That end stops the call by an exception which nobody else knows, so that no
middleware is handed an output that never came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Generic, Literal, NoReturn, TypeAlias, TypeVar, Unpack, overload

from attrs import evolve

from sagemaker_rt.context import Context
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
from sagemaker_rt.invocation.arguments import Members, arguments
from sagemaker_rt.invocation.client_state import Runtime
from sagemaker_rt.operations import Operation
from sagemaker_rt.options import Option, Options, apply_options
from sagemaker_rt.sansio.presign import presign
from sagemaker_rt.sansio.restjson import to_body
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
)
from sagemaker_rt.stack import DeserializeInput, Output
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["RequestMaker", "UnsentRequest"]

O = TypeVar("O")

_Run: TypeAlias = Callable[[str, tuple[Any, ...], dict[str, Any]], Awaitable[Output]]
_Input: TypeAlias = (
    InvokeEndpointInput
    | InvokeEndpointAsyncInput
    | InvokeEndpointWithResponseStreamInput
)
_Whole: TypeAlias = Literal["invoke_endpoint", "InvokeEndpoint"]
_Queued: TypeAlias = Literal["invoke_endpoint_async", "InvokeEndpointAsync"]
_Streamed: TypeAlias = Literal[
    "invoke_endpoint_with_response_stream", "InvokeEndpointWithResponseStream"
]

# what is of one sending, and not of whoever uses a presigned URL
_OF_AN_ATTEMPT = ("amz-sdk-invocation-id", "amz-sdk-request")


class _Prepared(BaseException):
    """The request is whole; no error, and so beyond ``except Exception``."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


class _Presigned(BaseException):
    """The URL is there; no error, and so beyond ``except Exception``."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url


class UnsentRequest(Generic[O]):
    """One call, made by `Client.request`; nothing happens until it is told to.

    It belongs to the event loop that it is sent in. A file as body is read from where
    it stood when the request was made, however often. To a type checker it is generic
    in what `send` returns.
    """

    def __init__(
        self,
        operation: Operation,
        params: Any,
        options: Options,
        *,
        runtime: Runtime,
        run: Callable[[], Awaitable[Output]],
    ) -> None:
        self.operation = operation.name
        """As the model has it: ``InvokeEndpoint``."""
        self.params: _Input = params
        """The operation's input shape."""
        self._operation = operation
        self._options = options
        self._runtime = runtime
        self._run = run
        self._limit: asyncio.Timeout | None = None
        self._state = "unsent"

    def __repr__(self) -> str:
        return f"<UnsentRequest {self.operation}, {self._state}>"

    async def prepare(self) -> Request:
        """Return the request as it would be sent now, signed; nothing is sent.

        Sending makes it anew, with a time and an invocation id of its own.

        Raises:
            SageMakerRuntimeError: As the call would, before it is sent.
            StackError: A middleware answers without sending.
        """
        try:
            await self._stop(self._options)
        except _Prepared as prepared:
            return prepared.request
        raise _unanswerable(self.operation)

    async def presign(self, *, expires: int = 900) -> str:
        """Return a URL with the signature in its query; nothing is sent.

        Whoever has it may make this call, with the same body and the same headers: the
        query names those that are signed. The URL is a secret.

        Args:
            expires: Seconds for which it is good, a week at most. It ends with
                temporary credentials in any case.

        Raises:
            CredentialsError: Nothing is signed: the caller is anonymous, or *Signing*
                has been removed.
            ParamValidationError: *expires* is out of its range.
            SageMakerRuntimeError: As the call would, before it is sent.
        """
        try:
            await self._stop(self._options.replace(signer=_Presigner(expires)))
        except _Presigned as presigned:
            return presigned.url
        except _Prepared:
            message = (
                f"{self.operation} goes unsigned, so that there is no URL for others: "
                "the caller is anonymous, or Signing is not in the stack"
            )
            raise CredentialsError(message) from None
        raise _unanswerable(self.operation)

    async def send(self) -> O:
        """Make the call, once, and return its output.

        Of the stream operation that is a `ResponseStream`, which is the caller's to
        close. Cancelling the task that waits here cancels the call.

        Raises:
            ClientStateError: It was sent before.
            RequestAbortedError: `abort` was called, before or meanwhile.
            SageMakerRuntimeError: As the call of the operation.
        """
        self._require_unsent()
        self._state = "sent"
        try:
            async with asyncio.timeout(None) as self._limit:
                result: O = (await self._run()).result
                return result
        except TimeoutError as error:
            is_its_own = isinstance(error, SageMakerRuntimeError)
            if is_its_own or not (self._limit and self._limit.expired()):
                raise
            raise self._aborted() from None
        finally:
            self._limit = None

    def abort(self) -> None:
        """End the call; whoever waits in `send` gets a `RequestAbortedError`.

        The task that waits is not cancelled by it. Before the call is sent, it keeps it
        from being sent; once there is an output, or a second time, it does nothing.
        Call it in the event loop that the request is sent in.
        """
        if self._limit is not None and self._state == "sent":
            self._limit.reschedule(asyncio.get_running_loop().time())
        elif self._state == "sent":
            return
        self._state = "aborted"

    def _require_unsent(self) -> None:
        if self._state == "sent":
            message = "the request was sent before; make another one by client.request"
            raise ClientStateError(message)
        if self._state == "aborted":
            message = "the request was aborted before it was sent"
            error = RequestAbortedError(message)
            error.operation = self.operation
            raise error

    def _aborted(self) -> RequestAbortedError:
        error = RequestAbortedError("the request was aborted while it was under way")
        error.operation = self.operation
        error.request_sent = error.may_have_executed = True  # for all that is known
        return error

    async def _stop(self, options: Options) -> None:
        """Run the call up to where it would be sent; it ends by an exception."""
        await self._runtime.groundwork.configure()
        self._runtime.require_open()
        # which would count what is no call, and take its end for a failure
        untold = options.replace(
            tracer_provider=None, meter_provider=None, client_side_monitoring=False
        )
        call = self._runtime.calls.compile(self._operation, untold, _stop_at_the_wire)
        try:
            await call.run(self.params)
        except SageMakerRuntimeError as error:
            error.operation = self.operation
            raise


class _Presigner:
    """A signer whose signature goes into a URL."""

    def __init__(self, expires: int) -> None:
        self._expires = expires

    def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> NoReturn:
        """Raise the URL: that is all that is wanted of the call."""
        own = request.copy()
        for name in _OF_AN_ATTEMPT:
            own.headers.pop(name, None)
        url = presign(
            own,
            credentials,
            service=service,
            region=region,
            signing_time=signing_time,
            expires=self._expires,
        )
        raise _Presigned(url)


async def _stop_at_the_wire(_: Context, input: DeserializeInput) -> Output:
    """Raise what would be sent."""
    raise _Prepared(input.request)


def _repeatable(params: Any) -> Any:
    """Return *params* with a body that is read from where it stands now, each time.

    What is prepared has read a file to its end, and is yet to be sent.
    """
    if not hasattr(params.body, "read"):
        return params
    try:
        return evolve(params, body=to_body(params.body))
    except SerializationError:  # which is said in the place for it
        return params


def _unanswerable(operation: str) -> StackError:
    return StackError(f"a middleware answers {operation} without a request")


class RequestMaker:
    """What `Client.request` is: it makes calls of a client that are not sent yet."""

    def __init__(self, runtime: Runtime, options: Options, run: _Run) -> None:
        self._runtime = runtime
        self._options = options
        self._run = run

    @overload
    def __call__(
        self, operation: _Whole, params: InvokeEndpointInput, /, *opts: Option
    ) -> UnsentRequest[InvokeEndpointOutput]: ...
    @overload
    def __call__(
        self, operation: _Whole, /, *opts: Option, **members: Unpack[Members]
    ) -> UnsentRequest[InvokeEndpointOutput]: ...
    @overload
    def __call__(
        self, operation: _Queued, params: InvokeEndpointAsyncInput, /, *opts: Option
    ) -> UnsentRequest[InvokeEndpointAsyncOutput]: ...
    @overload
    def __call__(
        self, operation: _Queued, /, *opts: Option, **members: Unpack[Members]
    ) -> UnsentRequest[InvokeEndpointAsyncOutput]: ...
    @overload
    def __call__(
        self,
        operation: _Streamed,
        params: InvokeEndpointWithResponseStreamInput,
        /,
        *opts: Option,
    ) -> UnsentRequest[ResponseStream]: ...
    @overload
    def __call__(
        self, operation: _Streamed, /, *opts: Option, **members: Unpack[Members]
    ) -> UnsentRequest[ResponseStream]: ...
    def __call__(
        self, operation: str, /, *args: Any, **members: Any
    ) -> UnsentRequest[Any]:
        """Return the call of *operation*, the name of its method or in the model.

        What follows is what the operation itself takes.

        Raises:
            OptionsError: There is no such operation, or no such option.
            ParamValidationError: It does not take that.
        """
        found = self._runtime.calls.operation(operation)
        try:
            params, opts = arguments(found, args, members)
        finally:
            members.clear()
        params = _repeatable(params)
        options = apply_options(self._options, opts)
        run = partial(self._run, found.name, (params, *opts), {})
        return UnsentRequest(found, params, options, runtime=self._runtime, run=run)
