"""What the conveniences need of a client: its public operations."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol, Self, Unpack

from sagemaker_rt.invocation.unsent_request import RequestMaker
from sagemaker_rt.options import Option, Options
from sagemaker_rt.options.fields import OptionFields
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
)
from sagemaker_rt.streaming.stream_call import StreamCall

__all__ = ["RuntimeClient"]


class RuntimeClient(Protocol):
    """A client with the operations of SageMaker Runtime, such as `Client`."""

    @property
    def options(self) -> Options:
        """The options that were passed in, without the loaded configuration."""
        ...

    async def resolved_options(self) -> Options:
        """Return the options in force: with the loaded configuration and components."""
        ...

    def with_options(self, *opts: Option, **fields: Unpack[OptionFields]) -> Self:
        """Return a derived client with changed options."""
        ...

    @property
    def request(self) -> RequestMaker:
        """Prepare a call without sending it."""
        ...

    def invoke_endpoint(
        self, params: InvokeEndpointInput, /, *opts: Option
    ) -> Coroutine[Any, Any, InvokeEndpointOutput]:
        """Invoke a model and return its whole response."""
        ...

    def invoke_endpoint_async(
        self, params: InvokeEndpointAsyncInput, /, *opts: Option
    ) -> Coroutine[Any, Any, InvokeEndpointAsyncOutput]:
        """Queue a request for a model."""
        ...

    def invoke_endpoint_with_response_stream(
        self, params: InvokeEndpointWithResponseStreamInput, /, *opts: Option
    ) -> StreamCall:
        """Invoke a model and return its response as a stream."""
        ...
