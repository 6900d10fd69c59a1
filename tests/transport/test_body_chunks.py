from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

import pytest

from sagemaker_rt.http import Body, FileBody
from sagemaker_rt.transport.body_chunks import BodyChunks
from tests.doubles import GatedFile

CONTENT = bytes(range(10))


def in_memory() -> Body:
    return CONTENT


def in_file() -> Body:
    return FileBody(io.BytesIO(CONTENT))


@pytest.mark.parametrize("size", [1, 3, 5, 10, 11])
@pytest.mark.parametrize("new_body", [in_memory, in_file])
async def test_the_chunks_are_the_body(new_body: Callable[[], Body], size: int) -> None:
    chunks = BodyChunks(new_body(), size)
    received: list[bytes] = []
    while sum(map(len, received)) < len(CONTENT):
        received.append(bytes(await chunks.next()))

    assert CONTENT == b"".join(received)
    assert {size} >= set(map(len, received[:-1]))
    assert chunks.error is None


async def test_a_body_in_memory_is_not_copied() -> None:
    chunk = await BodyChunks(CONTENT, 4).next()

    assert isinstance(chunk, memoryview)
    assert CONTENT is chunk.obj


async def test_an_exception_of_a_file_is_kept() -> None:
    class Unreadable(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            message = "broken"
            raise OSError(message)

    chunks = BodyChunks(FileBody(Unreadable(CONTENT)), 4)

    with pytest.raises(OSError, match="broken") as raised:
        await chunks.next()
    await chunks.wait_for_thread()

    assert raised.value is chunks.error


async def test_a_cancelled_read_can_be_waited_for() -> None:
    file = GatedFile(CONTENT)
    chunks = BodyChunks(FileBody(file), 4)
    await chunks.next()
    reading = asyncio.create_task(chunks.next())
    await asyncio.to_thread(file.is_blocked.wait, 5)
    reading.cancel()
    await asyncio.wait([reading])

    asyncio.get_running_loop().call_later(0.02, file.may_continue.set)
    await chunks.wait_for_thread()

    assert not file.is_read
