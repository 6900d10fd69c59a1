"""Progress callbacks of request and response bodies, over sockets."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Final

import pytest

from sagemaker_rt import (
    Client,
    Credentials,
    with_options,
)
from sagemaker_rt.emulator import (
    Emulator,
    service_unavailable,
)
from sagemaker_rt.options.fields import OptionFields
from tests.stories.http_clients import CHOSEN, each_http_client

__all__ = ["each_http_client"]  # a fixture

KEYS: Final = Credentials("AKIDEXAMPLE", "a-secret", "a-token")
ANSWER: Final = b"hello world"
LARGE: Final = bytes(range(256)) * 4096  # 1 MiB
CHUNK: Final = 1 << 16


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS) as emulator:
        yield emulator


def options_for(emulator: Emulator) -> OptionFields:
    return {
        "region": emulator.region,
        "endpoint_url": emulator.url,
        "credentials": KEYS,
        "environ": {},
        "http_client": CHOSEN["http_client"],
    }


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(**options_for(emulator)) as client:
        yield client


class Counting:
    """A progress callback that records the counts it receives."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, int | None]] = []

    async def __call__(self, chunk: bytes, so_far: int, total: int | None) -> None:
        await asyncio.sleep(0)
        self.counts.append((so_far, total))


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, len(LARGE)])
@pytest.mark.parametrize("kind", [bytes, io.BytesIO])
async def test_both_bodies_are_reported_in_chunks(
    client: Client, size: int, kind: type
) -> None:
    sent, received = Counting(), Counting()

    output = await client.invoke_endpoint(
        with_options(on_chunk_sent=sent),
        with_options(on_chunk_received=received),
        endpoint_name="echo",
        body=kind(LARGE[:size]),
    )

    ends = [*range(CHUNK, size, CHUNK), size] if size else []
    assert LARGE[:size] == output.body
    assert [(end, size) for end in ends] == sent.counts
    assert [size] * len(received.counts) == [total for _, total in received.counts]
    assert [size] * bool(size) == [so_far for so_far, _ in received.counts][-1:]


async def test_callbacks_of_a_client_see_all_its_calls(emulator: Emulator) -> None:
    sent, received = Counting(), Counting()

    options = options_for(emulator)
    options["on_chunk_sent"] = sent
    options["on_chunk_received"] = received
    async with Client(**options) as client:
        await client.invoke_endpoint(endpoint_name="echo", body=b"abc")
        await client.invoke_endpoint_async(endpoint_name="echo", body=b"abcd")

    assert [(3, 3), (4, 4)] == sent.counts
    assert (3, 3) == received.counts[0]
    assert 2 == len(received.counts)


async def test_counts_start_at_zero_in_each_attempt(
    client: Client, emulator: Emulator
) -> None:
    sent, received = Counting(), Counting()
    emulator.fail_next(service_unavailable())

    await client.invoke_endpoint(
        with_options(on_chunk_sent=sent, on_chunk_received=received),
        endpoint_name="echo",
        body=ANSWER,
    )

    whole = (len(ANSWER), len(ANSWER))
    assert [whole, whole] == sent.counts
    assert [whole] == received.counts


async def test_an_exception_of_the_callback_ends_an_upload(
    client: Client, emulator: Emulator
) -> None:
    error, calls = KeyError("enough"), list[int]()

    def fail(chunk: bytes, sent: int, total: int) -> None:
        calls.append(sent)
        if len(calls) == 3:
            raise error

    with pytest.raises(KeyError) as caught:
        await client.invoke_endpoint(
            with_options(on_chunk_sent=fail), endpoint_name="echo", body=LARGE
        )

    assert error is caught.value
    assert [CHUNK, 2 * CHUNK, 3 * CHUNK] == calls
    assert 0 == len(emulator.requests)


async def test_a_stream_is_reported_as_received_with_its_frames(
    client: Client,
) -> None:
    received = Counting()

    async with client.invoke_endpoint_with_response_stream(
        with_options(on_chunk_received=received), endpoint_name="tokens", body=b"a b c"
    ) as stream:
        parts = [chunk async for chunk in stream.iter_bytes()]

    assert [b"a ", b"b ", b"c"] == parts
    assert {None} == {total for _, total in received.counts}
    assert stream.bytes_read == received.counts[-1][0]
