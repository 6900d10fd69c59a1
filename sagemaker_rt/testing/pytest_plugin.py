"""Fixtures for pytest, which finds them by itself once this library is installed.

``sagemaker_stubs`` is a `Stubs`, for any test. ``sagemaker_emulator`` is an emulator
that runs, and ``sagemaker_client`` a client of it; these two live in the event loop
that pytest-asyncio has for fixtures, in its strict mode as well. Where tests run in a
loop of a wider scope, ``asyncio_default_fixture_loop_scope`` must be of that scope too.

All that a fixture needs is imported when it is used.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from sagemaker_rt.client import Client
    from sagemaker_rt.emulator import Emulator
    from sagemaker_rt.testing.stubs import Stubs

__all__ = ["sagemaker_client", "sagemaker_emulator", "sagemaker_stubs"]


@pytest.fixture
def sagemaker_stubs() -> Stubs:
    """Return stubs without answers, for a client made ``with_stubs(...)``."""
    from sagemaker_rt.testing.stubs import (  # noqa: PLC0415 - for whom it is used by
        Stubs,
    )

    return Stubs()


async def _emulator() -> AsyncIterator[Emulator]:
    """Run an emulator for as long as the test lasts."""
    from sagemaker_rt.emulator import Emulator  # noqa: PLC0415 - it brings aiohttp

    async with Emulator() as emulator:
        yield emulator


async def _client(sagemaker_emulator: Emulator) -> AsyncIterator[Client]:
    """Return a client of the emulator; it reads neither environment nor files."""
    from sagemaker_rt.client import Client  # noqa: PLC0415 - it brings all the rest

    async with Client(
        region=sagemaker_emulator.region,
        endpoint_url=sagemaker_emulator.url,
        credentials=sagemaker_emulator.credentials,
        environ={},
    ) as client:
        yield client


def _nothing() -> NoReturn:
    """Fail: pytest-asyncio, which runs such fixtures, is not installed."""
    pytest.fail(
        "sagemaker_emulator and sagemaker_client need pytest-asyncio: "
        "python -m pip install pytest-asyncio",
        pytrace=False,
    )


sagemaker_emulator: object
sagemaker_client: object
try:
    from pytest_asyncio import fixture as _fixture
except ModuleNotFoundError:
    sagemaker_emulator = pytest.fixture(_nothing, name="sagemaker_emulator")
    sagemaker_client = pytest.fixture(_nothing, name="sagemaker_client")
else:
    sagemaker_emulator = _fixture(_emulator, name="sagemaker_emulator")
    sagemaker_client = _fixture(_client, name="sagemaker_client")
