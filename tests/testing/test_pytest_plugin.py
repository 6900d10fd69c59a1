"""The fixtures, used in this run and in nested runs of pytest."""

from __future__ import annotations

import runpy
import sys
from importlib.metadata import entry_points

import pytest

from sagemaker_rt import errors
from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator, InvocationRequest, service_unavailable
from sagemaker_rt.testing import Stubs, pytest_plugin, with_stubs
from tests.process_state import import_whole_package

pytest_plugins = ["pytester"]
import_whole_package()  # the fixture pytester forgets the modules of each test

CALLS = """
import asyncio

import pytest

from sagemaker_rt import Client
from sagemaker_rt.testing import with_stubs


async def double(request):
    return str(2 * int(request.body)).encode()


@MARK
async def test_the_emulator(sagemaker_emulator, sagemaker_client):
    sagemaker_emulator.deploy("double", double)
    output = await sagemaker_client.invoke_endpoint(endpoint_name="double", body=b"21")
    assert output.body == b"42"


@MARK
async def test_the_client(sagemaker_client):
    stream = sagemaker_client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"a b"
    )
    async with stream as parts:
        assert [part.bytes async for part in parts] == [b"a ", b"b"]


def test_stubs(sagemaker_stubs):
    sagemaker_stubs.add("InvokeEndpoint", {"body": b"stubbed"})

    async def call():
        async with Client(with_stubs(sagemaker_stubs)) as client:
            return await client.invoke_endpoint(endpoint_name="m", body=b"")

    assert asyncio.run(call()).body == b"stubbed"
"""
PLUGINS = ("cacheprovider", "randomly", "hypothesispytest", "xdist", "pytest_cov")
PLAIN = ("-W", "error", *(f"-pno:{name}" for name in PLUGINS))


def options_of(mode: str, loop: str) -> tuple[str, ...]:
    scope = f"asyncio_default_fixture_loop_scope={loop}"
    return (*PLAIN, "-o", f"asyncio_mode={mode}", "-o", scope)


def result_of(
    pytester: pytest.Pytester,
    program: str,
    *,
    mode: str = "auto",
    loop: str = "function",
) -> pytest.RunResult:
    """Run *program* as a test file, in this process.

    Args:
        mode: The mode of pytest-asyncio.
        loop: The scope of the event loop that fixtures run in.
    """
    pytester.makepyfile(program)
    return pytester.runpytest_inprocess(*options_of(mode, loop))


def result_of_subprocess(pytester: pytest.Pytester, program: str) -> pytest.RunResult:
    """Run *program* as a test file, in a subprocess."""
    pytester.makepyfile(program)
    return pytester.runpytest_subprocess(*options_of("auto", "function"))


async def test_the_client_calls_the_emulator(
    sagemaker_emulator: Emulator, sagemaker_client: Client
) -> None:
    async def shout(request: InvocationRequest) -> bytes:
        return request.body.upper()

    sagemaker_emulator.deploy("shout", shout)
    sagemaker_emulator.fail_next(service_unavailable())

    output = await sagemaker_client.invoke_endpoint(endpoint_name="shout", body=b"hi")

    assert (b"HI", 2) == (output.body, len(output.metadata.attempts))
    assert 2 == len(sagemaker_emulator.requests)


def test_a_synchronous_test_fails(
    request: pytest.FixtureRequest,
) -> None:
    with pytest.raises(pytest.fail.Exception, match="asyncio_mode"):
        pytest_plugin._check_event_loop(request)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_test_in_another_event_loop_fails(
    request: pytest.FixtureRequest,
) -> None:
    with pytest.raises(pytest.fail.Exception, match="scope module"):
        pytest_plugin._check_event_loop(request)


def test_each_test_has_new_stubs(sagemaker_stubs: Stubs) -> None:
    assert [] == sagemaker_stubs.requests


async def test_stubs_work_in_async_tests(sagemaker_stubs: Stubs) -> None:
    sagemaker_stubs.add("InvokeEndpoint", "ModelError")

    with pytest.raises(errors.ModelError):
        await Client(with_stubs(sagemaker_stubs)).invoke_endpoint(
            endpoint_name="m", body=b""
        )


def test_the_plugin_is_an_entry_point() -> None:
    found = [
        point.name
        for point in entry_points(group="pytest11")
        if point.value == "sagemaker_rt.testing.pytest_plugin"
    ]

    assert ["sagemaker_rt"] == found


@pytest.mark.parametrize(
    ("mode", "mark"), [("auto", ""), ("strict", "@pytest.mark.asyncio")]
)
def test_the_fixtures_work_in_both_modes_of_pytest_asyncio(
    pytester: pytest.Pytester, mode: str, mark: str
) -> None:
    result = result_of(pytester, CALLS.replace("@MARK", mark), mode=mode)

    result.assert_outcomes(passed=3)


def test_the_fixtures_work_in_event_loops_of_a_wider_scope(
    pytester: pytest.Pytester,
) -> None:
    program = CALLS.replace("@MARK", "@pytest.mark.asyncio(loop_scope='module')")

    result = result_of(pytester, program, mode="strict", loop="module")

    result.assert_outcomes(passed=3)


@pytest.mark.parametrize("loop", ["function", "fixture-scope"])
def test_a_test_without_the_event_loop_of_the_emulator_fails(
    pytester: pytest.Pytester, loop: str
) -> None:
    program = """
import pytest


@pytest.mark.asyncio(loop_scope="module")
async def test_elsewhere(sagemaker_client):
    pass


def test_synchronous(sagemaker_emulator):
    pass
"""

    result = result_of(pytester, program, loop=loop)

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "*scope module*scope function*asyncio_default_fixture_loop_scope*",
            "*asyncio_mode*sagemaker_stubs*",
        ]
    )


def test_the_client_is_closed_after_the_test(pytester: pytest.Pytester) -> None:
    program = """
import pytest
from sagemaker_rt import ClientStateError

clients = []


async def test_one(sagemaker_client):
    clients.append(sagemaker_client)
    await sagemaker_client.invoke_endpoint(endpoint_name="echo", body=b"")


async def test_two():
    with pytest.raises(ClientStateError, match="closed"):
        await clients[0].invoke_endpoint(endpoint_name="echo", body=b"")
"""

    result = result_of(pytester, program)

    result.assert_outcomes(passed=2)


def test_the_client_ignores_the_environment(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_RETRY_MODE", "nonsense")
    program = """
async def test_one(sagemaker_client):
    await sagemaker_client.invoke_endpoint(endpoint_name="echo", body=b"")
"""

    result = result_of(pytester, program)

    result.assert_outcomes(passed=1)


def test_a_run_without_the_fixtures_imports_no_other_modules(
    pytester: pytest.Pytester,
) -> None:
    program = """
import sys


def test_nothing():
    ours = {name for name in sys.modules if name.startswith("sagemaker_rt")}
    assert ours == {
        "sagemaker_rt", "sagemaker_rt.testing", "sagemaker_rt.testing.pytest_plugin"
    }
    assert not {"aiohttp", "attr", "cattrs"} & sys.modules.keys()
"""

    result = result_of_subprocess(pytester, program)

    result.assert_outcomes(passed=1)


def test_stubs_do_not_import_aiohttp(pytester: pytest.Pytester) -> None:
    program = """
import sys


def test_nothing(sagemaker_stubs):
    assert "aiohttp" not in sys.modules
"""

    result = result_of_subprocess(pytester, program)

    result.assert_outcomes(passed=1)


def test_the_plugin_can_be_imported_without_pytest_asyncio(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pytest_asyncio", None)  # makes its import fail

    plugin = runpy.run_path(pytest_plugin.__file__)

    assert set(plugin["__all__"]) <= plugin.keys()
    with pytest.raises(pytest.fail.Exception, match="pip install pytest-asyncio"):
        plugin["_missing_pytest_asyncio"]()


def test_a_missing_pytest_asyncio_is_reported_by_the_fixtures(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        pytest_asyncio="raise ModuleNotFoundError(name='pytest_asyncio')"
    )
    program = """
def test_stubs(sagemaker_stubs):
    pass


def test_the_emulator(sagemaker_emulator):
    pass


def test_the_client(sagemaker_client):
    pass
"""

    pytester.makepyfile(program)

    result = pytester.runpytest_subprocess(*PLAIN, "-p", "no:asyncio")

    result.assert_outcomes(passed=1, errors=2)
    line = "*python -m pip install pytest-asyncio"
    result.stdout.fnmatch_lines([line, line])
