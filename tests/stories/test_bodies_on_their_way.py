"""Answers that go elsewhere, and bodies that are told of, over sockets."""

from __future__ import annotations

import asyncio
import gzip
import io
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt import (
    Client,
    Credentials,
    InternalStreamFailure,
    ModelError,
    OptionsError,
    PayloadPart,
    ResponseStreamHandler,
    ResponseTargetError,
    ServiceUnavailable,
    TruncatedBodyError,
    with_options,
)
from sagemaker_rt.emulator import (
    CutBody,
    Emulator,
    FailStream,
    SlowDrip,
    failing,
    html_error,
    service_unavailable,
)
from sagemaker_rt.errors import SageMakerRuntimeError, SerializationError
from sagemaker_rt.options.fields import OptionFields
from tests.transport.servers import Peer, serve

KEYS: Final = Credentials("AKIDEXAMPLE", "a-secret", "a-token")
ANSWER: Final = b"hello world"
LARGE: Final = bytes(range(256)) * 4096  # 1 MiB
CHUNK: Final = 1 << 16


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models = {"broken": failing()}
    async with Emulator(models=models, credentials=KEYS) as emulator:
        yield emulator


def known(emulator: Emulator) -> OptionFields:
    return {
        "region": emulator.region,
        "endpoint_url": emulator.url,
        "credentials": KEYS,
        "environ": {},
    }


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(**known(emulator)) as client:
        yield client


def files(folder: Path) -> dict[str, bytes]:
    """Return what is in *folder*, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Counting:
    """Notes how many bytes there were, and of how many."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, int | None]] = []

    async def __call__(self, chunk: bytes, so_far: int, total: int | None) -> None:
        await asyncio.sleep(0)
        self.counts.append((so_far, total))


@pytest.mark.parametrize("body", [b"", ANSWER, LARGE], ids=["none", "small", "large"])
async def test_an_answer_goes_into_a_file(
    client: Client, tmp_path: Path, body: bytes
) -> None:
    output = await client.invoke_endpoint(
        with_options(response_target=tmp_path / "answer"),
        endpoint_name="echo",
        body=body,
    )

    assert {"answer": body} == files(tmp_path)
    assert (b"", 200) == (output.body, output.http_status)
    assert output.request_id


async def test_an_answer_goes_to_whatever_takes_it(client: Client) -> None:
    file, chunks = io.BytesIO(), list[bytes]()

    for target in (file, chunks.append):
        await client.invoke_endpoint(
            with_options(response_target=target), endpoint_name="echo", body=LARGE
        )

    assert LARGE == file.getvalue() == b"".join(chunks)
    assert len(chunks) > 1


async def test_an_answer_into_a_file_may_be_larger_than_memory_should_hold(
    client: Client, tmp_path: Path
) -> None:
    await client.invoke_endpoint(
        with_options(response_target=tmp_path / "answer")
        | with_options(max_response_bytes=10),
        endpoint_name="echo",
        body=LARGE,
    )

    assert {"answer": LARGE} == files(tmp_path)


@pytest.mark.parametrize("to_file", [True, False])
async def test_an_answer_is_never_held_whole(tmp_path: Path, to_file: bool) -> None:
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

    target = tmp_path / "answer" if to_file else take
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
    assert count << 20 == (len(files(tmp_path)["answer"]) if to_file else taken)


@pytest.mark.parametrize("after", range(len(ANSWER)))
async def test_an_answer_that_is_cut_leaves_no_file_and_is_not_asked_for_again(
    client: Client, emulator: Emulator, tmp_path: Path, after: int
) -> None:
    emulator.fail_next(CutBody(after=after))

    with pytest.raises(TruncatedBodyError) as caught:
        await client.invoke_endpoint(
            with_options(response_target=tmp_path / "answer"),
            endpoint_name="echo",
            body=ANSWER,
        )

    assert {} == files(tmp_path)
    assert (1, True) == (caught.value.attempts, caught.value.may_have_executed)
    assert 1 == len(emulator.requests)


@pytest.mark.parametrize("size", range(1, len(ANSWER) + 1))
async def test_an_answer_may_come_in_pieces(
    client: Client, emulator: Emulator, tmp_path: Path, size: int
) -> None:
    emulator.fail_next(SlowDrip(size=size, pause=0.001))

    await client.invoke_endpoint(
        with_options(response_target=tmp_path / "answer"),
        endpoint_name="echo",
        body=ANSWER,
    )

    assert {"answer": ANSWER} == files(tmp_path)


async def test_what_fails_before_its_answer_is_asked_for_again(
    client: Client, emulator: Emulator, tmp_path: Path
) -> None:
    chunks = list[bytes]()
    emulator.fail_next(service_unavailable(), html_error())

    await client.invoke_endpoint(
        with_options(response_target=tmp_path / "answer"),
        endpoint_name="echo",
        body=ANSWER,
    )
    emulator.fail_next(service_unavailable())
    await client.invoke_endpoint(
        with_options(response_target=chunks.append), endpoint_name="echo", body=ANSWER
    )

    assert {"answer": ANSWER} == files(tmp_path)
    assert ANSWER == b"".join(chunks)


async def test_an_error_is_an_error_and_goes_nowhere_else(
    client: Client, tmp_path: Path
) -> None:
    path, chunks = tmp_path / "answer", list[bytes]()
    path.write_bytes(b"old")

    for target in (path, chunks.append):
        with pytest.raises(ModelError, match="the model failed"):
            await client.invoke_endpoint(
                with_options(response_target=target),
                endpoint_name="broken",
                body=ANSWER,
            )

    assert {"answer": b"old"} == files(tmp_path)
    assert [] == chunks


async def test_a_folder_that_is_not_there_is_known_before_the_model_runs(
    client: Client, emulator: Emulator, tmp_path: Path
) -> None:
    with pytest.raises(ResponseTargetError) as caught:
        await client.invoke_endpoint(
            with_options(response_target=tmp_path / "no" / "answer"),
            endpoint_name="echo",
            body=ANSWER,
        )

    assert (False, False) == (caught.value.request_sent, caught.value.may_have_executed)
    assert ("InvokeEndpoint", 0) == (caught.value.operation, caught.value.attempts)
    assert 0 == len(emulator.requests)


@pytest.mark.parametrize("error", [KeyError("a bug"), OSError("full")])
@pytest.mark.parametrize("name", ["response_target", "on_chunk_received"])
async def test_what_a_function_raises_amid_an_answer_ends_the_call(
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
    await client.invoke_endpoint(endpoint_name="echo", body=ANSWER)


@pytest.mark.parametrize(
    "name", ["response_target", "on_chunk_received", "on_chunk_sent"]
)
async def test_an_error_of_another_call_does_not_repeat_this_one(
    client: Client, emulator: Emulator, name: str
) -> None:
    def fail(*_: object) -> None:
        raise ServiceUnavailable

    fields: Any = {name: fail}
    with pytest.raises(RuntimeError) as caught:
        await client.invoke_endpoint(
            with_options(**fields), endpoint_name="echo", body=ANSWER
        )

    assert isinstance(caught.value.__cause__, ServiceUnavailable)
    assert len(emulator.requests) <= 1


async def test_a_target_is_not_for_other_operations(
    client: Client, emulator: Emulator, tmp_path: Path
) -> None:
    option = with_options(response_target=tmp_path / "answer")

    with pytest.raises(OptionsError, match="written to S3"):
        await client.invoke_endpoint_async(option, endpoint_name="echo", body=b"")
    with pytest.raises(OptionsError, match="iterate over the stream"):
        await client.invoke_endpoint_with_response_stream(
            option, endpoint_name="tokens", body=b""
        )

    assert 0 == len(emulator.requests)


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, len(LARGE)])
@pytest.mark.parametrize("kind", [bytes, io.BytesIO])
async def test_bodies_are_told_of_both_ways(
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


async def test_a_client_tells_of_all_its_calls(emulator: Emulator) -> None:
    sent, received = Counting(), Counting()

    options = known(emulator)
    options["on_chunk_sent"] = sent
    options["on_chunk_received"] = received
    async with Client(**options) as client:
        await client.invoke_endpoint(endpoint_name="echo", body=b"abc")
        await client.invoke_endpoint_async(endpoint_name="echo", body=b"abcd")

    assert [(3, 3), (4, 4)] == sent.counts
    assert (3, 3) == received.counts[0]
    assert 2 == len(received.counts)


async def test_each_attempt_is_told_of_from_its_start(
    client: Client, emulator: Emulator
) -> None:
    sent, received = Counting(), Counting()
    emulator.fail_next(service_unavailable())

    await client.invoke_endpoint(
        with_options(on_chunk_sent=sent) | with_options(on_chunk_received=received),
        endpoint_name="echo",
        body=ANSWER,
    )

    whole = (len(ANSWER), len(ANSWER))
    assert [whole, whole] == sent.counts
    assert [whole] == received.counts


async def test_what_the_function_raises_ends_an_upload(
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


async def test_the_chunks_of_a_stream_are_told_of_with_their_frames(
    client: Client,
) -> None:
    received = Counting()

    async with client.invoke_endpoint_with_response_stream(
        with_options(on_chunk_received=received), endpoint_name="tokens", body=b"a b c"
    ) as stream:
        parts = [chunk async for chunk in stream.parts()]

    assert [b"a ", b"b ", b"c"] == parts
    assert {None} == {total for _, total in received.counts}
    assert stream.bytes_read == received.counts[-1][0]


async def test_progress_and_a_target_go_together(
    client: Client, tmp_path: Path
) -> None:
    received = Counting()

    await client.invoke_endpoint(
        with_options(on_chunk_received=received)
        | with_options(response_target=tmp_path / "answer"),
        endpoint_name="echo",
        body=LARGE,
    )

    assert (len(LARGE), len(LARGE)) == received.counts[-1]
    assert {"answer": LARGE} == files(tmp_path)


@pytest.mark.parametrize("size", [10_240, len(LARGE)])
async def test_a_body_is_compressed_and_signed_so(
    client: Client, emulator: Emulator, size: int
) -> None:
    sent, body = Counting(), LARGE[:size]

    await client.invoke_endpoint(
        with_options(request_compression="gzip") | with_options(on_chunk_sent=sent),
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
    compressed = client.with_options(with_options(request_compression="gzip"))

    await compressed.invoke_endpoint(endpoint_name="echo", body=LARGE[:10_239])
    await compressed.invoke_endpoint(endpoint_name="echo", body=io.BytesIO(LARGE))
    await client.invoke_endpoint(
        with_options(min_compression_bytes=0), endpoint_name="echo", body=LARGE
    )

    seen = [("content-encoding" in r.headers, r.body_length) for r in emulator.requests]
    assert [(False, 10_239), (False, len(LARGE)), (False, len(LARGE))] == seen


async def test_functions_are_given_before_a_stream_is_asked_for(
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


async def test_functions_are_given_once_a_stream_has_begun(client: Client) -> None:
    handler, events = ResponseStreamHandler(), list[object]()
    handler.on_event(events.append)

    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"a b"
    ) as stream:
        first = await anext(stream)
        await stream.handle(handler)

    assert (PayloadPart(b"a "), [PayloadPart(b"b")]) == (first, events)


async def test_events_are_kept_for_afterwards_by_a_list(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"a b"
    ) as stream:
        events = [event async for event in stream]

    assert [PayloadPart(b"a "), PayloadPart(b"b")] == events


async def test_a_call_that_fails_before_its_stream_tells_no_function(
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


async def test_a_file_that_two_calls_want_at_once_is_sent_whole_by_one(
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
    assert all("open it once a call" in str(error) for error in refused)
