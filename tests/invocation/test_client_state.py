from __future__ import annotations

import pytest

from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.invocation.client_state import ClientState
from sagemaker_rt.options import Options
from sagemaker_rt.stack import Stack
from tests.doubles import ScriptedHTTPClient


def test_components_are_made_at_the_first_use() -> None:
    state = ClientState(Options(environ={}))

    assert "components" not in vars(state)
    assert state.components is state.components


async def test_a_closed_client_raises() -> None:
    state = ClientState(Options(environ={}))

    state.require_open()
    await state.aclose()
    await state.aclose()

    with pytest.raises(ClientStateError):
        state.require_open()


async def test_a_failed_close_can_be_repeated() -> None:
    class Elsewhere(ScriptedHTTPClient):
        async def aclose(self) -> None:
            message = "belongs to another loop"
            raise ClientStateError(message)

    state = ClientState(Options(environ={}))
    state.components.default_http_client = Elsewhere()

    with pytest.raises(ClientStateError, match="belongs to another loop"):
        await state.aclose()

    state.require_open()
    state.components.default_http_client = here = ScriptedHTTPClient()
    await state.aclose()
    assert here.is_closed


async def test_edits_of_the_stack_may_end_their_tasks_before_the_connections() -> None:
    class Edit:
        ends: tuple[str, ...] = ()

        def __call__(self, stack: Stack) -> None:
            """Edit nothing."""

        async def on_client_close(self) -> None:
            self.ends += (f"connections closed: {here.is_closed}",)

    edit, here = Edit(), ScriptedHTTPClient()
    state = ClientState(Options(environ={}, api_options=(edit, print)))
    state.components.default_http_client = here

    await state.aclose()

    assert ("connections closed: False",) == edit.ends
    assert here.is_closed
