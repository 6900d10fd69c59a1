"""Datagrams of client-side monitoring, compared with those of botocore."""

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

DIFFERENT_VALUES: Final = frozenset(
    {
        "Timestamp",
        "Latency",
        "AttemptLatency",
        "UserAgent",
        "XAmznRequestId",
        "SdkException",
        "SdkExceptionMessage",
        "FinalSdkException",
        "FinalSdkExceptionMessage",
    }
)
"""Fields that both send, with different values."""


@pytest.fixture
def agent() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as agent:
        agent.bind(("127.0.0.1", 0))
        agent.setblocking(False)
        yield agent


def received(agent: socket.socket) -> list[Event]:
    """Return the events that have arrived."""
    found: list[Event] = []
    with suppress(BlockingIOError):
        while True:
            found.append(json.loads(agent.recv(65536)))
    return found


def by_botocore(url: str, port: int, endpoint_name: str) -> None:
    """Make a call with botocore, and suppress its error; it blocks."""
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
    with (  # as the session of botocore does, which does not close the socket
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender,
        closing(client),
        suppress(ClientError, BotoCoreError),
    ):
        serializer = CSMSerializer(csm_client_id="my-app")
        publisher = SocketPublisher(sender, "127.0.0.1", port, serializer)
        Monitor(MonitorEventAdapter(), publisher).register(client.meta.events)
        client.invoke_endpoint(EndpointName=endpoint_name, Body=b"x")


async def by_client(url: str, port: int, endpoint_name: str) -> None:
    """Make the same call with this client."""
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


def assert_equal_events(expected: list[Event], actual: list[Event]) -> None:
    """Compare the events of botocore with those of this client, field by field."""
    assert [event["Type"] for event in expected] == [event["Type"] for event in actual]
    for theirs, ours in zip(expected, actual, strict=True):
        token = theirs.pop("SessionToken", None)  # this client does not send it
        assert token == ("the-session-token" if "AccessKey" in theirs else None)
        assert theirs.keys() == ours.keys()
        for name, value in theirs.items():
            assert (name, type(value)) == (name, type(ours[name]))
            if name not in DIFFERENT_VALUES:
                assert (name, value) == (name, ours[name])
        assert abs(theirs["Timestamp"] - ours["Timestamp"]) < 60_000


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
        "a model error",
        "a rejected request",
        "a retry",
        "exhausted attempts",
    ],
)
async def test_an_agent_receives_the_same_events(
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
        expected = received(agent)

        emulator.fail_next(*(fault() for fault in faults))
        await by_client(emulator.url, port, endpoint_name)
        actual = received(agent)

    assert count == len(expected)
    if faults and count == len(faults) + 2:
        # botocore also sets it if the last attempt succeeds
        assert 1 == expected[-1].pop("MaxRetriesExceeded")
        assert 0 == actual[-1].pop("MaxRetriesExceeded")
    assert_equal_events(expected, actual)


async def test_an_agent_receives_the_same_events_if_the_connection_fails(
    agent: socket.socket,
) -> None:
    port = agent.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"

    await asyncio.to_thread(by_botocore, url, port, "echo")
    expected = received(agent)
    await by_client(url, port, "echo")
    actual = received(agent)

    assert ["ApiCallAttempt", "ApiCallAttempt", "ApiCall"] == [
        event["Type"] for event in expected
    ]
    assert_equal_events(expected, actual)
    assert "ConnectError" == actual[-1]["FinalSdkException"]
