"""Values in and values out, over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from sagemaker_rt import (
    Client,
    Credentials,
    CSVCodec,
    IncompleteOutputError,
    InvalidJSONError,
    ModelError,
    OutputDecodingError,
    TruncatedBodyError,
    with_options,
)
from sagemaker_rt.emulator import (
    Emulator,
    InvocationRequest,
    Model,
    ModelResponse,
)
from tests.transport.servers import Peer, reply, serve


async def classifier(request: InvocationRequest) -> ModelResponse:
    """Return a score for each row of a table."""
    assert ("text/csv",) * 2 == (request.content_type, request.accept)
    rows = request.body.decode().splitlines()
    scores = "".join(f"{len(row) / 10}\n" for row in rows)
    return ModelResponse(scores.encode(), content_type="text/csv; charset=utf-8")


async def image_model(request: InvocationRequest) -> ModelResponse:
    facts = f'{{"type": "{request.content_type}", "bytes": {len(request.body)}}}'
    return ModelResponse(facts.encode(), content_type="application/json")


async def multi_model(request: InvocationRequest) -> ModelResponse:
    assert request.target_model is not None
    return ModelResponse(request.target_model.encode(), content_type="text/plain")


def answering(body: bytes, content_type: str) -> Model:
    async def model(_: InvocationRequest) -> ModelResponse:
        return ModelResponse(body, content_type=content_type)

    return model


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models = {
        "classifier": classifier,
        "image": image_model,
        "multi": multi_model,
        "broken-json": answering(b'{"a": ', "application/json"),
        "broken-lines": answering(b'{"a": 1}\n{"a', "application/jsonlines"),
        "broken-array": answering(b"\x93NUMPY\x01\x00", "application/x-npy"),
    }
    async with Emulator(models=models) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
    ) as client:
        yield client


async def test_a_table_becomes_a_column_of_scores(client: Client) -> None:
    table = np.array([[1, 2], [30, 40]])

    scores = await client.predict("classifier", table, codec="csv")

    assert [[0.3], [0.5]] == scores


async def test_an_array_comes_back_as_an_array(client: Client) -> None:
    array = np.arange(6.0).reshape(2, 3)

    np.testing.assert_array_equal(array, await client.predict("echo", array))


async def test_an_image_is_described_by_json(client: Client) -> None:
    value = await client.predict("image", b"\x89PNG", content_type="image/png")

    assert {"type": "image/png", "bytes": 4} == value


async def test_members_reach_the_model_and_options_the_call(client: Client) -> None:
    value = await client.predict(
        "multi", {}, with_options(max_attempts=1), target_model="a.tar.gz"
    )

    assert "a.tar.gz" == value


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [
        ("broken-json", InvalidJSONError),
        ("broken-lines", IncompleteOutputError),
        ("broken-array", OutputDecodingError),
    ],
)
async def test_a_broken_response_is_an_error_with_the_output(
    client: Client, endpoint: str, kind: type[OutputDecodingError]
) -> None:
    with pytest.raises(kind) as caught:
        await client.predict(endpoint, {})

    error = caught.value
    assert error.output.body
    assert error.request_id is not None
    assert (200, True) == (error.http_status, error.may_have_executed)


async def test_an_error_of_the_model_is_not_decoded(client: Client) -> None:
    with pytest.raises(ModelError):
        await client.predict("failing", {})


async def test_a_cancelled_prediction_leaves_nothing_behind(
    client: Client, emulator: Emulator
) -> None:
    started = asyncio.Event()

    async def stuck(_: InvocationRequest) -> bytes:
        started.set()
        await asyncio.Event().wait()
        return b""

    emulator.deploy("stuck", stuck)
    task = asyncio.create_task(client.predict("stuck", {"a": 1}))
    await started.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert {"a": 2} == await client.predict("echo", {"a": 2})


async def predicted(answer: bytes) -> object:
    """Return the value of a table for a server that sends *answer*, and closes."""

    async def respond(peer: Peer) -> None:
        await peer.end(answer)

    async with (
        serve(respond) as server,
        Client(
            region="us-east-1",
            endpoint_url=f"http://127.0.0.1:{server.port}",
            credentials=Credentials("AKID", "a-secret"),
            environ={},
        ) as client,
    ):
        return await client.predict("m", [[1, 2]], codec=CSVCodec())


async def test_a_response_without_content_is_none() -> None:
    assert None is await predicted(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert [] == await predicted(reply(b"", "Content-Type: text/csv"))


async def test_a_truncated_response_is_not_decoded() -> None:
    whole = reply(b"1,2\n3,4\n", "Content-Type: text/csv")

    with pytest.raises(TruncatedBodyError):
        await predicted(whole[:-4])
