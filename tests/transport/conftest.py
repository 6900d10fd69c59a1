"""Both HTTP clients, on both event loops, for tests that apply to all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.native.client import NativeClient
from tests.transport.pools import HTTPClients


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Function
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run tests of both clients on both event loops, and others on asyncio's."""
    if "client_class" in item.fixturenames:
        return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture(params=[AiohttpClient, NativeClient])
def client_class(request: pytest.FixtureRequest) -> type[HTTPClients]:
    """Give each HTTP client."""
    given: type[HTTPClients] = request.param
    return given


@pytest.fixture
async def client(client_class: type[HTTPClients]) -> AsyncIterator[HTTPClients]:
    """Give an open client."""
    async with client_class() as client:
        yield client
