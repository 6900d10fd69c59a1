"""What botocore's monitor and ours tell the same agent of the same calls."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any, Final, TypeAlias

import botocore.config
import botocore.session
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.monitoring import (
    CSMSerializer,
    Monitor,
    MonitorEventAdapter,
    SocketPublisher,
)

from sagemaker_rt import Client, Credentials, SageMakerRuntimeError
from sagemaker_rt.emulator import Emulator, failing, service_unavailable, throttle
from sagemaker_rt.emulator.faults import Fault

Event: TypeAlias = dict[str, Any]

CREDENTIALS: Final = Credentials("AKIDEXAMPLE", "the-secret-key", "the-session-token")
MAX_ATTEMPTS: Final = 2

OWN: Final = {
    "Timestamp": "when it was",
    "Latency": "how long it took",
    "AttemptLatency": "the same",
    "UserAgent": "who asks",
    "XAmznRequestId": "of each request",
    "SdkException": "everybody's own name of what went wrong on this side",
    "SdkExceptionMessage": "the same",
    "FinalSdkException": "the same",
    "FinalSdkExceptionMessage": "the same",
}
"""What both tell, and each in its own words."""


@pytest.fixture
def agent() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as agent:
        agent.bind(("127.0.0.1", 0))
        agent.setblocking(False)
        yield agent


def told(agent: socket.socket) -> list[Event]:
    """Return all that has come."""
    found: list[Event] = []
    with suppress(BlockingIOError):
        while True:
            found.append(json.loads(agent.recv(65536)))
    return found


def by_botocore(url: str, port: int, endpoint_name: str) -> None:
    """Call by botocore, whatever comes of it; blocks."""
    session = botocore.session.Session()
    session.set_credentials(
        CREDENTIALS.access_key_id,
        CREDENTIALS.secret_access_key,
        CREDENTIALS.session_token,
    )
    client = session.create_client(
        "sagemaker-runtime",
        region_name="us-east-1",
        endpoint_url=url,
        config=botocore.config.Config(
            retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS}
        ),
    )
    with (  # as botocore's session makes it, but that one leaves its socket open
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender,
        closing(client),
        suppress(ClientError, BotoCoreError),
    ):
        serializer = CSMSerializer(csm_client_id="my-app")
        publisher = SocketPublisher(sender, "127.0.0.1", port, serializer)
        Monitor(MonitorEventAdapter(), publisher).register(client.meta.events)
        client.invoke_endpoint(EndpointName=endpoint_name, Body=b"x")


async def by_us(url: str, port: int, endpoint_name: str) -> None:
    """Make the same call."""
    async with Client(
        region="us-east-1",
        endpoint_url=url,
        credentials=CREDENTIALS,
        environ={},
        max_attempts=MAX_ATTEMPTS,
        client_side_monitoring=True,
        client_side_monitoring_port=port,
        client_side_monitoring_client_id="my-app",
    ) as client:
        with suppress(SageMakerRuntimeError):
            await client.invoke_endpoint(endpoint_name=endpoint_name, body=b"x")


def compared(theirs: list[Event], ours: list[Event]) -> None:
    """Hold what we tell against what they tell, event by event and field by field."""
    assert [event["Type"] for event in theirs] == [event["Type"] for event in ours]
    for their, our in zip(theirs, ours, strict=True):
        token = their.pop("SessionToken", None)  # which nobody but its owner should see
        assert token == ("the-session-token" if "AccessKey" in their else None)
        assert their.keys() == our.keys()
        for name, value in their.items():
            assert (name, type(value)) == (name, type(our[name]))
            if name not in OWN:
                assert (name, value) == (name, our[name])
        assert abs(their["Timestamp"] - our["Timestamp"]) < 60_000


@pytest.mark.parametrize(
    ("endpoint_name", "faults", "count"),
    [
        ("echo", (), 2),
        ("broken", (), 2),
        ("unknown", (), 2),
        ("echo", (throttle,), 3),
        ("echo", (service_unavailable, service_unavailable), 3),
    ],
    ids=[
        "a success",
        "an error of the model",
        "a refused request",
        "a retry",
        "attempts that are used up",
    ],
)
async def test_an_agent_is_told_the_same(
    agent: socket.socket,
    endpoint_name: str,
    faults: tuple[Callable[[], Fault], ...],
    count: int,
) -> None:
    port = agent.getsockname()[1]
    models = {"broken": failing(500, "the model failed")}
    async with Emulator(models=models, credentials=CREDENTIALS) as emulator:
        emulator.fail_next(*(fault() for fault in faults))
        await asyncio.to_thread(by_botocore, emulator.url, port, endpoint_name)
        theirs = told(agent)

        emulator.fail_next(*(fault() for fault in faults))
        await by_us(emulator.url, port, endpoint_name)
        ours = told(agent)

    assert count == len(theirs)
    if faults and count == len(faults) + 2:
        # botocore's says it of each call that came to its last attempt
        assert 1 == theirs[-1].pop("MaxRetriesExceeded")
        assert 0 == ours[-1].pop("MaxRetriesExceeded")
    compared(theirs, ours)


async def test_an_agent_is_told_the_same_where_nobody_answers(
    agent: socket.socket,
) -> None:
    port = agent.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"

    await asyncio.to_thread(by_botocore, url, port, "echo")
    theirs = told(agent)
    await by_us(url, port, "echo")
    ours = told(agent)

    assert ["ApiCallAttempt", "ApiCallAttempt", "ApiCall"] == [
        event["Type"] for event in theirs
    ]
    compared(theirs, ours)
    assert "ConnectError" == ours[-1]["FinalSdkException"]
