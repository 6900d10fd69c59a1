"""Response bodies that go to a file, a writer or a function, over sockets."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt import (
    Client,
    Credentials,
    ModelError,
    OptionsError,
    ResponseTargetError,
    ServiceUnavailable,
    TruncatedBodyError,
    with_options,
)
from sagemaker_rt.emulator import (
    CutBody,
    Emulator,
    SlowDrip,
    failing,
    html_error,
    service_unavailable,
)
from tests.transport.servers import Peer, serve

KEYS: Final = Credentials("AKIDEXAMPLE", "a-secret", "a-token")
RESPONSE: Final = b"hello world"
LARGE: Final = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models = {"broken": failing()}
    async with Emulator(models=models, credentials=KEYS) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region, endpoint_url=emulator.url, credentials=KEYS, environ={}
    ) as client:
        yield client


def files(folder: Path) -> dict[str, bytes]:
    """Return what is in *folder*, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Counting:
    """A progress callback that records the counts it receives."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, int | None]] = []

    async def __call__(self, chunk: bytes, so_far: int, total: int | None) -> None:
        await asyncio.sleep(0)
        self.counts.append((so_far, total))


@pytest.mark.parametrize("body", [b"", RESPONSE, LARGE], ids=["none", "small", "large"])
async def test_a_response_is_written_to_a_file(
    client: Client, tmp_path: Path, body: bytes
) -> None:
    output = await client.invoke_endpoint(
        with_options(response_target=tmp_path / "response"),
        endpoint_name="echo",
        body=body,
    )

    assert {"response": body} == files(tmp_path)
    assert (b"", 200) == (output.body, output.http_status)
    assert output.request_id


async def test_a_response_is_written_to_a_writer_or_function(client: Client) -> None:
    file, chunks = io.BytesIO(), list[bytes]()

    for target in (file, chunks.append):
        await client.invoke_endpoint(
            with_options(response_target=target), endpoint_name="echo", body=LARGE
        )

    assert LARGE == file.getvalue() == b"".join(chunks)
    assert len(chunks) > 1


async def test_max_response_bytes_does_not_limit_a_response_in_a_file(
    client: Client, tmp_path: Path
) -> None:
    await client.invoke_endpoint(
        with_options(response_target=tmp_path / "response")
        | with_options(max_response_bytes=10),
        endpoint_name="echo",
        body=LARGE,
    )

    assert {"response": LARGE} == files(tmp_path)


@pytest.mark.parametrize("to_file", [True, False])
async def test_a_response_with_a_target_is_never_held_whole_in_memory(
    tmp_path: Path, to_file: bool
) -> None:
    count, taken = 64, 0  # MiB

    async def answer(peer: Peer) -> None:
        peer.writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (count << 20)
        )
        for _ in range(count):
            peer.writer.write(LARGE)
            await peer.writer.drain()

    def take(chunk: bytes) -> None:
        nonlocal taken
        taken += len(chunk)

    target = tmp_path / "response" if to_file else take
    async with serve(answer) as server:
        url = f"http://127.0.0.1:{server.port}"
        async with Client(
            region="us-east-1", endpoint_url=url, credentials=KEYS, environ={}
        ) as client:
            option = with_options(response_target=lambda _: None)
            await client.invoke_endpoint(option, endpoint_name="m", body=b"")
            tracemalloc.start()
            await client.invoke_endpoint(
                with_options(response_target=target), endpoint_name="m", body=b""
            )
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()

    assert peak < 8 << 20
    assert count << 20 == (len(files(tmp_path)["response"]) if to_file else taken)


@pytest.mark.parametrize("after", range(len(RESPONSE)))
async def test_a_truncated_response_leaves_no_file_and_is_not_retried(
    client: Client, emulator: Emulator, tmp_path: Path, after: int
) -> None:
    emulator.fail_next(CutBody(after=after))

    with pytest.raises(TruncatedBodyError) as caught:
        await client.invoke_endpoint(
            with_options(response_target=tmp_path / "response"),
            endpoint_name="echo",
            body=RESPONSE,
        )

    assert {} == files(tmp_path)
    assert (1, True) == (caught.value.attempts, caught.value.may_have_executed)
    assert 1 == len(emulator.requests)


@pytest.mark.parametrize("size", range(1, len(RESPONSE) + 1))
async def test_a_response_may_arrive_in_pieces_of_any_size(
    client: Client, emulator: Emulator, tmp_path: Path, size: int
) -> None:
    emulator.fail_next(SlowDrip(size=size, pause=0.001))

    await client.invoke_endpoint(
        with_options(response_target=tmp_path / "response"),
        endpoint_name="echo",
        body=RESPONSE,
    )

    assert {"response": RESPONSE} == files(tmp_path)


async def test_an_error_response_is_retried_and_the_target_gets_the_next_one(
    client: Client, emulator: Emulator, tmp_path: Path
) -> None:
    chunks = list[bytes]()
    emulator.fail_next(service_unavailable(), html_error())

    await client.invoke_endpoint(
        with_options(response_target=tmp_path / "response"),
        endpoint_name="echo",
        body=RESPONSE,
    )
    emulator.fail_next(service_unavailable())
    await client.invoke_endpoint(
        with_options(response_target=chunks.append), endpoint_name="echo", body=RESPONSE
    )

    assert {"response": RESPONSE} == files(tmp_path)
    assert RESPONSE == b"".join(chunks)


async def test_an_error_response_is_not_written_to_the_target(
    client: Client, tmp_path: Path
) -> None:
    path, chunks = tmp_path / "response", list[bytes]()
    path.write_bytes(b"old")

    for target in (path, chunks.append):
        with pytest.raises(ModelError, match="the model failed"):
            await client.invoke_endpoint(
                with_options(response_target=target),
                endpoint_name="broken",
                body=RESPONSE,
            )

    assert {"response": b"old"} == files(tmp_path)
    assert [] == chunks


async def test_a_missing_folder_is_an_error_before_the_request_is_sent(
    client: Client, emulator: Emulator, tmp_path: Path
) -> None:
    with pytest.raises(ResponseTargetError) as caught:
        await client.invoke_endpoint(
            with_options(response_target=tmp_path / "no" / "response"),
            endpoint_name="echo",
            body=RESPONSE,
        )

    assert (False, False) == (caught.value.request_sent, caught.value.may_have_executed)
    assert ("InvokeEndpoint", 0) == (caught.value.operation, caught.value.attempts)
    assert 0 == len(emulator.requests)


@pytest.mark.parametrize("error", [KeyError("a bug"), OSError("full")])
@pytest.mark.parametrize("name", ["response_target", "on_chunk_received"])
async def test_an_exception_of_a_callback_ends_the_call(
    client: Client, emulator: Emulator, error: Exception, name: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    fields: Any = {name: fail}
    with pytest.raises(type(error)) as caught:
        await client.invoke_endpoint(
            with_options(**fields), endpoint_name="echo", body=LARGE
        )

    assert error is caught.value
    assert 1 == len(emulator.requests)
    await client.invoke_endpoint(endpoint_name="echo", body=RESPONSE)


@pytest.mark.parametrize(
    "name", ["response_target", "on_chunk_received", "on_chunk_sent"]
)
async def test_a_library_error_raised_by_a_callback_does_not_cause_a_retry(
    client: Client, emulator: Emulator, name: str
) -> None:
    def fail(*_: object) -> None:
        raise ServiceUnavailable

    fields: Any = {name: fail}
    with pytest.raises(RuntimeError) as caught:
        await client.invoke_endpoint(
            with_options(**fields), endpoint_name="echo", body=RESPONSE
        )

    assert isinstance(caught.value.__cause__, ServiceUnavailable)
    assert len(emulator.requests) <= 1


async def test_other_operations_refuse_a_response_target(
    client: Client, emulator: Emulator, tmp_path: Path
) -> None:
    option = with_options(response_target=tmp_path / "response")

    with pytest.raises(OptionsError, match="written to S3"):
        await client.invoke_endpoint_async(option, endpoint_name="echo", body=b"")
    with pytest.raises(OptionsError, match="iterate over the stream"):
        await client.invoke_endpoint_with_response_stream(
            option, endpoint_name="tokens", body=b""
        )

    assert 0 == len(emulator.requests)


async def test_a_progress_callback_and_a_target_can_be_combined(
    client: Client, tmp_path: Path
) -> None:
    received = Counting()

    await client.invoke_endpoint(
        with_options(on_chunk_received=received)
        | with_options(response_target=tmp_path / "response"),
        endpoint_name="echo",
        body=LARGE,
    )

    assert (len(LARGE), len(LARGE)) == received.counts[-1]
    assert {"response": LARGE} == files(tmp_path)
