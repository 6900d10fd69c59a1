"""Datagrams of client-side monitoring: reports of attempts and calls to an agent.

The format is version 1 of the AWS SDKs, without the session token: an agent identifies
a caller by its access key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from sagemaker_rt.errors import ServiceError

__all__ = [
    "MonitoredAttempt",
    "MonitoredCall",
    "MonitoredClient",
    "attempt_datagram",
    "call_datagram",
]

# botocore: monitoring.py, the limits of SocketPublisher and CSMSerializer
_MAX_DATAGRAM: Final = 8 * 1024
_MAX_NAME: Final = 128
_MAX_USER_AGENT: Final = 256
_MAX_MESSAGE: Final = 512
_REQUEST_IDS: Final = {
    "x-amzn-requestid": "XAmznRequestId",
    "x-amz-request-id": "XAmzRequestId",
    "x-amz-id-2": "XAmzId2",
}
_CREDENTIAL: Final = re.compile(r"AWS4-HMAC-SHA256 Credential=(\w+)/\d+/([a-z0-9-]+)/")


@frozen
class MonitoredClient:
    """Facts that all datagrams of a client contain."""

    client_id: str
    """The name that the application gave itself; may be empty."""
    service: str
    """The id of the service: ``SageMaker Runtime``."""
    region: str | None
    """The signing region; None if calls are not signed."""


@frozen(kw_only=True)
class MonitoredAttempt:
    """Facts about one attempt."""

    started_at: float
    """Seconds since the epoch."""
    duration: float
    """Seconds."""
    host: str | None
    """The Host header of the request; None if the endpoint was not resolved."""
    request_headers: Mapping[str, str]
    """The headers of the signed request, in lower case."""
    status: int | None
    """The status of the response; None without a response."""
    response_headers: Mapping[str, str]
    """The headers of the response, in lower case."""
    error: BaseException | None
    """The error of a failed attempt."""


@frozen(kw_only=True)
class MonitoredCall:
    """Facts about a whole call."""

    started_at: float
    """Seconds since the epoch."""
    duration: float
    """Seconds."""
    attempts: int
    """The number of attempts; 0 if the call failed before the first one."""
    user_agent: str
    status: int | None
    """The status of the last response; None without a response."""
    error: BaseException | None
    """The error of a failed call."""
    is_exhausted: bool
    """Whether the call failed at its last allowed attempt."""


def attempt_datagram(
    client: MonitoredClient, operation: str, attempt: MonitoredAttempt
) -> bytes | None:
    """Return the datagram for *attempt*; None if it would exceed 8 KiB."""
    event = _event(client, operation, "ApiCallAttempt", attempt.started_at)
    event["AttemptLatency"] = int(attempt.duration * 1000)
    if attempt.host is not None:
        event["Fqdn"] = attempt.host
    user_agent = attempt.request_headers.get("user-agent", "")
    event["UserAgent"] = user_agent[:_MAX_USER_AGENT]
    # The key and region of the signature: credentials may change between attempts.
    authorization = attempt.request_headers.get("authorization", "")
    if credential := _CREDENTIAL.match(authorization):
        event["AccessKey"], event["Region"] = credential.groups()
    if attempt.status is not None:
        event["HttpStatusCode"] = attempt.status
    event |= {
        key: attempt.response_headers[name]
        for name, key in _REQUEST_IDS.items()
        if name in attempt.response_headers
    }
    return _datagram(event | _exception(attempt.error, prefix=""))


def call_datagram(
    client: MonitoredClient, operation: str, call: MonitoredCall
) -> bytes | None:
    """Return the datagram for *call*; None if it would exceed 8 KiB."""
    event = _event(client, operation, "ApiCall", call.started_at)
    event["Latency"] = int(call.duration * 1000)
    event["AttemptCount"] = call.attempts
    event["MaxRetriesExceeded"] = int(call.is_exhausted)
    # A call that failed before its first attempt made no request to describe.
    if call.attempts:
        event["UserAgent"] = call.user_agent[:_MAX_USER_AGENT]
        if client.region is not None:
            event["Region"] = client.region
        if call.status is not None:
            event["FinalHttpStatusCode"] = call.status
    return _datagram(event | _exception(call.error, prefix="Final"))


def _event(
    client: MonitoredClient, operation: str, type: str, started_at: float
) -> dict[str, str | int]:
    return {
        "Version": 1,
        "ClientId": client.client_id,
        "Type": type,
        "Service": client.service,
        "Api": operation,
        "Timestamp": int(started_at * 1000),
    }


def _exception(error: BaseException | None, *, prefix: str) -> dict[str, str | int]:
    """Return the members for *error*: ``Aws…`` for the service's, else ``Sdk…``."""
    if error is None:
        return {}
    if isinstance(error, ServiceError):
        origin, name, text = "Aws", error.code, error.message
    else:
        origin, name, text = "Sdk", type(error).__name__, str(error)
    return {
        f"{prefix}{origin}Exception": name[:_MAX_NAME],
        f"{prefix}{origin}ExceptionMessage": text[:_MAX_MESSAGE],
    }


def _datagram(event: Mapping[str, str | int]) -> bytes | None:
    datagram = json.dumps(event, separators=(",", ":")).encode()
    return datagram if len(datagram) <= _MAX_DATAGRAM else None
