"""Fixtures for pytest, which loads this plugin if the library is installed.

* ``sagemaker_stubs``: `Stubs` without answers, for any test.
* ``sagemaker_emulator``: a running `Emulator`.
* ``sagemaker_client``: a `Client` of that emulator.

The last two need pytest-asyncio, in its strict or auto mode, and run in its event loop
for fixtures. If tests run in an event loop of a wider scope,
``asyncio_default_fixture_loop_scope`` must be set to that scope as well.

If ``PYTEST_DISABLE_PLUGIN_AUTOLOAD`` is set, ``-p sagemaker_rt`` loads the plugin.
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
    """Return stubs without answers; pass them to a client with `with_stubs`."""
    # Fixtures import what they need, so that other tests start fast. The package caches
    # the class: a test gets the same one, even if pytester has unloaded the module.
    from sagemaker_rt.testing import Stubs  # noqa: PLC0415 - other tests start faster

    return Stubs()


async def _emulator(request: pytest.FixtureRequest) -> AsyncIterator[Emulator]:
    """Run an emulator during a test."""
    _check_event_loop(request)
    from sagemaker_rt.emulator import Emulator  # noqa: PLC0415 - imports aiohttp

    async with Emulator() as emulator:
        yield emulator


async def _client(sagemaker_emulator: Emulator) -> AsyncIterator[Client]:
    """Return a client of the emulator, which ignores the environment."""
    from sagemaker_rt.client import Client  # noqa: PLC0415 - imports most modules

    async with Client(
        region=sagemaker_emulator.region,
        endpoint_url=sagemaker_emulator.url,
        credentials=sagemaker_emulator.credentials,
        environ={},
    ) as client:
        yield client


def _check_event_loop(request: pytest.FixtureRequest) -> None:
    """Fail a test whose event loop would not run the emulator."""
    marker = request.node.get_closest_marker("asyncio")
    if marker is None:
        pytest.fail(
            "sagemaker_emulator needs the event loop of pytest-asyncio: make the test "
            "async, and add the marker asyncio or set asyncio_mode to auto. "
            "sagemaker_stubs works in any test",
            pytrace=False,
        )
    default = request.config.getini("asyncio_default_test_loop_scope")
    test_scope = marker.kwargs.get("loop_scope") or default
    setting = request.config.getini("asyncio_default_fixture_loop_scope")
    fixture_scope = setting if setting in _WIDER_SCOPES else "function"
    if test_scope != fixture_scope:
        pytest.fail(
            f"the event loop of the test has scope {test_scope}, that of fixtures "
            f"scope {fixture_scope}: set asyncio_default_fixture_loop_scope",
            pytrace=False,
        )


def _missing_pytest_asyncio() -> NoReturn:
    """Fail because pytest-asyncio, which runs async fixtures, is not installed."""
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
    sagemaker_emulator = pytest.fixture(
        _missing_pytest_asyncio, name="sagemaker_emulator"
    )
    sagemaker_client = pytest.fixture(_missing_pytest_asyncio, name="sagemaker_client")
else:
    sagemaker_emulator = _fixture(_emulator, name="sagemaker_emulator")
    sagemaker_client = _fixture(_client, name="sagemaker_client")
