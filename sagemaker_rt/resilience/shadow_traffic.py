"""Send copies of calls to another endpoint, and ignore what it answers."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final

from attrs import evolve, frozen

from sagemaker_rt.context import Context, LastExchange
from sagemaker_rt.errors import OptionsError, SageMakerRuntimeError
from sagemaker_rt.inference.task_end import end_of
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM,
)
from sagemaker_rt.options import APIOptions, with_api_options
from sagemaker_rt.resilience.endpoint_states import IS_COPY
from sagemaker_rt.resilience.stack_edits import EventCounter, insert_in_initialize
from sagemaker_rt.resilience.weighted_variants import STICKY_KEY
from sagemaker_rt.sansio.weighted_choice import chance_of_key
from sagemaker_rt.stack import FinalizeInput, Handler, InitializeInput, Output, Stack
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["CopyFailedError", "ShadowResult", "ShadowTraffic", "with_shadow_traffic"]

_ID: Final = "ShadowTraffic"
_NEVER_COPIED: Final = {
    INVOKE_ENDPOINT_ASYNC.name,
    INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM.name,
}
_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class ShadowResult:
    """The results of a call and of its copy."""

    params: Any
    """The input of the copy."""
    primary: Any
    """The output that the caller got; a stream belongs to the caller."""
    shadow: Any
    """The output of the copy; None if it failed. A stream has been read."""
    error: Exception | None
    """The error of the copy."""
    seconds: float
    """The duration of the copy."""


class ShadowTraffic:
    """Copy calls to another endpoint or variant, as an edit of the stack.

    The copy is sent by a task after the caller has got the response, so that the caller
    waits for nothing, and no error of the copy is seen by the caller. Copies of calls
    beyond *max_in_flight* are left out. Calls with the same `STICKY_KEY` are all copied
    or all not.

    **Retries**: a copy is sent once, and takes nothing from the retry quota. Circuit
    breakers and concurrency limits neither count nor refuse it.
    **Streams** are copied when their headers have arrived; the stream of the copy is
    read and discarded. **Sessions**, asynchronous invocations, streams in both
    directions, bodies that are not bytes or text, and calls with ``response_target``,
    ``on_chunk_sent`` or ``on_chunk_received`` are not copied, nor are calls that failed
    or were cancelled.
    **Cancellation**: copies are cancelled when the client that has this option is
    closed, or by `aclose`.

    Args:
        endpoint_name: The endpoint that gets the copies; None for that of the call.
        target_variant: The variant that gets the copies.
        share: The share of the calls that are copied, between 0 and 1.
        max_in_flight: The number of copies at a time.
        timeout: Seconds after which a copy is abandoned.
        on_result: A plain function that is called with a `ShadowResult` for each copy,
            to compare the responses. Its exceptions are logged.
        chance: Draws a number in [0, 1); for tests.

    Raises:
        OptionsError: Neither an endpoint nor a variant is set, or a setting is out of
            its range.
    """

    def __init__(  # noqa: PLR0913 - keyword-only settings with defaults
        self,
        *,
        endpoint_name: str | None = None,
        target_variant: str | None = None,
        share: float = 1.0,
        max_in_flight: int = 16,
        timeout: float = 70.0,
        on_result: Callable[[ShadowResult], object] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if endpoint_name is None and target_variant is None:
            message = "ShadowTraffic needs an endpoint_name or a target_variant"
            raise OptionsError(message)
        if not 0 <= share <= 1 or max_in_flight < 1 or not timeout > 0:
            message = (
                "share must be between 0 and 1, max_in_flight 1 or more, and timeout "
                f"above 0: {share!r}, {max_in_flight!r}, {timeout!r}"
            )
            raise OptionsError(message)
        self._settings: Final[dict[str, Any]] = {
            "endpoint_name": endpoint_name,
            "target_variant": target_variant,
            "share": share,
            "max_in_flight": max_in_flight,
            "timeout": timeout,
            "on_result": on_result,
        }
        self.share: Final = share
        self.max_in_flight: Final = max_in_flight
        self.timeout: Final = timeout
        self.on_result: Final = on_result
        self._chance: Final = chance
        self.tasks: Final[set[asyncio.Task[None]]] = set()
        """The copies in flight."""

    def is_copied(self, key: str | None) -> bool:
        """Return whether a call with *key* is among the share that is copied."""
        chance = self._chance() if key is None else chance_of_key("shadow", key)
        return chance < self.share

    def copied(self, params: Any) -> Any:
        """Return *params* for the endpoint, or the variant, that gets the copies."""
        names = ("endpoint_name", "target_variant")
        changes = {name: self._settings[name] for name in names}
        return evolve(params, **{k: v for k, v in changes.items() if v is not None})

    async def aclose(self) -> None:
        """Cancel the copies in flight, and wait for their end."""
        loop = asyncio.get_running_loop()
        tasks = [task for task in self.tasks if task.get_loop() is loop]
        for task in tasks:
            task.cancel()
        await end_of(*tasks)

    async def on_client_close(self) -> None:
        """Cancel the copies: the client that has this option is being closed."""
        await self.aclose()

    def __call__(self, stack: Stack) -> None:
        """Insert the copying into *stack*, around everything that makes a request."""
        if _ID in stack.initialize:
            stack.initialize.remove(_ID)
            stack.finalize.remove("ShadowErrors")
        if {"WriteResponseTarget", "ReportProgress"} & {*stack.deserialize}:
            return
        insert_in_initialize(stack, _Copy(self, stack), id=_ID)
        stack.finalize.insert(
            _send_once, after="Retry", id="ShadowErrors", calls_next_once=True
        )

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v!r}" for k, v in self._settings.items())
        return f"ShadowTraffic({settings})"

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickle, (self._settings,)


def with_shadow_traffic(shadow: ShadowTraffic) -> APIOptions:
    """Copy calls to another endpoint or variant, as *shadow* decides."""
    return with_api_options(shadow)


def _unpickle(settings: dict[str, Any]) -> ShadowTraffic:
    return ShadowTraffic(**settings)


class CopyFailedError(Exception):
    """The error of a copy, in a type that is never retried."""

    def __init__(self, error: SageMakerRuntimeError) -> None:
        super().__init__()
        self.error: Final = error


def _send_once(
    ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
) -> Awaitable[Output]:
    """Finalize, after Retry: let no error of a copy be retried."""
    return _send_copy(ctx, input, next) if IS_COPY in ctx else next(ctx, input)


async def _send_copy(
    ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
) -> Output:
    try:
        return await next(ctx, input)
    except SageMakerRuntimeError as error:
        raise CopyFailedError(error) from error


class _Copy:
    """The middleware of one stack."""

    def __init__(self, shadow: ShadowTraffic, stack: Stack) -> None:
        self._shadow: Final = shadow
        self._events: Final = EventCounter(
            stack, "shadow_traffic", "Copies that were sent, dropped, or failed."
        )

    async def __call__(
        self,
        ctx: Context,
        input: InitializeInput[Any],
        next: Handler[InitializeInput[Any]],
    ) -> Output:
        output = await next(ctx, input)
        shadow = self._shadow
        if not _may_copy(ctx, input.params) or not shadow.is_copied(
            ctx.get(STICKY_KEY)
        ):
            return output
        if len(shadow.tasks) >= shadow.max_in_flight:
            self._events.add("dropped", ctx.endpoint_name)
            return output
        self._events.add("sent", ctx.endpoint_name)
        send = self._send(ctx, input.params, next, output.result)
        task = asyncio.get_running_loop().create_task(send)
        shadow.tasks.add(task)
        task.add_done_callback(shadow.tasks.discard)
        return output

    async def _send(
        self,
        ctx: Context,
        params: Any,
        next: Handler[InitializeInput[Any]],
        primary: Any,
    ) -> None:
        """Send the copy of a call, and read its response."""
        shadow, started_at = self._shadow, monotonic()
        result, failure = None, None
        try:
            params = shadow.copied(params)
            async with asyncio.timeout(shadow.timeout):
                output = await next(_context_of(ctx, params), InitializeInput(params))
                result = output.result
                if isinstance(result, ResponseStream):
                    await _read(result)
        except Exception as error:  # noqa: BLE001 - no error of a copy is the caller's
            self._events.add("failed", ctx.endpoint_name)
            failure = error.error if isinstance(error, CopyFailedError) else error
            result = None
        if shadow.on_result is not None:
            seconds = monotonic() - started_at
            _report(
                shadow.on_result,
                ShadowResult(
                    params=params,
                    primary=primary,
                    shadow=result,
                    error=failure,
                    seconds=seconds,
                ),
            )


def _may_copy(ctx: Context, params: Any) -> bool:
    return (
        not ctx.is_prepare
        and ctx.operation not in _NEVER_COPIED
        and params.session_id is None
        and isinstance(params.body, bytes | str)
    )


def _context_of(ctx: Context, params: Any) -> Context:
    """Return a context without the deadline and the facts of the caller's call."""
    values = ctx.values.with_value(IS_COPY, True)
    return Context(ctx.operation, None, 1, values, (), params, LastExchange())


async def _read(stream: ResponseStream) -> None:
    async with stream:
        async for _ in stream:
            pass


def _report(on_result: Callable[[ShadowResult], object], result: ShadowResult) -> None:
    try:
        on_result(result)
    except Exception:  # noqa: BLE001 - no error of it is the caller's either
        _log.exception("on_result of ShadowTraffic raised")
