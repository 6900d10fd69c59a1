"""What a stream and its attempts share."""

from __future__ import annotations

import asyncio

from sagemaker_rt.streaming.stream_link import StreamLink
from tests.streaming.duplex_doubles import Connection, signer


async def test_attaching_wakes_what_waits_and_closes_an_earlier_connection() -> None:
    link, first, second = StreamLink(), Connection(), Connection()
    waiting = asyncio.create_task(link.changed())
    await asyncio.sleep(0)
    link.attach(first, signer())
    await waiting
    link.attach(second, signer())

    assert (True, False) == (first.is_closed, second.is_closed)
    assert second is link.connection


async def test_detaching_leaves_a_later_connection() -> None:
    link, first, second = StreamLink(), Connection(), Connection()
    link.attach(first, signer())
    link.attach(second, signer())
    link.detach(first)
    assert second is link.connection
    link.detach(second)

    assert link.connection is None
    assert link.signer is None
