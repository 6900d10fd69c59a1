"""The operation of SageMaker Runtime HTTP2, as a method of `Client`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from sagemaker_rt.invocation.client_state import ClientState
    from sagemaker_rt.invocation.opening import Opening
    from sagemaker_rt.invocation.operation_compiler import OperationCompiler
    from sagemaker_rt.options import Option
    from sagemaker_rt.shapes import InvokeEndpointWithBidirectionalStreamInput
    from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream

__all__ = ["BidirectionalMethods"]


class BidirectionalMethods:
    """The methods of `Client` for streams in both directions."""

    if TYPE_CHECKING:
        _state: ClientState

        @property
        def _compiler(self) -> OperationCompiler: ...

    @overload
    def invoke_endpoint_with_bidirectional_stream(
        self, params: InvokeEndpointWithBidirectionalStreamInput, /, *opts: Option
    ) -> Opening[BidirectionalStream]: ...
    @overload
    def invoke_endpoint_with_bidirectional_stream(
        self,
        *opts: Option,
        endpoint_name: str,
        target_variant: str | None = None,
        model_invocation_path: str | None = None,
        model_query_string: str | None = None,
    ) -> Opening[BidirectionalStream]: ...
    def invoke_endpoint_with_bidirectional_stream(
        self, *args: Any, **members: Any
    ) -> Opening[BidirectionalStream]:
        """Open a stream of events to a model and from it, over HTTP/2.

        ::

            async with client.invoke_endpoint_with_bidirectional_stream(
                endpoint_name="my-endpoint"
            ) as stream:
                await stream.send_text("Hello")
                async for message in stream.messages():
                    print(message)

        It needs ``sagemaker-rt[http2]``. The service sends and receives the events as
        frames of the container's WebSocket, for at most 30 minutes. The connection is
        opened for this stream alone, and is closed at its end.

        Entering the block sends the request headers; it does not wait for the response.
        An error of the service is raised by the next call of the stream. The call is
        retried only until an event is sent. Cancelling it closes the connection.

        ``read_timeout`` limits the wait for the response headers, ``write_timeout`` a
        stalled send, ``silence_timeout`` a pause between events of the model, and
        ``total_timeout`` the whole stream. ``stream_timeout`` does not apply.

        Args:
            params: All members in one object; use it or the keywords below.
            opts: Options for this call only, from `with_options`.
            endpoint_name: The endpoint to invoke.
            target_variant: The production variant to invoke.
            model_invocation_path: The path of the container's WebSocket, without a
                slash at its start.
            model_query_string: The query of the container's WebSocket, percent-encoded.

        Returns:
            A call to enter or await, which gives a `BidirectionalStream`.

        Entering or awaiting it raises:
            ParamValidationError: Invalid input; nothing was sent.
            OptionsError: The package `h2` is missing, or the options cannot be used.
            ConnectError: No connection could be made; nothing was sent.
            SageMakerRuntimeError: Any other error before the headers were sent.
        """
        from sagemaker_rt.invocation.opening import Opening  # noqa: PLC0415 - needed by calls only
        from sagemaker_rt.invocation.stream_opening import open_stream  # noqa: PLC0415 - needed by calls only

        return Opening(open_stream(self._compiler, self._state, args, members))
