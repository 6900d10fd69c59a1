from __future__ import annotations

import gc
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.errors import (
    ModelError,
    ParamValidationError,
    SessionNotOpenedError,
)
from sagemaker_rt.identity import Credentials
from sagemaker_rt.inference.sessions import Session
from sagemaker_rt.options import with_options
from tests.doubles import ScriptedHTTPClient, response

KEYS: Final = Credentials("AKID", "a-secret")
OPENED: Final = {"X-Amzn-SageMaker-New-Session-Id": "s-1", "x-amzn-RequestId": "r-1"}
CLOSED: Final = {"X-Amzn-SageMaker-Closed-Session-Id": "s-1"}


def wire(*headers: dict[str, str]) -> ScriptedHTTPClient:
    return ScriptedHTTPClient(*[response(200, one, b"out") for one in headers])


def client(http_client: ScriptedHTTPClient) -> Client:
    return Client(
        region="eu-west-1", credentials=KEYS, environ={}, http_client=http_client
    )


def session_ids(http_client: ScriptedHTTPClient) -> list[str | None]:
    name = "x-amzn-sagemaker-session-id"
    return [request.headers.get(name) for request in http_client.requests]


async def test_a_session_is_opened_and_closed() -> None:
    http_client = wire(OPENED, CLOSED)

    async with client(http_client).session("m") as session:
        assert isinstance(session, Session)
        assert ("s-1", "m", None, b"out") == (
            session.id,
            session.endpoint_name,
            session.expires_at,
            session.opening.body,
        )

    assert ["NEW_SESSION", "s-1"] == session_ids(http_client)
    opening, closing = http_client.requests
    assert (b'{"requestType":"NEW_SESSION"}', b'{"requestType":"CLOSE"}') == (
        opening.body,
        closing.body,
    )
    assert ("application/json", "application/json") == (
        opening.headers["content-type"],
        closing.headers["content-type"],
    )


async def test_a_session_can_be_awaited() -> None:
    http_client = wire(OPENED, CLOSED)

    session = await client(http_client).session("m")
    is_open = session.is_open
    await session.aclose()

    assert (True, False) == (is_open, session.is_open)
    assert ["NEW_SESSION", "s-1"] == session_ids(http_client)


async def test_the_bodies_and_their_type_can_be_replaced() -> None:
    http_client = wire(OPENED, CLOSED)

    async with client(http_client).session(
        "m",
        opening_body="<open/>",
        closing_body=b"<close/>",
        content_type="text/xml",
        inference_component_name="c",
    ):
        pass

    sent = [
        (
            r.body,
            r.headers["content-type"],
            r.headers["x-amzn-sagemaker-inference-component"],
        )
        for r in http_client.requests
    ]
    assert [(b"<open/>", "text/xml", "c"), (b"<close/>", "text/xml", "c")] == sent


async def test_options_apply_to_all_requests() -> None:
    http_client = wire(OPENED, CLOSED)

    async with client(http_client).session("m", with_options(user_agent_extra="mine")):
        pass

    assert all("mine" in r.headers["user-agent"] for r in http_client.requests)


@pytest.mark.parametrize(
    "value",
    [None, "", "; Expires=2026-01-01T00:00:00Z", "NEW_SESSION", "a b", "x" * 300],
)
async def test_a_response_without_a_valid_id_is_an_error(value: str | None) -> None:
    headers = {"x-amzn-RequestId": "r-1"}
    if value is not None:
        headers["X-Amzn-SageMaker-New-Session-Id"] = value
    http_client = wire(headers)

    with pytest.raises(SessionNotOpenedError) as raised:
        await client(http_client).session("m")

    error = raised.value
    assert ("InvokeEndpoint", "r-1", 200, 1, True, None) == (
        error.operation,
        error.request_id,
        error.http_status,
        error.attempts,
        error.may_have_executed,
        error.session_id,
    )
    assert error.response is not None


async def test_an_error_of_the_opening_request_propagates() -> None:
    headers = {"x-amzn-errortype": "ModelError"}
    http_client = ScriptedHTTPClient(response(424, headers, b"{}"))

    with pytest.raises(ModelError):
        async with client(http_client).session("m"):
            pytest.fail("the session is not open")


@pytest.mark.parametrize(
    "arguments",
    [
        {"close_timeout": 0},
        {"close_timeout": "5"},
        {"close_timeout": True},
        {"close_timeout": float("nan")},
        {"close_timeout": float("inf")},
        {"target_model": "x.tar.gz", "endpoint": "m"},
        {"read_timeout": 5},
        {"closing_body": 5},
        {"opening_body": 5},
        {"session_id": "another"},
        {"body": b"x"},
    ],
)
async def test_an_invalid_argument_is_an_error_before_io(arguments: Any) -> None:
    with pytest.raises(ParamValidationError) as raised:
        client(wire()).session(**{"endpoint_name": "m", **arguments})

    assert raised.value.problems


async def test_a_positional_argument_must_be_an_option() -> None:
    wrong: Any = "an option"

    with pytest.raises(ParamValidationError):
        client(wire()).session("m", wrong)


async def test_a_call_that_is_not_used_is_reported_by_python() -> None:
    call = client(wire()).session("m")
    assert "<Opening: await it, or use it in `async with`>" == repr(call)

    with pytest.warns(RuntimeWarning, match="never awaited"):  # noqa: PT031 - a drop
        del call
        gc.collect()


async def test_a_call_can_be_used_once() -> None:
    call = client(wire(OPENED)).session("m")
    await call

    with pytest.raises(RuntimeError):
        await call
