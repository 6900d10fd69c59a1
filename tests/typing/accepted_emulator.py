"""The emulator: endpoints, faults and recorded requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, MutableMapping
from typing import assert_type

from sagemaker_rt import Client, Credentials
from sagemaker_rt.emulator import (
    HANG_UP,
    RESET,
    Answer,
    Chunking,
    ColdStart,
    CorruptChecksum,
    CutBody,
    CutStream,
    Disconnect,
    Emulator,
    Ending,
    FailStream,
    Fault,
    FaultScript,
    InvocationRequest,
    Model,
    ModelFailure,
    ModelResponse,
    ReceivedRequest,
    Session,
    SlowDrip,
    chat,
    echo,
    failing,
    html_error,
    internal_dependency,
    internal_failure,
    json_model,
    null_message,
    redirect,
    service_unavailable,
    slow,
    throttle,
    tokens,
)


async def double(request: InvocationRequest) -> bytes:
    """A model that returns bytes."""
    return str(2 * int(request.body)).encode()


async def respond_in_full(request: InvocationRequest) -> ModelResponse:
    """A model that returns a full response, or fails."""
    if not request.body:
        raise ModelFailure(400, "there is nothing", error_code="Empty")
    return ModelResponse(request.body, content_type=request.accept)


async def stream_letters(request: InvocationRequest) -> AsyncIterator[bytes]:
    """A model that streams."""
    for byte in request.body:
        await asyncio.sleep(0)
        yield bytes([byte])


async def counting(request: InvocationRequest) -> bytes:
    """A model with sessions."""
    session = request.session
    if session is None:
        return b"0"
    count = len(session.data)
    session.data[str(count)] = request.body
    if count > 2:
        session.close()
    return session.id.encode()


MODELS: dict[str, Model] = {
    "double": double,
    "described": respond_in_full,
    "spelled": stream_letters,
    "counting": counting,
    "echo-2": echo,
    "json-2": json_model,
    "slow-2": slow(0.1),
    "tokens-2": tokens(pause=0.01),
    "chat-2": chat(str.upper, pause=0.01, framing="json"),
    "failing-2": failing(503, "busy"),
}
FAULTS: list[Fault] = [
    RESET,
    HANG_UP,
    Disconnect(Ending.RESET),
    throttle(retry_after=250),
    redirect("https://example.com", status=308),
    html_error(502),
    null_message(),
    internal_failure(),
    internal_dependency(),
    service_unavailable(),
    Answer(418, b"a teapot", headers={"x-tea": "yes"}),
    CutBody(after=10),
    CutStream(frames=2, extra=0, ending=Ending.HANG_UP),
    CorruptChecksum(frame=1, in_prelude=True),
    FailStream(after=2, exception="ModelStreamError", message="it failed"),
    SlowDrip(size=1, pause=0.01),
]


async def run_emulator() -> bytes:
    """Run the emulator, and call it."""
    emulator = Emulator(
        region="eu-west-1",
        credentials=Credentials("AKIDEXAMPLE", "a-secret"),
        models=MODELS,
        clock=time.time,
        chunking=Chunking(part_bytes=16, write_bytes=3),
        output_path="s3://bucket/out",
        max_running_jobs=1,
        session_lifetime=60,
        record_limit=10,
    )
    async with emulator:
        emulator.deploy("m", echo, cold_start=ColdStart(requests=2, duration=0.5))
        emulator.deploy("parts", inference_components={"a": echo}, variants=["v"])
        emulator.fail_next(*FAULTS)
        async with Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
        ) as client:
            output = await client.invoke_endpoint(endpoint_name="m", body=b"")
        await emulator.finish_jobs()
        use_objects(emulator.objects)
        return output.body


def use_objects(objects: MutableMapping[str, bytes]) -> None:
    """Read and write the objects in its S3."""
    objects["s3://bucket/in"] = b"in"
    assert_type(objects["s3://bucket/out"], bytes)


def script_faults(faults: FaultScript) -> Fault | None:
    """Script the faults of the emulator."""
    faults.add(throttle(), times=3, operation="InvokeEndpoint", endpoint_name="m")
    faults.add(FAULTS[0], times=None)
    taken = faults.take("InvokeEndpoint", "m")
    faults.clear()
    return taken


def read_requests(emulator: Emulator) -> list[int | None]:
    """Read the recorded requests."""
    latest: ReceivedRequest = emulator.requests[-1]
    assert_type(latest.headers["content-type"], str)
    assert_type(latest.body, bytes)
    assert_type(emulator.s3_url, str)
    return [request.attempt for request in emulator.requests]


def read_session(session: Session) -> str:
    """Read a session."""
    assert_type(session.expires_at, float)
    return session.announcement
