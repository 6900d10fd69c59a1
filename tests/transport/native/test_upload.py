from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.http import Request
from sagemaker_rt.transport.attempt import Attempt
from sagemaker_rt.transport.native.upload import Upload
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.time_limits import Watchdog
from tests.transport.native.test_connection import Pair
from tests.transport.servers import OK, reply

LARGE = bytes(1 << 24)


class Uploading(Pair):
    """An upload of *body* on a connection."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.watchdog = Watchdog(self.owner.loop)
        self.request = Request(body=body)
        self.download = self.connection.start()
        self.attempt = Attempt(self.request, self.watchdog, "h", Stage.READY, None)
        self.upload = Upload(self.attempt, self.connection, self.download)


@pytest.fixture
async def uploading() -> AsyncIterator[Uploading]:
    uploading = Uploading(LARGE)
    yield uploading
    uploading.connection.close()
    uploading.peer.close()
    uploading.attempt.time_limit.stop()


async def test_the_whole_body_is_sent(uploading: Uploading) -> None:
    received = asyncio.create_task(
        asyncio.to_thread(uploading.peer.recv, len(LARGE), 0x100)  # MSG_WAITALL
    )

    assert await uploading.upload.send()

    assert LARGE == await received
    assert Stage.WRITE is uploading.attempt.stage


@pytest.mark.parametrize(
    ("answer", "is_final"), [(reply(status="413 No"), True), (OK, True)]
)
async def test_a_response_ends_the_upload(
    uploading: Uploading, answer: bytes, *, is_final: bool
) -> None:
    sending = asyncio.create_task(uploading.upload.send())
    await asyncio.sleep(0.01)
    assert not sending.done()

    uploading.peer.send(answer)

    assert is_final is not await sending
    assert uploading.download.status


async def test_a_lost_connection_ends_the_upload(uploading: Uploading) -> None:
    sending = asyncio.create_task(uploading.upload.send())
    await asyncio.sleep(0.01)

    uploading.reset()

    assert not await sending
    assert isinstance(uploading.download.error, OSError)


async def test_the_body_waits_for_100_continue(uploading: Uploading) -> None:
    waiting = asyncio.create_task(uploading.upload.wait_for_continue(60.0))
    await asyncio.sleep(0.01)
    assert not waiting.done()

    uploading.peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    await waiting
    assert uploading.download.can_send_body


async def test_the_body_waits_no_longer_than_the_limit(uploading: Uploading) -> None:
    await uploading.upload.wait_for_continue(0.01)

    assert not uploading.download.can_send_body


async def test_the_limit_counts_although_the_clock_has_not_reached_it(
    uploading: Uploading,
) -> None:
    """A timer of uvloop can fire before its time by the loop's clock."""
    waiting = asyncio.create_task(uploading.upload.wait_for_continue(60.0))
    await asyncio.sleep(0)

    uploading.upload._stop_waiting()

    await waiting


async def test_a_final_response_ends_the_wait(uploading: Uploading) -> None:
    uploading.peer.send(OK)

    await uploading.upload.wait_for_continue(60.0)

    assert 200 == uploading.download.status


async def test_an_exception_of_the_callback_is_kept(uploading: Uploading) -> None:
    error = ValueError("enough")

    async def fail(chunk: bytes, sent: int, total: int) -> None:
        raise error

    uploading.request.on_chunk_sent = fail
    upload = Upload(uploading.attempt, uploading.connection, uploading.download)

    with pytest.raises(ValueError, match="enough"):
        await upload.send()

    assert error is upload.callback_error
