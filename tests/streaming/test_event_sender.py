"""The sending half of a stream."""

from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.errors import (
    ClientStateError,
    ModelError,
    SageMakerRuntimeError,
    StackError,
    TruncatedBodyError,
)
from sagemaker_rt.sansio.event_signing import EventVerifier, SignatureChain
from sagemaker_rt.sansio.eventstream import EventStreamDecoder
from sagemaker_rt.streaming.event_sender import EventSender
from sagemaker_rt.streaming.stream_link import StreamLink
from tests.streaming.duplex_doubles import KEYS, Connection, signer


class Call:
    """The state of a call, which the test sets."""

    def __init__(self) -> None:
        self.has_response = False
        self.failure: SageMakerRuntimeError | None = None

    def raise_failure(self) -> None:
        if self.failure is not None:
            raise self.failure


def verified(connection: Connection) -> list[bytes]:
    """Return the frames that were written, with valid signatures."""
    chain = SignatureChain(
        KEYS, region="us-east-1", service="sagemaker", prior="ab" * 32
    )
    verifier = EventVerifier(chain)
    messages = EventStreamDecoder().feed(b"".join(connection.written))
    return [verifier.verify(message) for message in messages]


def sender(link: StreamLink, call: Call | None = None) -> EventSender:
    return EventSender(link, call or Call(), clock=lambda: 1_700_000_000.0)


async def test_events_wait_for_an_attempt_and_are_signed_in_order() -> None:
    link, connection = StreamLink(), Connection()
    sending = sender(link)
    tasks = [asyncio.create_task(sending.send(frame)) for frame in (b"1", b"2", b"3")]
    await asyncio.sleep(0)
    link.attach(connection, signer())
    await asyncio.gather(*tasks)
    await sending.close()
    await sending.close()

    assert [b"1", b"2", b"3", b""] == verified(connection)
    assert connection.has_end
    assert link.has_sent
    with pytest.raises(ClientStateError):
        await sending.send(b"4")


async def test_a_cancelled_send_does_not_advance_the_chain() -> None:
    link, connection = StreamLink(), Connection()
    connection.has_room = False
    link.attach(connection, signer())
    sending = sender(link)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sending.send(b"lost"), 0.001)
    connection.has_room = True
    connection.room.set()
    await sending.send(b"kept")

    assert [b"kept"] == verified(connection)
    assert 1 == sending.count


async def test_the_error_of_the_call_is_raised() -> None:
    call = Call()
    call.failure = ModelError("no")

    with pytest.raises(ModelError):
        await sender(StreamLink(), call).send(b"x")


async def test_a_stream_that_the_model_has_ended_takes_no_event() -> None:
    link, connection = StreamLink(), Connection()
    connection.is_ended = True
    link.attach(connection, signer())

    with pytest.raises(ClientStateError):
        await sender(link).send(b"x")


async def test_a_response_without_a_connection_is_a_fault_of_middleware() -> None:
    call = Call()
    call.has_response = True

    with pytest.raises(StackError):
        await sender(StreamLink(), call).send(b"x")


@pytest.mark.parametrize("has_response", [True, False])
async def test_a_connection_that_fails_while_an_event_waits(
    *, has_response: bool
) -> None:
    link, call = StreamLink(), Call()
    connection = Connection(error=TruncatedBodyError("cut"))
    connection.has_room = False
    link.attach(connection, signer())
    call.has_response = has_response
    sending = asyncio.create_task(sender(link, call).send(b"x"))
    await asyncio.sleep(0)
    connection.room.set()
    await asyncio.sleep(0)
    call.failure = None if has_response else ModelError("the reason")
    link.wake()

    with pytest.raises(TruncatedBodyError if has_response else ModelError):
        await asyncio.wait_for(sending, 30)


async def test_an_event_goes_to_the_next_attempt() -> None:
    link, second = StreamLink(), Connection()
    first = Connection(error=TruncatedBodyError("cut"))
    first.has_room = False
    link.attach(first, signer())
    sending = asyncio.create_task(sender(link).send(b"x"))
    await asyncio.sleep(0)
    link.detach(first)
    await asyncio.sleep(0)
    link.attach(second, signer())
    await asyncio.wait_for(sending, 30)

    assert [b"x"] == verified(second)
