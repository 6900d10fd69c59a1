"""Handlers of stream events, over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest

from sagemaker_rt import (
    Client,
    Credentials,
    InternalStreamFailure,
    PayloadPart,
    ResponseStreamHandler,
    with_options,
)
from sagemaker_rt.emulator import (
    Emulator,
    FailStream,
    service_unavailable,
)
from sagemaker_rt.errors import SageMakerRuntimeError

KEYS: Final = Credentials("AKIDEXAMPLE", "a-secret", "a-token")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region, endpoint_url=emulator.url, credentials=KEYS, environ={}
    ) as client:
        yield client


async def test_a_handler_is_given_with_the_call(
    client: Client, emulator: Emulator
) -> None:
    handler, parts, errors = ResponseStreamHandler(), list[bytes](), list[object]()

    @handler.on_payload_part
    async def keep(part: PayloadPart) -> None:
        await asyncio.sleep(0)
        parts.append(part.bytes)

    handler.on_internal_stream_failure(errors.append)
    output = await client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"a b"
    ).handle(handler)
    emulator.fail_next(FailStream(after=1))
    with pytest.raises(InternalStreamFailure) as caught:
        await client.invoke_endpoint_with_response_stream(
            endpoint_name="tokens", body=b"c d"
        ).handle(handler)

    assert [b"a ", b"b", b"c "] == parts
    assert 200 == output.http_status
    assert [caught.value] == errors


async def test_a_handler_takes_over_an_open_stream(client: Client) -> None:
    handler, events = ResponseStreamHandler(), list[object]()
    handler.on_event(events.append)

    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"a b"
    ) as stream:
        first = await anext(stream)
        await stream.handle(handler)

    assert (PayloadPart(b"a "), [PayloadPart(b"b")]) == (first, events)


async def test_events_can_be_collected_in_a_list(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"a b"
    ) as stream:
        events = [event async for event in stream]

    assert [PayloadPart(b"a "), PayloadPart(b"b")] == events


async def test_a_call_that_fails_before_its_stream_does_not_reach_the_handler(
    client: Client, emulator: Emulator
) -> None:
    handler, seen = ResponseStreamHandler(), list[object]()
    handler.on_event(seen.append)
    handler.on_error(seen.append)
    emulator.fail_next(service_unavailable())

    with pytest.raises(SageMakerRuntimeError):
        await client.invoke_endpoint_with_response_stream(
            with_options(max_attempts=1), endpoint_name="tokens", body=b"a b"
        ).handle(handler)

    assert [] == seen
