"""Stubs and models that checkers reject."""

from __future__ import annotations

from sagemaker_rt import Client, InvokeEndpointAsyncOutput, PayloadPart
from sagemaker_rt.emulator import (
    Chunking,
    ColdStart,
    CutBody,
    Disconnect,
    Emulator,
    Ending,
    Fault,
    InvocationRequest,
    Model,
    ModelResponse,
    throttle,
)
from sagemaker_rt.testing import (
    HTTPStub,
    StreamEvent,
    StubAnswer,
    StubRequest,
    Stubs,
    fake_event_stream,
    stub_data,
    with_stubs,
)


def return_number(request: StubRequest) -> int:
    """Return an integer."""
    return len(request.operation)


def without_parameter() -> dict[str, object]:
    """A function without a parameter."""
    return {}


ANSWER: StubAnswer = 42  # error
EVENT: StreamEvent = "part"  # error


def wrong_stubs(stubs: Stubs) -> None:
    """Add wrong stubs."""
    Stubs({"InvokeEndpoint": 42})  # error
    Stubs({"InvokeEndpoint": return_number})  # error
    Stubs({"InvokeEndpoint": without_parameter})  # error
    Stubs([{"body": b""}])  # error
    Stubs(InvokeEndpoint={"body": b""})  # error
    stubs.add("InvokeEndpoint", 42)  # error
    stubs.add("InvokeEndpoint", without_parameter)  # error
    stubs.add({"body": b""})  # error
    stubs.requests[0].params.body.upper()  # error
    stubs.requests[0].headers  # error
    HTTPStub("200")  # error
    HTTPStub(200, body=[200])  # error
    HTTPStub(200, b"body")  # error
    with_stubs({"InvokeEndpoint": {"body": b""}})  # error
    with_stubs(Client())  # error


def wrong_outputs() -> InvokeEndpointAsyncOutput:
    """Create outputs with wrong members, and misuse them."""
    stub_data("InvokeEndpont")  # error
    stub_data(body=b"")  # error
    return stub_data("InvokeEndpoint")  # error


def wrong_streams() -> None:
    """Create streams with wrong events."""
    fake_event_stream([PayloadPart(b""), "part"])  # error
    fake_event_stream(PayloadPart(b""))  # error
    fake_event_stream([b""], chunk_size="1")  # error
    fake_event_stream([b""], error="ModelStreamError")  # error


def not_async(request: InvocationRequest) -> bytes:
    """A model that is not async."""
    return request.body


async def return_text(request: InvocationRequest) -> str:
    """A model that returns text."""
    return request.body.decode()


MODEL: Model = not_async  # error
FAULT: Fault = Ending.RESET  # error


def wrong_emulator(emulator: Emulator) -> None:
    """Use the emulator with wrong arguments."""
    Emulator(models={"m": not_async})  # error
    Emulator(models={"m": return_text})  # error
    Emulator("127.0.0.1")  # error
    Emulator(credentials=("AKIDEXAMPLE", "a-secret"))  # error
    Emulator(chunking=16)  # error
    emulator.deploy("m", b"answer")  # error
    emulator.deploy("m", cold_start="slow")  # error
    emulator.fail_next("throttle")  # error
    emulator.fail_next(throttle)  # error
    emulator.faults.add(throttle(retry_after="250"))  # error
    emulator.faults.add(Ending.RESET)  # error
    emulator.objects["s3://bucket/in"] = "text"  # error
    emulator.requests[0].path = "/"  # error
    Disconnect("reset")  # error
    CutBody(10)  # error
    Chunking(16)  # error
    ColdStart(2)  # error
    ModelResponse("text")  # error
    ModelResponse(b"", "text/plain")  # error
