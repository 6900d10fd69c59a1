"""One attempt at a stream in both directions: connect, send the headers, wait."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from sagemaker_rt.context import CREDENTIALS, Context
from sagemaker_rt.errors import (
    OptionsError,
    StackError,
)
from sagemaker_rt.http import Request, Response
from sagemaker_rt.invocation.custom_connection import open_connection
from sagemaker_rt.sansio.authorization_header import (
    AuthorizationError,
    parse_authorization,
)
from sagemaker_rt.sansio.event_signing import EventSigner, SignatureChain
from sagemaker_rt.sansio.http2_endpoints import require_http2_port
from sagemaker_rt.sansio.stream_deadlines import StreamLimits
from sagemaker_rt.streaming.duplex import DuplexClient, DuplexConnection
from sagemaker_rt.streaming.stream_link import STREAM_LINK, StreamLink

__all__ = ["StreamAttempt", "stream_attempts"]

StreamAttempt: TypeAlias = Callable[[Context, Request], Awaitable[Response]]
"""Makes an attempt, and returns its response when the headers are received."""


def stream_attempts(client: DuplexClient, limits: StreamLimits) -> StreamAttempt:
    """Return a function that makes attempts by *client*."""

    async def attempt(ctx: Context, request: Request) -> Response:
        link = ctx.get(STREAM_LINK)
        if link is None:
            message = "a stream in both directions is called by its method only"
            raise StackError(message)
        if link.failure is not None:  # the events that were sent are not kept
            raise copy.copy(link.failure)
        if request.endpoint is not None:  # a custom resolver may not know the rules
            require_http2_port(request.endpoint)
        signer = _signer(ctx, request)
        connection = await open_connection(client, request, limits)
        return await _response(connection, link, signer)

    return attempt


async def _response(
    connection: DuplexConnection, link: StreamLink, signer: EventSigner
) -> Response:
    """Let events be sent on *connection*, and return its response."""
    link.attach(connection, signer)
    try:
        return await connection.response()
    except BaseException:  # also a cancellation
        link.detach(connection)
        raise


def _signer(ctx: Context, request: Request) -> EventSigner:
    """Return the signer of the events, which continues the signature of *request*.

    Raises:
        OptionsError: The request is not signed by SigV4 with the credentials of the
            call.
    """
    credentials = ctx.get(CREDENTIALS)
    try:
        claim = parse_authorization(request.headers.lower.get("authorization", ""))
    except AuthorizationError:
        claim = None
    if (
        claim is None
        or credentials is None
        or claim.access_key_id != credentials.access_key_id
    ):
        message = (
            "a stream in both directions signs each event by SigV4 with the "
            "credentials of the client; anonymous calls, tokens and signers with "
            "credentials of another source cannot be used"
        )
        raise OptionsError(message)
    chain = SignatureChain(
        credentials,
        region=claim.region,
        service=claim.service,
        prior=claim.signature,
    )
    return EventSigner(chain)
