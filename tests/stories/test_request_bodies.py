"""Request bodies that are compressed, or in files, over sockets."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from sagemaker_rt import Client, Credentials, with_options
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import SerializationError

KEYS: Final = Credentials("AKIDEXAMPLE", "a-secret", "a-token")
LARGE: Final = bytes(range(256)) * 4096  # 1 MiB


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


class Counting:
    """A progress callback that records the counts it receives."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, int | None]] = []

    async def __call__(self, chunk: bytes, so_far: int, total: int | None) -> None:
        await asyncio.sleep(0)
        self.counts.append((so_far, total))


@pytest.mark.parametrize("size", [10_240, len(LARGE)])
async def test_the_signature_covers_the_compressed_body(
    client: Client, emulator: Emulator, size: int
) -> None:
    sent, body = Counting(), LARGE[:size]

    await client.invoke_endpoint(
        with_options(request_compression="gzip", on_chunk_sent=sent),
        endpoint_name="echo",
        body=body,
    )

    request = emulator.requests[-1]
    assert "gzip" == request.headers["content-encoding"]
    assert body == gzip.decompress(request.body)
    assert request.body_length == sent.counts[-1][1]
    signed = request.headers["authorization"]
    assert "content-encoding" in signed


async def test_small_bodies_and_files_are_not_compressed(
    client: Client, emulator: Emulator
) -> None:
    compressed = client.with_options(request_compression="gzip")

    await compressed.invoke_endpoint(endpoint_name="echo", body=LARGE[:10_239])
    await compressed.invoke_endpoint(endpoint_name="echo", body=io.BytesIO(LARGE))
    await client.invoke_endpoint(
        with_options(min_compression_bytes=0), endpoint_name="echo", body=LARGE
    )

    seen = [("content-encoding" in r.headers, r.body_length) for r in emulator.requests]
    assert [(False, 10_239), (False, len(LARGE)), (False, len(LARGE))] == seen


async def test_concurrent_calls_with_one_file_are_refused_except_for_the_first(
    client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"x" * 300_000)
    with path.open("rb") as file:
        outcomes = await asyncio.gather(
            *(
                client.invoke_endpoint(endpoint_name="echo", body=file)
                for _ in range(4)
            ),
            return_exceptions=True,
        )

    whole = [o for o in outcomes if not isinstance(o, BaseException)]
    refused = [o for o in outcomes if isinstance(o, SerializationError)]
    assert [300_000] == [len(output.body) for output in whole]
    assert 3 == len(refused)
    assert all("another call" in str(error) for error in refused)
