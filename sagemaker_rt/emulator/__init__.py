"""A local SageMaker Runtime for tests and development.

::

    async def double(request: InvocationRequest) -> bytes:
        return str(2 * int(request.body)).encode()


    async with Emulator(models={"double": double}) as emulator:
        client = Client(
            endpoint_url=emulator.url,
            region=emulator.region,
            credentials=emulator.credentials,
        )

The emulator listens on a loopback address, verifies signatures, and serves all
operations. `emulator.faults` injects faults, and `emulator.objects` is its S3.
"""

from __future__ import annotations

from sagemaker_rt.emulator.chat_model import chat
from sagemaker_rt.emulator.emulator import Emulator
from sagemaker_rt.emulator.endpoints import ColdStart
from sagemaker_rt.emulator.event_stream import Chunking
from sagemaker_rt.emulator.faults import (
    HANG_UP,
    RESET,
    CorruptChecksum,
    CutBody,
    CutStream,
    Disconnect,
    Ending,
    FailStream,
    Fault,
    FaultScript,
    SlowDrip,
    html_error,
    internal_dependency,
    internal_failure,
    null_message,
    redirect,
    service_unavailable,
    throttle,
)
from sagemaker_rt.emulator.models import (
    InvocationRequest,
    Model,
    ModelFailure,
    ModelResponse,
    echo,
    failing,
    json_model,
    slow,
    tokens,
)
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import Answer
from sagemaker_rt.emulator.sessions import Session
from sagemaker_rt.emulator.stream_faults import StreamFault, StreamFaultKind
from sagemaker_rt.emulator.websocket_models import (
    CloseWebSocket,
    Incoming,
    Partial,
    WebSocketModel,
)

__all__ = [
    "HANG_UP",
    "RESET",
    "Answer",
    "Chunking",
    "CloseWebSocket",
    "ColdStart",
    "CorruptChecksum",
    "CutBody",
    "CutStream",
    "Disconnect",
    "Emulator",
    "Ending",
    "FailStream",
    "Fault",
    "FaultScript",
    "Incoming",
    "InvocationRequest",
    "Model",
    "ModelFailure",
    "ModelResponse",
    "Partial",
    "ReceivedRequest",
    "Session",
    "SlowDrip",
    "StreamFault",
    "StreamFaultKind",
    "WebSocketModel",
    "chat",
    "echo",
    "failing",
    "html_error",
    "internal_dependency",
    "internal_failure",
    "json_model",
    "null_message",
    "redirect",
    "service_unavailable",
    "slow",
    "throttle",
    "tokens",
]
