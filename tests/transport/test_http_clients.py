from __future__ import annotations

import subprocess
import sys

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.interfaces import HTTPClientName
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.http_clients import is_native, new_http_client
from sagemaker_rt.transport.native.client import NativeClient


@pytest.mark.parametrize(
    ("name", "expected"), [("native", NativeClient), ("aiohttp", AiohttpClient)]
)
def test_a_name_chooses_a_client(name: HTTPClientName, expected: type) -> None:
    assert expected is type(new_http_client(name))


def test_auto_is_the_client_that_is_named() -> None:
    expected = NativeClient if is_native("auto") else AiohttpClient

    assert expected is type(new_http_client("auto"))
    assert is_native("native")
    assert not is_native("aiohttp")


def test_options_are_passed_on() -> None:
    with pytest.raises(OptionsError, match="proxy"):
        new_http_client("native", proxy="proxy:x")


def run(code: str) -> str:
    """Return the output of a new interpreter."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_native_client_does_not_import_aiohttp() -> None:
    code = (
        "import sys; from sagemaker_rt.transport.http_clients import new_http_client; "
        "new_http_client('native'); print('aiohttp' in sys.modules)"
    )

    assert "False" == run(code)


def test_without_httptools_the_native_client_is_refused() -> None:
    code = (
        "import sys; sys.modules['httptools'] = None\n"
        "from sagemaker_rt import NativeClient\n"
        "from sagemaker_rt.transport.http_clients import new_http_client\n"
        "print(type(new_http_client('auto')).__name__)\n"
        "try: new_http_client('native')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )

    lines = run(code).splitlines()

    assert "AiohttpClient" == lines[0]
    assert lines[1].startswith("OptionsError")
    assert "sagemaker-rt[fast]" in lines[1]
