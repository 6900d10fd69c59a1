"""One attempt at a stream."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagemaker_rt.context import CREDENTIALS, Context
from sagemaker_rt.errors import (
    EndpointResolutionError,
    ModelError,
    OptionsError,
    StackError,
    TruncatedBodyError,
)
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.invocation.stream_attempts import stream_attempts
from sagemaker_rt.sansio.sigv4 import SigV4
from sagemaker_rt.sansio.stream_deadlines import StreamLimits
from sagemaker_rt.streaming.stream_link import STREAM_LINK, StreamLink
from tests.streaming.duplex_doubles import Connection

KEYS = Credentials("AKIDEXAMPLE", "a-secret")


class Client:
    """A `DuplexClient` that returns a connection, or raises."""

    wrap_exceptions = False

    def __init__(self, result: Any) -> None:
        self.result = result
        self.count = 0

    async def open(self, request: Request, limits: StreamLimits) -> Any:
        self.count += 1
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result

    async def aclose(self) -> None:
        pass


def signed(url: str = "https://a.example") -> Request:
    request = Request(endpoint=Endpoint(url), headers=Headers())
    SigV4().sign(request, KEYS, service="sagemaker", region="us-east-1", signing_time=0)
    return request


def context(link: StreamLink, keys: Credentials = KEYS) -> Context:
    return Context("Talk").with_value(STREAM_LINK, link).with_value(CREDENTIALS, keys)


async def test_events_can_be_sent_before_the_response() -> None:
    link, connection = StreamLink(), Connection()
    attempt = stream_attempts(Client(connection), StreamLimits())

    response = await attempt(context(link), signed())

    assert 200 == response.status
    assert connection is link.connection
    assert link.signer is not None


async def test_a_connection_that_fails_is_detached() -> None:
    link, connection = StreamLink(), Connection(error=TruncatedBodyError("cut"))

    with pytest.raises(TruncatedBodyError):
        await stream_attempts(Client(connection), StreamLimits())(
            context(link), signed()
        )
    assert connection.is_closed
    assert link.connection is None


async def test_a_connection_whose_attempt_is_cancelled_is_detached() -> None:
    class Cancelled(Connection):
        async def response(self) -> Any:
            raise asyncio.CancelledError

    link, connection = StreamLink(), Cancelled()

    with pytest.raises(asyncio.CancelledError):
        await stream_attempts(Client(connection), StreamLimits())(
            context(link), signed()
        )
    assert connection.is_closed
    assert link.connection is None


async def test_a_second_attempt_raises_the_error_after_events_were_sent() -> None:
    link, client = StreamLink(), Client(Connection())
    link.failure = ModelError("the reason")

    with pytest.raises(ModelError, match="the reason"):
        await stream_attempts(client, StreamLimits())(context(link), signed())
    assert 0 == client.count


async def test_events_need_a_signature_of_the_same_credentials() -> None:
    client = Client(Connection())
    attempt = stream_attempts(client, StreamLimits())
    unsigned = Request(endpoint=Endpoint("https://a.example"))

    with pytest.raises(OptionsError):
        await attempt(context(StreamLink()), unsigned)
    with pytest.raises(OptionsError):
        await attempt(context(StreamLink(), Credentials("OTHER", "x")), signed())
    assert 0 == client.count


async def test_a_port_that_never_answers_is_refused() -> None:
    request = signed("https://runtime.sagemaker.us-east-1.amazonaws.com")

    with pytest.raises(EndpointResolutionError):
        await stream_attempts(Client(Connection()), StreamLimits())(
            context(StreamLink()), request
        )


async def test_a_stream_is_called_by_its_method() -> None:
    with pytest.raises(StackError):
        await stream_attempts(Client(Connection()), StreamLimits())(
            Context("Talk"), signed()
        )
