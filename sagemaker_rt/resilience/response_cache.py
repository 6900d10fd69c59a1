"""Answer equal requests once: those in flight, and those of the last seconds."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Coroutine, Hashable
from hashlib import sha256
from time import monotonic
from typing import Any, Final, Literal, TypeAlias

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import HTTP_STATUS, REQUEST_ID, Context, Key, Metadata
from sagemaker_rt.errors import (
    ClientStateError,
    OptionsError,
    RequestAbortedError,
    RequestTimeoutError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import APIOptions, with_api_options
from sagemaker_rt.resilience.call_scope import CallScope, Scope
from sagemaker_rt.resilience.changed_member import with_member
from sagemaker_rt.resilience.stack_edits import EventCounter, insert
from sagemaker_rt.sansio.single_flight import SingleFlight
from sagemaker_rt.sansio.sized_cache import SizedCache
from sagemaker_rt.shapes import InvokeEndpointOutput
from sagemaker_rt.stack import BuildInput, Handler, Output, Stack

__all__ = ["CACHE", "CacheResult", "ResponseCache", "with_response_cache"]

_ID: Final = "ResponseCache"
_OVERHEAD: Final = 1024  # bytes of an output besides its body

CacheResult: TypeAlias = Literal["hit", "joined", "miss"]
"""``hit``: from the cache. ``joined``: the response to an equal call in flight.
``miss``: the response to this call."""

CACHE: Key[CacheResult] = Key("cache")
"""In the metadata of outputs: where the response is from."""

_Turn: TypeAlias = "asyncio.Future[Output | SageMakerRuntimeError | None]"
"""The result of the leader; None if the follower that waits for it leads now."""
_CallKey: TypeAlias = tuple[Scope, Hashable]
"""The endpoint and the caller, and the content of the request."""
_Flight: TypeAlias = tuple[asyncio.AbstractEventLoop, _CallKey]
"""A key, with the loop of the futures that wait for it."""


class ResponseCache:
    """Answer equal calls of ``invoke_endpoint`` once, as an edit of the stack.

    Calls are equal if all of this is: the endpoint and its host, the access key, all
    members but ``prefix_aware_id``, and the SHA-256 of the body. While one is in
    flight, equal calls wait for its result, also if it is an error of the service. Its
    response is kept for *ttl* seconds. Responses are kept up to *max_bytes* and
    *max_items*; the least recently used ones are dropped. Errors are not kept.

    If the call that others wait for is cancelled, or its own ``total_timeout`` expires,
    the next one is made in its place.

    Use it for models whose response depends on the request only.

    **Retries** are those of the call that is made. **Streams**, **sessions** and
    asynchronous invocations, and calls with ``response_target``, ``on_chunk_sent`` or
    ``on_chunk_received``, are always made. **Cancellation** of a call that waits ends
    no other call.

    Args:
        ttl: Seconds that a response is kept; 0 to answer only calls in flight at once.
        max_bytes: The size of all responses.
        max_items: The number of responses.
        time: Returns seconds; for tests.

    Raises:
        OptionsError: A setting is negative.
    """

    def __init__(
        self,
        *,
        ttl: float = 60.0,
        max_bytes: int = 64 * 1024 * 1024,
        max_items: int = 10_000,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._settings: Final[dict[str, Any]] = {
            "ttl": ttl,
            "max_bytes": max_bytes,
            "max_items": max_items,
        }
        for name, value in self._settings.items():
            if not value >= 0:
                message = f"{name} must be 0 or more: {value!r}"
                raise OptionsError(message)
        self.time: Final = time
        self.responses: Final = SizedCache[InvokeEndpointOutput](
            ttl=ttl, max_bytes=max_bytes, max_items=max_items if ttl else 0
        )
        """The responses that are kept."""
        self.flights: Final = SingleFlight[_Turn]()
        """The calls in flight."""
        self.keeps_responses: Final = bool(ttl and max_bytes and max_items)
        """Whether responses are kept, and not only shared by calls in flight."""

    def response(self, key: Hashable) -> InvokeEndpointOutput | None:
        """Return the response that is kept for *key*, if it has not expired."""
        return self.responses.get(key, self.time())

    def keep(self, key: Hashable, response: InvokeEndpointOutput) -> None:
        """Keep *response* for *key*, unless it is too large."""
        size = len(response.body) + len(response.custom_attributes or "") + _OVERHEAD
        self.responses.put(key, response, size, self.time())

    def clear(self) -> None:
        """Drop all responses that are kept."""
        self.responses.clear()

    def __call__(self, stack: Stack) -> None:
        """Insert the cache into *stack*, after the body was hashed."""
        if _ID in stack.build:
            stack.build.remove(_ID)
        # an answer from elsewhere cannot be written or reported like a response
        if not {"WriteResponseTarget", "ReportProgress"} & {*stack.deserialize}:
            insert(
                stack.build,
                _AnswerOnce(self, stack),
                id=_ID,
                after=("ComputePayloadHash",),
                calls_next_once=True,
            )

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v!r}" for k, v in self._settings.items())
        return f"ResponseCache({settings})"

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickle, (self._settings,)


def with_response_cache(cache: ResponseCache | None = None) -> APIOptions:
    """Answer equal calls of ``invoke_endpoint`` once, as *cache* decides.

    Args:
        cache: One that other clients have too, or one with other settings; a new one by
            default.
    """
    return with_api_options(ResponseCache() if cache is None else cache)


def _unpickle(settings: dict[str, Any]) -> ResponseCache:
    return ResponseCache(**settings)


class _AnswerOnce(BoundMiddleware[BuildInput]):
    """The middleware of one stack."""

    def __init__(self, cache: ResponseCache, stack: Stack) -> None:
        self._cache: Final = cache
        self._scope: Final = CallScope(stack)
        self._events: Final = EventCounter(
            stack, "response_cache", "Calls by where their response is from."
        )

    def bind(self, next: Handler[BuildInput]) -> Handler[BuildInput]:
        cache, events, key_of = self._cache, self._events, self._key

        async def answer_once(ctx: Context, input: BuildInput) -> Output:
            if (
                ctx.operation != INVOKE_ENDPOINT.name
                or ctx.is_prepare
                or getattr(ctx.params, "session_id", None) is not None
            ):
                return await next(ctx, input)
            key = key_of(ctx, input.request)
            if not isinstance(key, tuple):
                key = None if key is None else await key
                if key is None:
                    return await next(ctx, input)
            kept = cache.response(key) if cache.keeps_responses else None
            if kept is not None:
                events.add("hit", ctx.endpoint_name)
                return _output(kept, "hit")
            flight = (asyncio.get_running_loop(), key)  # futures belong to a loop
            if not cache.flights.lead(flight):
                result = await self._follow(flight, ctx.deadline)
                if result is not None:
                    events.add("joined", ctx.endpoint_name)
                    if isinstance(result, SageMakerRuntimeError):
                        raise result
                    return _output(result.result, "joined")
            events.add("miss", ctx.endpoint_name)
            try:
                output = await next(ctx, input)
            except BaseException as error:
                self._fail(flight, ctx, error)
                raise
            self._land(flight, output)
            return output

        return answer_once

    def _key(
        self, ctx: Context, request: Request
    ) -> _CallKey | Coroutine[Any, Any, _CallKey | None] | None:
        """Return what equal calls have in common, or a coroutine that returns it.

        It is None for calls that are never equal.
        """
        digest = request.payload_hash
        if digest is None:  # the body is not signed
            if not isinstance(request.body, bytes):
                return None
            digest = sha256(request.body).hexdigest()
        headers = request.headers.lower.copy()
        # they differ between equal calls, and no model sees them
        headers.pop("amz-sdk-invocation-id", None)
        headers.pop("x-amzn-sagemaker-prefix-aware-id", None)
        content = (request.path, request.query, frozenset(headers.items()), digest)
        scope = self._scope.of(ctx, request)
        if isinstance(scope, tuple):
            return scope, content
        return _with_scope(scope, content)

    async def _follow(
        self, flight: _Flight, deadline: float | None
    ) -> Output | SageMakerRuntimeError | None:
        """Return the result of the equal call; None if this call leads from now on."""
        flights = self._cache.flights
        turn: _Turn = flight[0].create_future()
        flights.follow(flight, turn)
        try:
            async with asyncio.timeout_at(deadline):
                return await turn
        except BaseException as error:
            is_leader = turn.done() and not turn.cancelled() and turn.result() is None
            if not flights.leave(flight, turn) and is_leader:
                self._hand_over(flight)
            if isinstance(error, TimeoutError):
                raise _too_late() from error
            raise

    def _fail(self, flight: _Flight, ctx: Context, error: BaseException) -> None:
        """Pass *error* to those that follow, unless it says nothing about them."""
        if not isinstance(error, SageMakerRuntimeError) or _is_of_leader(error, ctx):
            self._hand_over(flight)
            return
        for turn in self._cache.flights.land(flight):
            if not turn.done():
                turn.set_result(_copy(error))

    def _land(self, flight: _Flight, output: Output) -> None:
        """Keep *output*, and pass it to those that follow."""
        result = output.result
        if (
            not isinstance(result, InvokeEndpointOutput)  # another middleware's
            or result.new_session_id is not None
            or result.closed_session_id is not None
        ):
            self._hand_over(flight)
            return
        cache, turns = self._cache, self._cache.flights.land(flight)
        if turns or cache.keeps_responses:
            kept = _kept(result, output.metadata)
            cache.keep(flight[1], kept)
            for turn in turns:
                if not turn.done():
                    turn.set_result(Output(kept))
        output.metadata[CACHE] = "miss"

    def _hand_over(self, flight: _Flight) -> None:
        """Let the first follower lead that is not being cancelled."""
        flights = self._cache.flights
        if flight[0].is_closed():
            flights.land(flight)
            return
        while (turn := flights.hand_over(flight)) is not None:
            if not turn.done():
                turn.set_result(None)
                return


def _is_of_leader(error: SageMakerRuntimeError, ctx: Context) -> bool:
    """Return whether *error* says nothing about equal calls."""
    if isinstance(error, RequestTimeoutError):
        return ctx.deadline is not None
    return isinstance(error, ClientStateError | RequestAbortedError)


async def _with_scope(
    scope: Coroutine[Any, Any, Scope | None], content: Hashable
) -> _CallKey | None:
    found = await scope
    return None if found is None else (found, content)


def _kept(result: InvokeEndpointOutput, facts: Metadata) -> InvokeEndpointOutput:
    """Return *result* without what belongs to one call."""
    kept = Metadata()
    if HTTP_STATUS in facts:
        kept[HTTP_STATUS] = facts[HTTP_STATUS]
    if REQUEST_ID in facts:
        kept[REQUEST_ID] = facts[REQUEST_ID]
    return with_member(result, "metadata", kept)


def _output(kept: InvokeEndpointOutput, where: CacheResult) -> Output:
    return Output(kept, None, Metadata({CACHE: where}))


def _copy(error: SageMakerRuntimeError) -> SageMakerRuntimeError:
    """Return *error* for another call: notes and facts that are added are its own."""
    copied = copy.copy(error)
    copied.__notes__ = list(getattr(error, "__notes__", ()))
    copied.metadata[CACHE] = "joined"
    return copied


def _too_late() -> RequestTimeoutError:
    error = RequestTimeoutError(
        "total_timeout expired while waiting for the response to an equal call"
    )
    error.request_sent = error.may_have_executed = True  # by the other call
    error.counts_as_attempt = False
    return error
