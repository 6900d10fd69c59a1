"""Runs the tests of a module with each HTTP client.

The module imports `each_http_client`, and makes its clients with `CHOSEN`.
"""

from __future__ import annotations

from typing import Final, TypedDict

import pytest

from sagemaker_rt.interfaces import HTTPClientName

__all__ = ["CHOSEN", "NAMES", "Chosen", "each_http_client"]

NAMES: Final[tuple[HTTPClientName, ...]] = ("native", "aiohttp")


class Chosen(TypedDict):
    """The option that chooses the HTTP client."""

    http_client: HTTPClientName


CHOSEN: Final[Chosen] = {"http_client": "auto"}
"""The HTTP client of the test that runs."""


@pytest.fixture(params=NAMES, autouse=True)
def each_http_client(request: pytest.FixtureRequest) -> HTTPClientName:
    """Choose the HTTP client of a test."""
    name: HTTPClientName = request.param
    CHOSEN["http_client"] = name
    return name
