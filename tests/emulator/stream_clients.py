"""Signed requests for streams in both directions, over plain HTTP/2."""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from sagemaker_rt.emulator import Emulator
from sagemaker_rt.http import Endpoint, Headers, Request, Response
from sagemaker_rt.sansio.authorization_header import parse_authorization
from sagemaker_rt.sansio.event_signing import (
    EVENT_PAYLOAD_HASH,
    EventSigner,
    SignatureChain,
)
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message
from sagemaker_rt.sansio.sigv4 import SigV4
from sagemaker_rt.sansio.stream_deadlines import StreamLimits
from sagemaker_rt.transport.http2_client import Http2Client
from sagemaker_rt.transport.http2_connection import Http2Connection

__all__ = ["Talk", "signed", "talk"]

PATH = "/endpoints/{}/invocations-bidirectional-stream"


def signed(
    emulator: Emulator, endpoint_name: str = "echo", path: str | None = None
) -> Request:
    request = Request(
        path=path or PATH.format(endpoint_name),
        headers=Headers({"x-amz-content-sha256": EVENT_PAYLOAD_HASH}),
        endpoint=Endpoint(emulator.url),
        payload_hash=EVENT_PAYLOAD_HASH,
    )
    SigV4().sign(
        request,
        emulator.credentials,
        service="sagemaker",
        region=emulator.region,
        signing_time=time.time(),
    )
    return request


@frozen
class Talk:
    """A connection, and the signer of its events."""

    connection: Http2Connection
    signer: EventSigner

    def send(self, frame: bytes) -> None:
        self.connection.write(self.signer.sign(frame, at=int(time.time() * 1000)))

    async def response(self) -> Response:
        return await self.connection.response()

    async def rest(self) -> list[Message]:
        """Return the messages until the end of the response."""
        decoder, messages = EventStreamDecoder(), list[Message]()
        while (chunk := await self.connection.receive()) is not None:
            messages += decoder.feed(chunk)
        decoder.close()
        return messages


@asynccontextmanager
async def talk(
    emulator: Emulator, request: Request | None = None
) -> AsyncIterator[Talk]:
    """Open a stream to ``echo``, or send *request*."""
    request = request or signed(emulator)
    client = Http2Client(ssl.create_default_context)
    connection = await client.open(request, StreamLimits())
    claim = parse_authorization(request.headers["authorization"])
    chain = SignatureChain(
        emulator.credentials,
        region=claim.region,
        service=claim.service,
        prior=claim.signature,
    )
    try:
        yield Talk(connection, EventSigner(chain))
    finally:
        await client.aclose()
