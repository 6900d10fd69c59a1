"""Stacks, contexts and a client for tests of resilience."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from sagemaker_rt import Client, Credentials, Endpoint
from sagemaker_rt.context import Context
from sagemaker_rt.http import Request
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.stack import FinalizeInput, Stack
from tests.recording import RecordingMeterProvider

__all__ = ["KEYS", "caller", "context", "events", "input_at", "run_tasks", "stack_of"]

KEYS: Final = Credentials("AKIDEXAMPLE", "shh")


def context(endpoint_name: str = "m", **members: Any) -> Context:
    params = InvokeEndpointInput(endpoint_name=endpoint_name, body=b"x", **members)
    return Context("InvokeEndpoint", params=params)


def input_at(url: str = "https://a.example") -> FinalizeInput:
    return FinalizeInput(Request(endpoint=Endpoint(url), body=b"x"))


def caller(*opts: Any, **fields: Any) -> Client:
    """Return a client that reads no environment."""
    options = {"region": "us-east-1", "credentials": KEYS, "environ": {}, **fields}
    return Client(None, *opts, **options)


def stack_of(*opts: Any, meter_provider: RecordingMeterProvider | None = None) -> Stack:
    """Return the standard stack with the edits of *opts*."""
    provider: Any = {} if meter_provider is None else {"meter_provider": meter_provider}
    return caller(*opts, **provider).stack("InvokeEndpoint")


def events(provider: RecordingMeterProvider, name: str) -> list[str]:
    """Return the events that were counted under *name*."""
    full_name = f"client.resilience.{name}"
    return [facts["event"] for found, _, facts in provider.points if found == full_name]


async def run_tasks() -> None:
    """Run all tasks until each waits for time or an answer."""
    for _ in range(2 * len(asyncio.all_tasks()) + 5):
        await asyncio.sleep(0)
