"""Services that return credentials, on loopback, with responses that a test sets."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

from attrs import field, frozen

from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.sansio.shared_config import Profiles, merge, parse
from tests.transport.servers import Peer, reply, serve

__all__ = ["NOW", "Service", "ServiceRequest", "make_context", "profiles", "service"]

NOW = 1_700_000_000.0


@frozen
class ServiceRequest:
    """A request that the service received."""

    method: str
    target: str
    headers: dict[str, str]
    body: str


Handler: TypeAlias = Callable[[ServiceRequest], "tuple[int, str] | bytes"]
"""Returns status and body for a request, or the bytes of the response."""


@frozen
class Service:
    """A running service, and the requests that it received."""

    url: str
    requests: list[ServiceRequest] = field(factory=list)


@contextlib.asynccontextmanager
async def service(handler: Handler) -> AsyncIterator[Service]:
    """Run a service whose responses *handler* returns."""
    requests: list[ServiceRequest] = []

    async def answer(peer: Peer) -> None:
        request = read(server.requests[-1])
        requests.append(request)
        response = handler(request)
        if isinstance(response, bytes):
            await peer.send(response)
        else:
            status, body = response
            await peer.send(reply(body.encode(), status=f"{status} Reason"))

    async with serve(answer) as server:
        yield Service(f"http://127.0.0.1:{server.port}", requests)


def read(request: bytes) -> ServiceRequest:
    """Return the parts of *request*, as it was on the wire."""
    head, _, body = request.decode().partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    method, target, _ = start.split(" ")
    headers = dict(re.split(": ?", line, maxsplit=1) for line in lines)
    return ServiceRequest(method, target, headers, body)


def make_context(text: str = "", *, keys: str = "", **environ: str) -> ProviderContext:
    """Return a context with the config file *text* and the credentials file *keys*."""
    return ProviderContext(
        environ=environ,
        profiles=profiles(text, keys),
        profile=environ.get("AWS_PROFILE", "default"),
        region="eu-west-1",
        clock=lambda: NOW,
        jitter=lambda: 0.0,
    )


def profiles(text: str, keys: str = "") -> Profiles:
    return merge(
        parse(text, kind="config", file="config"),
        parse(keys, kind="credentials", file="credentials"),
    )
