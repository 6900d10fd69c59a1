"""Opens a stream in both directions: compiles its call, and starts it."""

from __future__ import annotations

import random
from typing import Any, Final

from sagemaker_rt.context import ContextValues
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.invocation.call_facts import describe_exception
from sagemaker_rt.invocation.client_state import ClientState
from sagemaker_rt.invocation.operation_compiler import OperationCompiler
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM,
    MODELLED_ERRORS,
)
from sagemaker_rt.options import Option, apply_options
from sagemaker_rt.streaming.bidirectional_stream import (
    BidirectionalStream,
    StreamSettings,
)
from sagemaker_rt.streaming.event_receiver import EventReceiver
from sagemaker_rt.streaming.event_sender import EventSender
from sagemaker_rt.streaming.opening_call import OpeningCall
from sagemaker_rt.streaming.stream_link import STREAM_LINK, StreamLink

__all__ = ["open_stream"]

_OPERATION: Final = INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM
_MAX_PADDING: Final = 64


async def open_stream(
    compiler: OperationCompiler,
    state: ClientState,
    args: tuple[Any, ...],
    members: dict[str, Any],
) -> BidirectionalStream:
    """Return a stream whose request headers were sent.

    Args:
        args: An input shape, if there are no *members*, and options.

    Raises:
        SageMakerRuntimeError: The call failed before.
    """
    started = None
    try:
        if not state.configuration.is_loaded:
            started = await state.configuration.load()
        params, opts = arguments(_OPERATION, args, members)
        compiled = compiler.get(_OPERATION, opts)
        settings = _settings(compiler, state, opts)
    except Exception as error:
        describe_exception(error, _OPERATION.name)
        raise
    link = StreamLink()
    values = (compiled.context_values or ContextValues()).with_value(STREAM_LINK, link)
    compiled = compiled._replace(context_values=values)
    call = OpeningCall(compiled.run(params, started), link, operation=_OPERATION.name)
    stream = BidirectionalStream(
        call,
        EventSender(link, call, clock=settings.clock),
        EventReceiver(call, MODELLED_ERRORS),
        settings,
    )
    try:
        await call.started()
    except BaseException:
        stream.abort()
        raise
    return stream


def _settings(
    compiler: OperationCompiler, state: ClientState, opts: tuple[Option, ...]
) -> StreamSettings:
    options = state.configuration.resolve(apply_options(compiler.options, opts))
    clock = state.components.of(options).clock
    return StreamSettings(
        clock=clock,
        padding=_padding if options.streams.pad_events else None,
        normal_close_ends_stream=options.streams.normal_close_ends_stream,
    )


def _padding() -> str:
    """Return padding of a random length."""
    return "0" * random.randrange(_MAX_PADDING)  # noqa: S311 - the length is not a key
