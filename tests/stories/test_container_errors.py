"""Why a model container failed, and retries for the reasons that pass."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt import (
    Client,
    Credentials,
    ModelError,
    ModelErrorReason,
    ModelStreamError,
    OptionsError,
    ServiceError,
    with_options,
)
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure, failing

KEYS = Credentials("AKIDEXAMPLE", "the-secret-key")

CONTAINERS: dict[str, tuple[int, str, ModelErrorReason | None]] = {
    "vllm": (
        400,
        json.dumps(
            {
                "error": {
                    "message": "This model's maximum context length is 8192 tokens.",
                    "type": "BadRequestError",
                }
            }
        ),
        "context-length-exceeded",
    ),
    "huggingface": (
        400,
        json.dumps({"code": 400, "message": "CUDA out of memory. Tried to allocate"}),
        "out-of-memory",
    ),
    "own": (400, '{"error": "field \'memory\' is missing"}', "bad-payload"),
    "broken": (500, "list index out of range", None),
}


class Loading:
    """A model that answers after it was called a number of times."""

    def __init__(self, failures: int) -> None:
        self.calls = 0
        self._failures = failures

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.calls += 1
        if self.calls <= self._failures:
            raise ModelFailure(503, '{"error": "Model fish is currently loading"}')
        return b"ready"


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models = {name: failing(*answer[:2]) for name, answer in CONTAINERS.items()}
    async with Emulator(models=models, credentials=KEYS) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=KEYS,
        environ={},
        custom_backoff=lambda retry, error: 0.0,
    ) as client:
        yield client


@pytest.mark.parametrize("name", CONTAINERS)
async def test_a_model_error_says_why_the_container_failed(
    client: Client, name: str
) -> None:
    _, message, reason = CONTAINERS[name]

    with pytest.raises(ModelError) as caught:
        await client.invoke_endpoint(endpoint_name=name, body=b"x")

    assert reason == caught.value.reason
    assert message == caught.value.original_message


async def test_a_model_error_links_to_the_log(
    client: Client, emulator: Emulator
) -> None:
    with pytest.raises(ModelError) as caught:
        await client.invoke_endpoint(endpoint_name="broken", body=b"x")

    error = caught.value
    assert error.log_group is not None
    assert error.log_group.startswith("/aws/sagemaker/Endpoints/")
    assert error.log_url is not None
    assert f"https://{emulator.region}.console" in error.log_url


async def test_a_stream_that_fails_has_a_reason(
    client: Client, emulator: Emulator
) -> None:
    async def dies(request: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"first"
        raise ModelFailure(500, "Worker died.")

    emulator.deploy("dies", dies)

    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="dies", body=b"x"
    ) as stream:
        with pytest.raises(ModelStreamError) as caught:
            await stream.read_text()

    assert "worker-died" == caught.value.reason


async def test_a_model_that_is_loading_is_called_once_by_default(
    client: Client, emulator: Emulator
) -> None:
    model = Loading(failures=1)
    emulator.deploy("loading", model)

    with pytest.raises(ModelError) as caught:
        await client.invoke_endpoint(endpoint_name="loading", body=b"x")

    assert ("model-loading", 1) == (caught.value.reason, model.calls)


async def test_a_model_that_is_loading_is_retried_if_the_caller_opts_in(
    client: Client, emulator: Emulator
) -> None:
    emulator.deploy("loading", Loading(failures=2))

    output = await client.invoke_endpoint(
        with_options(retry_model_errors={"model-loading"}),
        endpoint_name="loading",
        body=b"x",
    )

    assert b"ready" == output.body
    assert 3 == len(output.metadata.attempts)


async def test_other_reasons_are_not_retried(client: Client) -> None:
    passing = client.with_options(retry_model_errors={"model-loading", "overloaded"})

    with pytest.raises(ServiceError) as caught:
        await passing.invoke_endpoint(endpoint_name="huggingface", body=b"x")

    assert caught.value.attempts == 1


def test_a_reason_that_does_not_pass_cannot_be_retried() -> None:
    with pytest.raises(OptionsError, match="retry_model_errors"):
        Client(retry_model_errors=["out-of-memory"])  # type: ignore[list-item] # the test is about it
