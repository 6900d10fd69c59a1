from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.errors import (
    ComponentError,
    ConnectionLostError,
    ModelError,
    ParamValidationError,
    SageMakerRuntimeError,
    SessionEndedError,
    SessionNotClosedError,
    ValidationError,
)
from sagemaker_rt.http import Request, Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.inference.sessions import Session
from sagemaker_rt.options import with_options
from sagemaker_rt.sansio.eventstream import encode_message
from tests.doubles import ManualClock, ScriptedHTTPClient, response

KEYS: Final = Credentials("AKID", "a-secret")
NOW: Final = 1_700_049_600.0  # Wed, 15 Nov 2023 12:00:00 GMT
OPENED: Final = "s-1; Expires=2023-11-15T12:20:00Z"
PART: Final = encode_message(
    {":message-type": "event", ":event-type": "PayloadPart"}, b"part"
)


def opened(value: str = OPENED, date: str | None = None) -> Response:
    headers = {"X-Amzn-SageMaker-New-Session-Id": value}
    if date is not None:
        headers["Date"] = date
    return response(200, headers, b"opened")


def closed(id: str = "s-1") -> Response:
    return response(200, {"X-Amzn-SageMaker-Closed-Session-Id": id}, b"closed")


def not_found() -> Response:
    headers = {"x-amzn-errortype": "ValidationError", "x-amzn-RequestId": "r-2"}
    return response(
        400, headers, b'{"Message": "Session s-1 of endpoint m not found."}'
    )


class Service:
    """A client, the HTTP client that it sends with, and its clock."""

    def __init__(self, *answers: Response | BaseException) -> None:
        self.http_client = ScriptedHTTPClient(*answers)
        self.clock = ManualClock(NOW)
        self.client = Client(
            region="eu-west-1",
            credentials=KEYS,
            environ={},
            http_client=self.http_client,
            clock=self.clock,
        )

    async def open(self, **arguments: Any) -> Session:
        return await self.client.session(**{"endpoint_name": "m", **arguments})

    @property
    def requests(self) -> list[Request]:
        return self.http_client.requests


async def test_requests_carry_the_id_of_the_session() -> None:
    service = Service(opened(), response(200, {}, b"out"))
    session = await service.open(target_variant="v")

    output = await session.invoke(body=b"in", accept="text/csv")

    assert b"out" == output.body
    request = service.requests[1]
    assert ("s-1", "v", "text/csv", b"in") == (
        request.headers["x-amzn-sagemaker-session-id"],
        request.headers["x-amzn-sagemaker-target-variant"],
        request.headers["accept"],
        request.body,
    )
    assert datetime(2023, 11, 15, 12, 20, tzinfo=UTC) == session.expires_at
    assert "<Session s-1 of m, open>" == repr(session)


async def test_a_streaming_request_joins_the_session() -> None:
    service = Service(opened(), response(200, {}, PART))
    session = await service.open()

    async with session.stream(with_options(read_timeout=5), body=b"in") as stream:
        parts = [part async for part in stream.iter_bytes()]

    assert [b"part"] == parts
    assert "s-1" == service.requests[1].headers["x-amzn-sagemaker-session-id"]
    assert service.requests[1].url.endswith("/invocations-response-stream")


async def test_a_request_may_be_json() -> None:
    service = Service(opened(), response(200), response(200, {}, PART))
    session = await service.open()

    await session.invoke(json=[1])
    await (await session.stream(json=[1])).aclose()

    sent = [(r.body, r.headers["content-type"]) for r in service.requests[1:]]
    assert [(b"[1]", "application/json")] * 2 == sent


@pytest.mark.parametrize(
    "members",
    [
        {"body": b"", "session_id": "other"},
        {"body": b"", "endpoint_name": "other"},
        {"body": b"", "conten_type": "text/csv"},
        {},
    ],
)
async def test_wrong_members_are_an_error_before_io(members: Any) -> None:
    service = Service(opened())
    session = await service.open()

    with pytest.raises(ParamValidationError):
        await session.invoke(**members)
    with pytest.raises(ParamValidationError):
        await session.stream(**members)

    assert 1 == len(service.requests)


async def test_a_session_that_was_closed_is_an_error_before_io() -> None:
    service = Service(opened(), closed())
    session = await service.open()
    await session.aclose()

    for call in (session.invoke(body=b""), session.stream(body=b"")):
        with pytest.raises(SessionEndedError) as raised:
            await call

        assert ("closed", "s-1", False) == (
            raised.value.reason,
            raised.value.session_id,
            raised.value.request_sent,
        )
    assert 2 == len(service.requests)
    assert "<Session s-1 of m, ended: closed>" == repr(session)


async def test_a_session_that_has_expired_is_an_error_before_io() -> None:
    service = Service(opened())
    session = await service.open()
    service.clock.advance(20 * 60 - 1)
    assert session.is_open
    service.clock.advance(1)

    with pytest.raises(SessionEndedError) as raised:
        await session.invoke(body=b"")

    assert "expired" == raised.value.reason
    await session.aclose()  # sends nothing
    assert 1 == len(service.requests)


@pytest.mark.parametrize(
    ("date", "lifetime"),
    [
        (None, 20 * 60),
        ("Wed, 15 Nov 2023 11:59:59 GMT", 20 * 60),  # the resolution of the header
        ("Wed, 15 Nov 2023 12:10:00 GMT", 10 * 60),  # the local clock is slow
        ("Wed, 15 Nov 2023 11:30:00 GMT", 50 * 60),  # the local clock is fast
    ],
)
async def test_the_expiry_is_a_time_of_the_clock_of_the_service(
    date: str | None, lifetime: float
) -> None:
    service = Service(opened(date=date))
    session = await service.open()

    service.clock.advance(lifetime - 1)
    before = session.is_open
    service.clock.advance(1)

    assert (True, False) == (before, session.is_open)


async def test_a_known_clock_error_counts_without_a_date() -> None:
    service = Service(opened())
    service.client = service.client.with_options(clock_offset=600)
    session = await service.open()

    service.clock.advance(10 * 60)

    assert not session.is_open


@pytest.mark.parametrize("value", ["s-1", "s-1; Expires=soon", "s-1; Path=/"])
async def test_without_an_expiry_a_session_does_not_expire_here(value: str) -> None:
    service = Service(opened(value))
    session = await service.open()

    service.clock.advance(10**8)

    assert (True, None) == (session.is_open, session.expires_at)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_session_that_the_service_does_not_know_is_an_error(
    is_stream: bool,
) -> None:
    service = Service(opened(), not_found())
    session = await service.open()

    with pytest.raises(SessionEndedError) as raised:
        await (session.stream(body=b"") if is_stream else session.invoke(body=b""))

    error = raised.value
    suffix = "WithResponseStream" if is_stream else ""
    assert f"InvokeEndpoint{suffix}" == error.operation
    assert ("unknown", "r-2", 400, 1, True, False) == (
        error.reason,
        error.request_id,
        error.http_status,
        error.attempts,
        error.request_sent,
        error.may_have_executed,
    )
    assert isinstance(error.__cause__, ValidationError)
    with pytest.raises(SessionEndedError):  # without a request
        await session.invoke(body=b"")
    await session.aclose()
    assert 2 == len(service.requests)


async def test_other_errors_leave_the_session_open() -> None:
    headers = {"x-amzn-errortype": "ModelError"}
    service = Service(opened(), response(424, headers, b"{}"), response(200))
    session = await service.open()

    with pytest.raises(ModelError):
        await session.invoke(body=b"")
    await session.invoke(body=b"")

    assert session.is_open


async def test_a_model_may_close_the_session_with_any_request() -> None:
    service = Service(opened(), closed())
    session = await service.open()

    await session.invoke(body=b"the last one")

    with pytest.raises(SessionEndedError) as raised:
        await session.invoke(body=b"")
    assert "closed" == raised.value.reason
    await session.aclose()
    assert 2 == len(service.requests)


@pytest.mark.parametrize("answer", [closed("other"), response(200)])
async def test_a_closing_response_must_confirm_the_end(answer: Response) -> None:
    service = Service(opened(), answer)
    session = await service.open()

    with pytest.raises(SessionNotClosedError) as raised:
        await session.aclose()

    assert ("s-1", 200, True) == (
        raised.value.session_id,
        raised.value.http_status,
        raised.value.may_have_executed,
    )
    assert not session.is_open
    await session.aclose()  # tries once


async def test_a_session_that_is_gone_counts_as_closed() -> None:
    service = Service(opened(), not_found())

    async with service.client.session("m"):
        pass

    assert 2 == len(service.requests)


async def test_no_closing_request_is_sent_without_a_body() -> None:
    service = Service(opened())

    async with service.client.session("m", closing_body=None) as session:
        pass

    assert (1, False) == (len(service.requests), session.is_open)


async def test_an_error_of_closing_is_raised_after_the_block() -> None:
    service = Service(opened(), ConnectionLostError("lost"))

    with pytest.raises(ConnectionLostError):
        async with service.client.session("m"):
            pass


async def test_an_error_of_closing_does_not_mask_that_of_the_block() -> None:
    service = Service(opened(), ConnectionLostError("lost"))

    with pytest.raises(ZeroDivisionError) as raised:
        async with service.client.session("m"):
            raise ZeroDivisionError

    (note,) = raised.value.__notes__
    assert "the session was not closed: ConnectionLostError: lost" == note


async def test_a_session_itself_is_a_context_manager() -> None:
    service = Service(opened(), closed())

    async with await service.open() as session:
        pass

    assert (False, 2) == (session.is_open, len(service.requests))


class HangingHTTPClient:
    """An `HTTPClient` that opens a session, and answers nothing before a test does."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer: asyncio.Future[Response] = (
            asyncio.get_running_loop().create_future()
        )

    async def send(self, request: Request) -> Response:
        self.requests.append(request.copy())
        return opened("s-1") if len(self.requests) == 1 else await self.answer

    async def aclose(self) -> None:
        """Close nothing."""


def hanging() -> tuple[Client, HangingHTTPClient]:
    http_client = HangingHTTPClient()
    client = Client(
        region="eu-west-1", credentials=KEYS, environ={}, http_client=http_client
    )
    return client, http_client


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def only_this_task() -> bool:
    return {asyncio.current_task()} == asyncio.all_tasks()


async def in_block(client: Client, entered: asyncio.Event) -> None:
    async with client.session("m"):
        entered.set()
        await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("cancellations", [1, 3])
async def test_a_cancelled_block_closes_the_session(cancellations: int) -> None:
    client, http_client = hanging()
    entered = asyncio.Event()
    task = asyncio.create_task(in_block(client, entered))
    await entered.wait()

    for _ in range(cancellations):
        task.cancel()
        await settle()
    was_running = not task.done()
    http_client.answer.set_result(closed())

    with pytest.raises(asyncio.CancelledError):
        await task
    assert was_running
    assert b'{"requestType":"CLOSE"}' == http_client.requests[1].body
    assert only_this_task()


async def test_a_failed_close_of_a_cancelled_block_is_a_note() -> None:
    client, http_client = hanging()
    entered = asyncio.Event()
    task = asyncio.create_task(in_block(client, entered))
    await entered.wait()
    for _ in range(2):
        task.cancel()
        await settle()
    http_client.answer.set_exception(ConnectionLostError("lost"))

    with pytest.raises(asyncio.CancelledError) as raised:
        await task
    assert ["the session was not closed: ConnectionLostError: lost"] == getattr(
        raised.value, "__notes__", None
    )
    assert only_this_task()


async def test_closing_takes_at_most_its_time_limit() -> None:
    client, _ = hanging()

    with pytest.raises(SageMakerRuntimeError) as raised:
        async with client.session("m", close_timeout=0.01):
            pass

    assert isinstance(raised.value, TimeoutError)
    assert only_this_task()


async def test_concurrent_closes_send_one_request() -> None:
    client, http_client = hanging()
    session = await client.session("m")
    closing = [asyncio.create_task(session.aclose()) for _ in range(3)]
    await settle()
    http_client.answer.set_result(closed())

    await asyncio.gather(*closing)

    assert 2 == len(http_client.requests)


async def test_a_request_in_flight_reports_that_the_session_was_closed() -> None:
    client, http_client = hanging()
    session = await client.session("m", closing_body=None)
    request = asyncio.create_task(session.invoke(body=b""))
    await settle()
    await session.aclose()
    http_client.answer.set_result(not_found())

    with pytest.raises(SessionEndedError) as raised:
        await request
    assert "closed" == raised.value.reason


async def test_a_closing_request_that_others_cancel_is_a_cancellation() -> None:
    client, _ = hanging()
    session = await client.session("m")
    closing = asyncio.create_task(session.aclose())
    await settle()

    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await closing
    assert only_this_task()


class BrokenClock(ManualClock):
    """A clock that raises an exception from some time on."""

    is_broken = False

    def __call__(self) -> float:
        if self.is_broken:
            raise ZeroDivisionError
        return super().__call__()


async def test_an_exception_of_the_clock_is_typed() -> None:
    service, clock = Service(opened(), closed()), BrokenClock(NOW)
    service.client = service.client.with_options(clock=clock)
    session = await service.open()
    clock.is_broken = True

    with pytest.raises(ComponentError):
        await session.invoke(body=b"")
