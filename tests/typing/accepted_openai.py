"""Calls through OpenAI's client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import assert_type

from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from sagemaker_rt import Client, OpenAIArguments, SageMakerRuntimeError
from sagemaker_rt.inference.openai_transport import (
    InvocationFailedError,
    InvocationTimeoutError,
    OpenAITransport,
)


async def by_token(client: Client) -> AsyncOpenAI:
    """Use the OpenAI path of an endpoint."""
    arguments = await client.openai("my-llm", component="my-adapter")
    assert_type(arguments, OpenAIArguments)
    assert_type(arguments["api_key"], Callable[[], Awaitable[str]])
    return AsyncOpenAI(**arguments)


async def by_signature(client: Client) -> AsyncStream[ChatCompletionChunk]:
    """Use InvokeEndpoint and its stream."""
    transport = OpenAITransport(client, "my-llm", "my-adapter")
    ai = AsyncOpenAI(**transport.arguments())
    return await ai.chat.completions.create(
        model="", messages=[{"role": "user", "content": "Hello"}], stream=True
    )


def cause_of(
    error: InvocationFailedError | InvocationTimeoutError,
) -> SageMakerRuntimeError:
    """Read the error of a call."""
    return error.error
