"""The package `sagemaker_rt`: its exports, and what importing it loads."""

from __future__ import annotations

import re
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


FIRST_CALL = """
import asyncio, sys
from sagemaker_rt import Client, Credentials

async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")

async def call():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, Client(
        region="eu-west-1",
        endpoint_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        credentials=Credentials("AKIDEXAMPLE", "secret"),
        http_client="native",
        environ={},
    ) as client:
        output = await client.invoke_endpoint(endpoint_name="m", body=b"")
        assert output.body == b"ok"
"""
"""A program with the function ``call``, which makes one call of a local server."""

MOST_MODULES = 150
"""Each module takes about a tenth of a millisecond to find and to load."""


def test_a_first_call_loads_only_what_it_needs() -> None:
    unneeded = {
        "aiohttp",
        "cattrs",
        "email",
        "http",
        "importlib.metadata",
        "json",
        "pathlib",
        "sagemaker_rt.credentials.cache",
        "sagemaker_rt.credentials.chain",
        "sagemaker_rt.credentials.minimum_lifetime",
        "sagemaker_rt.credentials.provider_context",
        "sagemaker_rt.invocation.members",
        "sagemaker_rt.middleware.adaptive_rate_limit",
        "sagemaker_rt.middleware.request_response_logger",
        "sagemaker_rt.observability.instruments",
        "sagemaker_rt.sansio.delta_decoder",
        "sagemaker_rt.sansio.error_responses",
        "sagemaker_rt.sansio.eventstream",
        "sagemaker_rt.streaming.response_stream",
        "sagemaker_rt.transport.native.tls",
        "sagemaker_rt.transport.native.tunnel",
        "sagemaker_rt.transport.system_certificates",
    }

    loaded = loaded_by(f"{FIRST_CALL}\nasyncio.run(call())")

    assert "sagemaker_rt.transport.native.dialing" in loaded
    assert set() == unneeded & loaded
    assert sum(name.startswith("sagemaker_rt") for name in loaded) <= MOST_MODULES


def test_in_a_first_call_few_classes_have_generated_comparisons() -> None:
    program = f"""
import sys

def watch(event, args):
    if event == "compile" and "def __eq__" in str(args[0]):
        print(args[1])

sys.addaudithook(watch)
{FIRST_CALL}
asyncio.run(call())
"""
    generated = {
        "sagemaker_rt.context.AttemptResult",
        "sagemaker_rt.identity.Credentials",
        "sagemaker_rt.identity.Token",
        "sagemaker_rt.options.functional_options.APIOptions",
        "sagemaker_rt.options.functional_options.OptionValues",
        "sagemaker_rt.sansio.endpoint_parameters.EndpointParameters",
    }

    printed = subprocess.check_output([sys.executable, "-c", program], text=True)

    found = set(re.findall(r"sagemaker_rt[.\w]+", printed))
    assert generated == found, "derive other classes from `FrozenValue`"
