"""Fixtures for pytest, which finds them by itself once this library is installed.

``sagemaker_stubs`` is a `Stubs`, for any test. ``sagemaker_emulator`` is an emulator
that runs, and ``sagemaker_client`` a client of it; these two live in the event loop
that pytest-asyncio has for fixtures, in its strict mode as well. Where tests run in a
loop of a wider scope, ``asyncio_default_fixture_loop_scope`` must be of that scope too.

All that a fixture needs is imported when it is used. Where pytest is told not to look
for plugins, ``-p sagemaker_rt`` brings them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

if TYPE_CHECKING:
    from sagemaker_rt.client import Client
    from sagemaker_rt.emulator import Emulator
    from sagemaker_rt.testing.stubs import Stubs

__all__ = ["sagemaker_client", "sagemaker_emulator", "sagemaker_stubs"]


_WIDER_SCOPES: Final = ("class", "module", "package", "session")


@pytest.fixture
def sagemaker_stubs() -> Stubs:
    """Return stubs without answers, for a client made ``with_stubs(...)``."""
    from sagemaker_rt.testing.stubs import (  # noqa: PLC0415 - for whom it is used by
        Stubs,
    )

    return Stubs()


async def _emulator(request: pytest.FixtureRequest) -> AsyncIterator[Emulator]:
    """Run an emulator for as long as the test lasts."""
    _require_loop(request)
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


def _require_loop(request: pytest.FixtureRequest) -> None:
    """Fail where the emulator could not answer: its event loop would not run."""
    marker = request.node.get_closest_marker("asyncio")
    if marker is None:
        pytest.fail(
            "sagemaker_emulator answers while the test awaits, so the test must be "
            "one of pytest-asyncio; sagemaker_stubs are for any test",
            pytrace=False,
        )
    default = request.config.getini("asyncio_default_test_loop_scope")
    of_test = marker.kwargs.get("loop_scope") or default
    said = request.config.getini("asyncio_default_fixture_loop_scope")
    of_fixtures = said if said in _WIDER_SCOPES else "function"
    if of_test != of_fixtures:
        pytest.fail(
            f"the test runs in an event loop of scope {of_test}, and fixtures in one "
            f"of scope {of_fixtures}: set asyncio_default_fixture_loop_scope",
            pytrace=False,
        )


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
