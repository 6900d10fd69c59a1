"""Many concurrent calls over an iterable of inputs, in bounded memory."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sized,
)
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeAlias, TypedDict, TypeVar, get_args

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.inference.call_feeder import CallFeeder
from sagemaker_rt.inference.call_results import CallProgress, CallResult, OnError
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import Option
from sagemaker_rt.sansio.callables import is_generator, runs_later
from sagemaker_rt.sansio.result_buffer import ResultBuffer
from sagemaker_rt.shapes import BodyLike, InvokeEndpointInput, InvokeEndpointOutput

__all__ = [
    "DEFAULT_CONCURRENCY",
    "CallDefaults",
    "CallInput",
    "ManyCalls",
    "call_many",
    "invoke_many",
]

I = TypeVar("I")
O = TypeVar("O")
C = TypeVar("C", bound="CallInput")

CallInput: TypeAlias = InvokeEndpointInput | Mapping[str, Any] | BodyLike
"""An input of `Client.invoke_many`: a shape, a mapping of members, or a body."""
DEFAULT_CONCURRENCY: Final = 16
_MODES: Final[tuple[str, ...]] = get_args(OnError)


class CallDefaults(TypedDict, total=False):
    """Members of `InvokeEndpointInput` for all inputs that do not set them."""

    endpoint_name: str
    content_type: str | None
    accept: str | None
    custom_attributes: str | None
    target_model: str | None
    target_variant: str | None
    target_container_hostname: str | None
    enable_explanations: str | None
    inference_component_name: str | None
    session_id: str | None
    prefix_aware_id: str | None


class ManyCalls(AsyncIterator[CallResult[I, O]], Generic[I, O]):
    """The results of many concurrent calls, as an async iterator.

    Use it as ``async with client.invoke_many(…) as results``, and iterate over
    *results*. At the end of the block, calls in flight are cancelled, and have ended.
    In the block, a cancelled read loses nothing, such as
    ``asyncio.wait_for(anext(results), 5)``: the next read continues.

    ``async for result in client.invoke_many(…)`` does the same if it runs to its end,
    fails, or is cancelled while it waits for a result. To leave such a loop early, use
    the block, or ``contextlib.aclosing``: Python does not close an iterator after
    ``break``. Calls of a dropped iterator are cancelled with a ``ResourceWarning``.

    The first read starts the calls. Only one task at a time can read.

    Iterating raises:
        Exception: A call failed, with ``on_error="raise"``; or the iterable of inputs,
            or the progress function, raised it.
        ClientStateError: Another task reads, or the calls were cancelled by `aclose`.

    After an error, each further read raises the same error.
    """

    def __init__(self, feeder: CallFeeder[I, O]) -> None:
        self._feeder = feeder
        self._is_entered = False

    async def __anext__(self) -> CallResult[I, O]:
        try:
            return await self._feeder.next()
        except asyncio.CancelledError:
            if not self._is_entered:  # nobody else would cancel the calls
                await self.aclose()
            raise

    async def aclose(self) -> None:
        """Cancel all calls, wait for their end, and discard their results; idempotent.

        A generator of inputs is closed too. A caller that is cancelled still waits for
        the end of the calls.
        """
        await self._feeder.close()

    async def __aenter__(self) -> Self:
        self._is_entered = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<ManyCalls, {self._feeder.state}>"

    def __del__(self) -> None:
        feeder = self._feeder
        if feeder.is_running:
            feeder.cancel()
            message = f"{self!r} was dropped before its end; use `async with`"
            warnings.warn(message, ResourceWarning, source=self, stacklevel=1)


def call_many(  # noqa: PLR0913 - the keywords are independent
    function: Callable[[I], Awaitable[O]],
    inputs: Iterable[I] | AsyncIterable[I],
    *,
    concurrency: int = DEFAULT_CONCURRENCY,
    ordered: bool = True,
    on_error: OnError = "raise",
    progress: Callable[[CallProgress], object] | None = None,
) -> ManyCalls[I, O]:
    """Call an async function with each input, many calls at a time.

    It is `Client.invoke_many` for other calls than those of models: see there.

    Args:
        function: Is called with each input, and awaited in a task.
        inputs: The inputs; the next one is taken when there is room for its call.
        concurrency: The maximum number of calls in flight.
        ordered: Yield results in the order of the inputs, not as calls finish.
        on_error: ``"raise"`` the error of a failed call, ``"collect"`` it in the
            result, or ``"skip"`` the result.
        progress: Is called after each call.

    Raises:
        ParamValidationError: An argument is invalid.
    """
    problems = [
        *_problems_of_limits(concurrency, on_error),
        *_problems_of_functions(function, progress),
        *_problems_of_inputs(inputs),
    ]
    if problems:
        message = f"the arguments are invalid: {'; '.join(problems)}"
        raise ParamValidationError(message, problems)
    return ManyCalls(
        CallFeeder(
            function,
            _iterator(inputs),
            ResultBuffer(concurrency, is_ordered=ordered),
            on_error=on_error,
            on_progress=progress,
            total=len(inputs) if isinstance(inputs, Sized) else None,
        )
    )


def invoke_many(
    client: RuntimeClient,
    inputs: Iterable[C] | AsyncIterable[C],
    opts: tuple[Option, ...],
    defaults: CallDefaults,
    **settings: Any,
) -> ManyCalls[C, InvokeEndpointOutput]:
    """Invoke a model with each input; see `Client.invoke_many`.

    Args:
        opts: Options of each call.
        defaults: Members for inputs that do not set them.
        settings: The keywords of `call_many`.

    Raises:
        ParamValidationError: An argument is invalid.
    """
    # an unknown member is reported now, and not by each call
    arguments(INVOKE_ENDPOINT, (), {"endpoint_name": "", "body": b"", **defaults})

    async def invoke(input: CallInput) -> InvokeEndpointOutput:
        # assigned to the same name: a traceback with local variables shows no body
        input = _input(input, defaults)
        return await client.invoke_endpoint(input, *opts)

    return call_many(invoke, inputs, **settings)


def _input(input: CallInput, defaults: CallDefaults) -> InvokeEndpointInput:
    """Return the shape of *input*, with *defaults* unless it is a shape."""
    if isinstance(input, InvokeEndpointInput):
        return input
    members = input if isinstance(input, Mapping) else {"body": input}
    shape, _ = arguments(INVOKE_ENDPOINT, (), {**defaults, **members})
    assert isinstance(shape, InvokeEndpointInput)  # noqa: S101 - of this operation
    return shape


def _iterator(inputs: Iterable[I] | AsyncIterable[I]) -> Iterator[I] | AsyncIterator[I]:
    return aiter(inputs) if isinstance(inputs, AsyncIterable) else iter(inputs)


def _problems_of_limits(concurrency: int, on_error: object) -> Iterator[str]:
    is_number = isinstance(concurrency, int) and not isinstance(concurrency, bool)
    if not (is_number and concurrency > 0):
        yield f"concurrency must be a positive integer, not {concurrency!r}"
    if on_error not in _MODES:
        yield f"on_error must be one of {', '.join(_MODES)}, not {on_error!r}"


def _problems_of_functions(function: object, progress: object) -> Iterator[str]:
    if not callable(function) or is_generator(function):
        yield f"function must be an async function, not {function!r}"
    if progress is None:
        return
    if not callable(progress) or runs_later(progress):
        yield f"progress must be a plain function, not {progress!r}"


def _problems_of_inputs(inputs: object) -> Iterator[str]:
    # these are iterable, but are one input, and not many
    is_one = isinstance(inputs, (str, bytes, bytearray, memoryview, Mapping))
    if is_one or not isinstance(inputs, (Iterable, AsyncIterable)):
        yield (
            "inputs must be an iterable or an async iterable of inputs, "
            f"not {type(inputs).__name__}; put a single input into a list"
        )
