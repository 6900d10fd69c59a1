"""Datagrams of client-side monitoring: what an agent is told of attempts and calls.

They are those of the AWS SDKs, version 1, but for the session token, which is never
told: an agent knows a caller by its access key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from sagemaker_rt.errors import ServiceError

__all__ = [
    "Monitored",
    "MonitoredAttempt",
    "MonitoredCall",
    "attempt_datagram",
    "call_datagram",
]

_MAX_DATAGRAM: Final = 8 * 1024
_MAX_NAME: Final = 128
_MAX_USER_AGENT: Final = 256
_MAX_MESSAGE: Final = 512
_IDS: Final = {
    "x-amzn-requestid": "XAmznRequestId",
    "x-amz-request-id": "XAmzRequestId",
    "x-amz-id-2": "XAmzId2",
}
_SIGNER: Final = re.compile(r"AWS4-HMAC-SHA256 Credential=(\w+)/\d+/([a-z0-9-]+)/")


@frozen
class Monitored:
    """Of whom, and of what, a datagram tells."""

    client_id: str
    """What the application calls itself; may be empty."""
    service: str
    """The service's id: ``SageMaker Runtime``."""
    region: str | None
    """What calls are signed for; None if they are not signed."""


@frozen(kw_only=True)
class MonitoredAttempt:
    """What is known of one attempt."""

    began: float
    """Seconds since the epoch."""
    took: float
    """Seconds."""
    host: str | None
    """The Host header of the request; None if it had no endpoint."""
    request: Mapping[str, str]
    """The headers of the signed request, in lower case."""
    status: int | None
    """That of the response, if there was one."""
    response: Mapping[str, str]
    """The headers of the response, in lower case."""
    error: BaseException | None
    """What the attempt failed with."""


@frozen(kw_only=True)
class MonitoredCall:
    """What is known of a whole call."""

    began: float
    """Seconds since the epoch."""
    took: float
    """Seconds."""
    attempts: int
    """How many there were."""
    user_agent: str
    status: int | None
    """That of the last response, if there was one."""
    error: BaseException | None
    """What the call failed with."""
    is_exhausted: bool
    """Whether it failed since no more attempts were allowed."""


def attempt_datagram(
    of: Monitored, operation: str, attempt: MonitoredAttempt
) -> bytes | None:
    """Return what is told of *attempt*; None if it is too much for a datagram."""
    event = _event(of, operation, "ApiCallAttempt", attempt.began)
    event["AttemptLatency"] = int(attempt.took * 1000)
    if attempt.host is not None:
        event["Fqdn"] = attempt.host
    event["UserAgent"] = attempt.request.get("user-agent", "")[:_MAX_USER_AGENT]
    if signer := _SIGNER.match(attempt.request.get("authorization", "")):
        event["AccessKey"], event["Region"] = signer.groups()
    if attempt.status is not None:
        event["HttpStatusCode"] = attempt.status
    event |= {
        key: attempt.response[name]
        for name, key in _IDS.items()
        if name in attempt.response
    }
    return _datagram(event | _failure(attempt.error, prefix=""))


def call_datagram(of: Monitored, operation: str, call: MonitoredCall) -> bytes | None:
    """Return what is told of *call*; None if it is too much for a datagram."""
    event = _event(of, operation, "ApiCall", call.began)
    event["Latency"] = int(call.took * 1000)
    event["AttemptCount"] = call.attempts
    event["MaxRetriesExceeded"] = int(call.is_exhausted)
    if call.attempts:
        event["UserAgent"] = call.user_agent[:_MAX_USER_AGENT]
        if of.region is not None:
            event["Region"] = of.region
        if call.status is not None:
            event["FinalHttpStatusCode"] = call.status
    return _datagram(event | _failure(call.error, prefix="Final"))


def _event(
    of: Monitored, operation: str, kind: str, began: float
) -> dict[str, str | int]:
    return {
        "Version": 1,
        "ClientId": of.client_id,
        "Type": kind,
        "Service": of.service,
        "Api": operation,
        "Timestamp": int(began * 1000),
    }


def _failure(error: BaseException | None, *, prefix: str) -> dict[str, str | int]:
    """Return who failed, and how: the service, or what is on this side of it."""
    if error is None:
        return {}
    if isinstance(error, ServiceError):
        whose, name, text = "Aws", error.code, error.message
    else:
        whose, name, text = "Sdk", type(error).__name__, str(error)
    return {
        f"{prefix}{whose}Exception": name[:_MAX_NAME],
        f"{prefix}{whose}ExceptionMessage": text[:_MAX_MESSAGE],
    }


def _datagram(event: Mapping[str, str | int]) -> bytes | None:
    datagram = json.dumps(event, separators=(",", ":")).encode()
    return datagram if len(datagram) <= _MAX_DATAGRAM else None
