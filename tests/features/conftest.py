"""An emulator and a client of it, for the examples."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sagemaker_rt import Client
from sagemaker_rt.emulator import Emulator, echo, failing, json_model, tokens


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models = {
        "my-endpoint": echo,
        "my-json": json_model,
        "my-llm": tokens(),
        "broken": failing(503, "out of memory"),
    }
    async with Emulator(models=models) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
    ) as client:
        yield client
