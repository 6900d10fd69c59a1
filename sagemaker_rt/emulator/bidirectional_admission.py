"""Decides what happens to a request for a stream in both directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sagemaker_rt.emulator.authentication import authenticate
from sagemaker_rt.emulator.bidirectional_handler import Accepted, Admission
from sagemaker_rt.emulator.faults import Disconnect, FaultScript
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import Answer, RequestRejected, error_answer
from sagemaker_rt.emulator.stream_faults import StreamFault
from sagemaker_rt.emulator.websocket_models import WebSocketModel
from sagemaker_rt.identity import Credentials
from sagemaker_rt.operations import SIGNING_NAME
from sagemaker_rt.sansio.authorization_header import parse_authorization
from sagemaker_rt.sansio.event_signing import EventVerifier, SignatureChain

__all__ = ["admit"]

_DEFAULT_VARIANT: Final = "AllTraffic"


def admit(  # noqa: PLR0913 - what the emulator has
    received: ReceivedRequest,
    *,
    models: Mapping[str, WebSocketModel],
    credentials: Credentials,
    region: str,
    faults: FaultScript,
    clock: Callable[[], float],
) -> Admission:
    """Return the model of *received*, or the error or the fault in its place."""
    try:
        authenticate(received, credentials=credentials, region=region, now=clock())
    except RequestRejected as rejected:
        return rejected.answer
    fault = faults.take(received.operation, received.endpoint_name)
    if isinstance(fault, (Answer, Disconnect)):
        return fault
    model = models.get(received.endpoint_name or "")
    if model is None:
        message = f"Endpoint {received.endpoint_name} not found."
        return error_answer("InputValidationError", 400, message)
    claim = parse_authorization(received.headers["authorization"])
    chain = SignatureChain(
        credentials, region=region, service=SIGNING_NAME, prior=claim.signature
    )
    return Accepted(
        model=model,
        variant=received.headers.get(
            "x-amzn-sagemaker-target-variant", _DEFAULT_VARIANT
        ),
        verifier=EventVerifier(chain),
        fault=fault if isinstance(fault, StreamFault) else None,
    )
