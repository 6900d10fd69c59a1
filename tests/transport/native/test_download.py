from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.transport.native.download import _MAX_UNREAD, Download


class Recorded:
    """A connection that records what it is told."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def close(self) -> None:
        self.calls.append("close")


@pytest.fixture
async def source() -> Recorded:
    return Recorded()


@pytest.fixture
async def download(source: Recorded) -> Download:
    return Download(asyncio.get_running_loop(), source)


async def test_the_headers_are_awaited(download: Download) -> None:
    waiting = asyncio.create_task(download.head())
    await asyncio.sleep(0)
    download.wake()  # for another reason
    await asyncio.sleep(0)
    assert not waiting.done()

    download.start(200, {}, 5)
    download.wake()
    await waiting

    assert (200, 5, True) == (download.status, download.size, download.is_held)


async def test_a_failure_before_the_headers_is_raised(download: Download) -> None:
    waiting = asyncio.create_task(download.head())
    await asyncio.sleep(0)

    download.fail(ConnectionResetError("gone"))
    download.fail(ConnectionAbortedError("a consequence"))

    with pytest.raises(ConnectionResetError):
        await waiting
    assert not download.is_held


async def test_a_failure_after_the_headers_is_of_the_body(download: Download) -> None:
    download.start(200, {}, 5)
    download.feed([b"he"])
    download.fail(ConnectionResetError("gone"))

    await download.head()

    assert b"he" == await download.receive()
    with pytest.raises(ConnectionResetError):
        await download.receive()


async def test_all_that_is_received_is_taken_at_once(download: Download) -> None:
    assert b"" == download.take()
    download.feed([b"he"])
    download.feed([b"llo"])
    download.complete()

    assert b"hello" == download.take()
    assert b"" == await download.receive()
    assert not download.is_held


async def test_a_cancelled_wait_loses_nothing(download: Download) -> None:
    reading = asyncio.create_task(download.receive())
    await asyncio.sleep(0)
    download.feed([b"hello"])
    download.wake()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert b"hello" == await download.receive()


async def test_the_server_waits_while_much_is_unread(
    download: Download, source: Recorded
) -> None:
    download.feed([bytes(_MAX_UNREAD - 2), b"x"])
    assert [] == source.calls
    download.feed([b"x"])
    assert ["pause"] == source.calls

    assert _MAX_UNREAD == len(download.take())

    assert ["pause", "resume"] == source.calls


@pytest.mark.parametrize(
    ("status", "is_final"), [(200, False), (399, False), (400, True)]
)
async def test_an_error_ends_the_upload(
    download: Download, status: int, *, is_final: bool
) -> None:
    assert not download.is_final

    download.start(status, {}, 5)

    assert is_final is download.is_final


async def test_a_complete_response_ends_the_upload(download: Download) -> None:
    download.start(200, {}, 0)
    download.complete()

    assert download.is_final


async def test_a_connection_is_aborted_while_it_is_held(
    download: Download, source: Recorded
) -> None:
    download.abort()
    assert ["close"] == source.calls

    download.complete()
    download.abort()

    assert ["close"] == source.calls
