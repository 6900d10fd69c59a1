from __future__ import annotations

import pytest

from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.invocation.client_state import Runtime
from sagemaker_rt.options import Options
from tests.doubles import ScriptedHTTPClient


def test_what_calls_need_is_made_with_the_first_of_them() -> None:
    runtime = Runtime(Options(environ={}))

    assert "calls" not in vars(runtime)
    assert runtime.calls is runtime.calls


async def test_a_closed_runtime_says_so() -> None:
    runtime = Runtime(Options(environ={}))

    runtime.require_open()
    await runtime.aclose()
    await runtime.aclose()

    with pytest.raises(ClientStateError) as caught:
        runtime.require_open()
    assert "the client is closed; make a new one" == str(caught.value)


async def test_closing_that_is_refused_can_be_done_later() -> None:
    class Elsewhere(ScriptedHTTPClient):
        async def aclose(self) -> None:
            message = "belongs to another loop"
            raise ClientStateError(message)

    runtime = Runtime(Options(environ={}))
    runtime.calls._http_client = Elsewhere()

    with pytest.raises(ClientStateError, match="belongs to another loop"):
        await runtime.aclose()

    runtime.require_open()
    runtime.calls._http_client = here = ScriptedHTTPClient()
    await runtime.aclose()
    assert here.is_closed
