"""Conversations with a stateful model, over sockets, against the emulator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from attrs import define, field

from sagemaker_rt import (
    Client,
    Credentials,
    ModelError,
    RequestTimeoutError,
    SessionEndedError,
    SessionNotClosedError,
    SessionNotOpenedError,
)
from sagemaker_rt.emulator import (
    Answer,
    Emulator,
    InvocationRequest,
    ModelFailure,
    echo,
)
from tests.doubles import ManualClock
from tests.stepping import LoopThread, Moment, Stepped

KEYS = Credentials("AKIDEXAMPLE", "a-secret")


@define(eq=False)
class Chat:
    """A model that remembers what it was sent, with the requests of AWS's containers.

    It streams what it remembers.
    """

    open: set[str] = field(factory=set)
    closing: str = ""
    """What to do with a request to close: ``hang`` or ``fail``."""

    async def __call__(self, request: InvocationRequest) -> AsyncIterator[bytes]:
        session = request.session
        if session is None:
            raise ModelFailure(400, "this model is stateful")
        kind = json.loads(request.body).get("requestType")
        if kind == "NEW_SESSION":
            self.open.add(session.id)
        elif session.id not in self.open:
            raise ModelFailure(400, f"Bad request: session not found: {session.id}")
        elif kind == "CLOSE":
            await self.close()
            session.close()
            self.open.remove(session.id)
        else:
            memory = session.data.setdefault("memory", [])
            assert isinstance(memory, list)
            memory.append(json.loads(request.body)["text"])
            for text in memory:
                yield f"{text} ".encode()
            return
        yield b"{}"

    async def close(self) -> None:
        if self.closing == "hang":
            await asyncio.get_running_loop().create_future()
        if self.closing == "fail":
            raise ModelFailure(500, "out of memory")


@pytest.fixture
async def chat() -> Chat:
    return Chat()


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def emulator(chat: Chat, clock: ManualClock) -> AsyncIterator[Emulator]:
    async with Emulator(
        models={"chat": chat, "echo": echo}, clock=clock, session_lifetime=600
    ) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator, clock: ManualClock) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
        clock=clock,
    ) as client:
        yield client


def say(text: str) -> str:
    return json.dumps({"text": text})


async def test_a_conversation(client: Client, chat: Chat) -> None:
    async with client.session("chat") as session:
        assert {session.id} == chat.open
        await session.invoke(body=say("one"))
        output = await session.invoke(body=say("two"))
        async with session.stream(body=say("three")) as stream:
            parts = [part async for part in stream.iter_bytes()]

    assert b"one two " == output.body
    assert [b"one ", b"two ", b"three "] == parts
    assert set() == chat.open


async def test_a_session_expires_by_the_clock_of_the_client(
    client: Client, clock: ManualClock, emulator: Emulator
) -> None:
    async with client.session("chat") as session:
        before = len(emulator.requests)
        clock.advance(600)

        with pytest.raises(SessionEndedError) as raised:
            await session.invoke(body=say("late"))

        assert "expired" == raised.value.reason
    assert before == len(emulator.requests)


async def test_the_endpoint_may_forget_a_session(client: Client, chat: Chat) -> None:
    async with client.session("chat") as session:
        chat.open.clear()  # its instance was replaced

        with pytest.raises(SessionEndedError) as raised:
            await session.stream(body=say("hello"))

        assert "unknown" == raised.value.reason
        assert isinstance(raised.value.__cause__, ModelError)


async def test_the_service_may_forget_a_session(
    client: Client, clock: ManualClock
) -> None:
    session = await client.session("chat")
    slow = ManualClock(clock.now)  # a clock that stands still does not notice it
    session._now = slow
    clock.advance(601)

    with pytest.raises(SessionEndedError) as raised:
        await session.invoke(body=say("late"))

    assert (400, "unknown") == (raised.value.http_status, raised.value.reason)


async def test_a_model_without_state_opens_and_closes_nothing(client: Client) -> None:
    with pytest.raises(SessionNotClosedError):
        async with client.session("echo"):
            pass  # the emulator opens a session for each model


async def test_a_response_without_a_session(client: Client, emulator: Emulator) -> None:
    emulator.faults.add(Answer(200, b"no session"))

    with pytest.raises(SessionNotOpenedError):
        await client.session("chat")


async def test_a_model_that_hangs_while_closing(client: Client, chat: Chat) -> None:
    chat.closing = "hang"

    with pytest.raises(RequestTimeoutError):
        async with client.session("chat", close_timeout=0.1):
            pass


async def test_an_error_of_the_block_is_more_important(
    client: Client, chat: Chat
) -> None:
    chat.closing = "fail"

    with pytest.raises(ZeroDivisionError) as raised:
        async with client.session("chat"):
            raise ZeroDivisionError

    assert "ModelError" in raised.value.__notes__[0]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, Chat]]:
    chat = Chat()
    with LoopThread() as thread:
        emulator = thread.enter(Emulator(models={"chat": chat}, credentials=KEYS))
        yield emulator, chat


async def converse(client: Client, opened: list[str]) -> None:
    async with client.session("chat") as session:
        opened.append(session.id)
        await session.invoke(body=say("one"))
        async with session.stream(body=say("two")) as stream:
            async for _ in stream:
                pass


@pytest.mark.parametrize("moment", [*Moment], ids=lambda moment: moment.name)
async def test_a_cancelled_conversation_is_closed(
    served: tuple[Emulator, Chat], moment: Moment
) -> None:
    """Wherever it is cancelled after its session was opened."""
    emulator, chat = served
    number = 0
    while True:
        opened = list[str]()
        async with Client(
            region="us-east-1",
            endpoint_url=emulator.url,
            credentials=KEYS,
            environ={},
        ) as client:
            stepped = Stepped(converse(client, opened), number, moment)
            task = asyncio.create_task(run(stepped))
            (outcome,) = await asyncio.gather(task, return_exceptions=True)

            assert {asyncio.current_task()} == asyncio.all_tasks(), stepped.points[-1]
            assert not {*opened} & chat.open, stepped.points[-1]
        if number >= len(stepped.points):  # it was not cancelled
            break
        if stepped.was_cancelled:
            assert isinstance(outcome, asyncio.CancelledError)
        number += 1

    assert outcome is None
    assert number > 4


async def run(stepped: Stepped[None]) -> None:
    await stepped
