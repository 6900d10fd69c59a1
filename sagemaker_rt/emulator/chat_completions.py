"""Chat completions, on the path that OpenAI's clients use."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from attrs import evolve, frozen

from sagemaker_rt.emulator.invocations import (
    InvocationHandler,
    common_headers,
    content_type_of,
)
from sagemaker_rt.emulator.models import ModelFailure, call_model
from sagemaker_rt.emulator.openai_path import component_in
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import (
    Answer,
    ResponseBroken,
    StreamedAnswer,
    rejection,
)

__all__ = ["ChatCompletions"]

_COMPONENT: Final = "x-amzn-sagemaker-inference-component"


@frozen
class ChatCompletions:
    """Passes requests to models, and their responses to clients, both unchanged."""

    invocations: InvocationHandler

    async def answer(self, received: ReceivedRequest) -> Answer | StreamedAnswer:
        """Run the model, and return its response, which it may stream.

        There are no frames around a streamed response. The connection is closed if the
        model fails in the middle.

        Raises:
            RequestRejected: The request is invalid, or the model failed before its
                first part.
        """
        if _COMPONENT in received.headers:
            message = (
                "The header X-Amzn-SageMaker-Inference-Component is not supported on "
                "this path; name the inference component in the path."
            )
            raise rejection(message)
        component = component_in(received.path)
        if component is not None:
            headers = {**received.headers, _COMPONENT: component}
            received = evolve(received, headers=headers)
        invocation = self.invocations.resolve(
            received, accept="accept", content_type="content-type"
        )
        try:
            response = await call_model(invocation.model, invocation.request)
            headers = {
                **common_headers(invocation.request, response),
                "Content-Type": content_type_of(invocation.request, response),
            }
            if isinstance(response.body, bytes):
                return Answer(200, response.body, headers=headers)
            parts = _plain(response.parts(self.invocations.part_bytes))
            await anext(parts)
        except ModelFailure as failure:
            raise self.invocations.model_error(invocation.request, failure) from failure
        return StreamedAnswer(headers, parts)


async def _plain(parts: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Yield *parts*; the first item is empty, and waits for the first part.

    Raises:
        ModelFailure: The model failed before its first part.
        ResponseBroken: The model failed later.
    """
    async with aclosing(parts):
        first = await anext(parts, None)
        yield b""
        if first is None:
            return
        yield first
        try:
            async for part in parts:
                yield part
        except ModelFailure as failure:
            raise ResponseBroken from failure
