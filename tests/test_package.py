"""The package `sagemaker_rt`: its exports, and what importing it loads."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import sagemaker_rt
from sagemaker_rt import errors, options, shapes
from tests.generators.exports import PACKAGES, exports, exports_of_stub


def loaded_by(program: str) -> set[str]:
    """Return the modules that a new interpreter has loaded after *program*."""
    text = f"{program}\nimport sys\nprint(*sys.modules)"
    printed = subprocess.check_output([sys.executable, "-c", text], text=True)
    return set(printed.split())


@pytest.mark.parametrize("package", PACKAGES)
def test_the_stub_has_the_exports(package: str) -> None:
    listed = {module: {*names} for module, names in exports(package).items()}

    assert listed == exports_of_stub(package), "run `python -m tests --fix`"


def test_a_name_is_imported_once() -> None:
    first = sagemaker_rt.Client

    assert first is vars(sagemaker_rt)["Client"]


def test_every_name_can_be_listed_and_imported_at_once() -> None:
    names: dict[str, Any] = {}

    exec("from sagemaker_rt import *", names)  # noqa: S102 - no function may do so

    assert set(sagemaker_rt.__all__) <= names.keys()
    assert set(sagemaker_rt.__all__) <= set(dir(sagemaker_rt))


def test_the_package_exports_errors_shapes_and_functional_options() -> None:
    expected = {
        *errors.__all__,
        *(set(shapes.__all__) - {"BodyLike", "OperationOutput"}),
        *(name for name in options.__all__ if name.startswith("with_")),
    }

    assert set() == expected - set(sagemaker_rt.__all__)


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = sagemaker_rt.Cleint  # type: ignore[attr-defined] # what is tested

    assert "module 'sagemaker_rt' has no attribute 'Cleint'" == str(caught.value)
    with pytest.raises(ImportError, match="cannot import name 'Cleint'"):
        exec("from sagemaker_rt import Cleint")  # noqa: S102 - checkers refuse it


def test_importing_the_package_loads_nothing_of_it() -> None:
    loaded = loaded_by("import sagemaker_rt")

    ours = {name for name in loaded if name.startswith("sagemaker_rt")}
    assert {"sagemaker_rt"} == ours
    assert set() == {"asyncio", "aiohttp", "attr", "cattrs"} & loaded


def test_a_name_loads_what_it_needs_and_no_more() -> None:
    loaded = loaded_by("from sagemaker_rt import ModelError")

    assert {"sagemaker_rt", "sagemaker_rt.errors"} == {
        name for name in loaded if name.startswith("sagemaker_rt")
    }


def test_a_client_loads_no_http_before_its_first_call() -> None:
    program = """
from sagemaker_rt import (Client, with_options)
client = Client(with_options(region="eu-west-1"))
client.explain("InvokeEndpoint")
"""

    assert set() == {"aiohttp", "cattrs"} & loaded_by(program)


def test_a_first_call_loads_only_what_it_needs() -> None:
    program = """
import asyncio
from sagemaker_rt import Client, ConnectError, Credentials

async def call():
    async with Client(
        region="eu-west-1",
        endpoint_url="http://127.0.0.1:1",
        credentials=Credentials("AKIDEXAMPLE", "secret"),
        http_client="native",
        max_attempts=1,
    ) as client:
        await client.invoke_endpoint(endpoint_name="m", body=b"")

try:
    asyncio.run(call())
except ConnectError:
    pass
"""
    unneeded = {
        "aiohttp",
        "cattrs",
        "importlib.metadata",
        "sagemaker_rt.credentials.cache",
        "sagemaker_rt.credentials.chain",
        "sagemaker_rt.credentials.provider_context",
        "sagemaker_rt.middleware.adaptive_rate_limit",
        "sagemaker_rt.middleware.request_response_logger",
        "sagemaker_rt.sansio.delta_decoder",
        "sagemaker_rt.sansio.eventstream",
        "sagemaker_rt.streaming.response_stream",
        "sagemaker_rt.transport.native.tls",
        "sagemaker_rt.transport.native.tunnel",
    }

    loaded = loaded_by(program)

    assert "sagemaker_rt.transport.native.dialing" in loaded
    assert set() == unneeded & loaded
