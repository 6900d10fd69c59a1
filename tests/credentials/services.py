"""Services that give credentials, on loopback: each answers as a test says."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

from attrs import field, frozen

from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.sansio.shared_config import Profiles, merge, parse
from tests.transport.servers import Peer, reply, serve

__all__ = ["NOW", "Asked", "Service", "make_context", "profiles", "service"]

NOW = 1_700_000_000.0


@frozen
class Asked:
    """A request as the service got it."""

    method: str
    target: str
    headers: dict[str, str]
    body: str


Handler: TypeAlias = Callable[[Asked], "tuple[int, str] | bytes"]
"""From a request to status and body, or to a response as it is on the wire."""


@frozen
class Service:
    """Where a service is, and what it was asked."""

    url: str
    asked: list[Asked] = field(factory=list)


@contextlib.asynccontextmanager
async def service(handler: Handler) -> AsyncIterator[Service]:
    """Run a service that answers as *handler* says."""
    asked: list[Asked] = []

    async def answer(peer: Peer) -> None:
        request = read(server.requests[-1])
        asked.append(request)
        said = handler(request)
        if isinstance(said, bytes):
            await peer.send(said)
        else:
            status, body = said
            await peer.send(reply(body.encode(), status=f"{status} Said"))

    async with serve(answer) as server:
        yield Service(f"http://127.0.0.1:{server.port}", asked)


def read(request: bytes) -> Asked:
    head, _, body = request.decode().partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    method, target, _ = start.split(" ")
    headers = dict(re.split(": ?", line, maxsplit=1) for line in lines)
    return Asked(method, target, headers, body)


def make_context(text: str = "", *, keys: str = "", **environ: str) -> ProviderContext:
    """Return context with a config file of *text*, and credentials of *keys*."""
    return ProviderContext(
        environ=environ,
        profiles=profiles(text, keys),
        profile=environ.get("AWS_PROFILE", "default"),
        region="eu-west-1",
        clock=lambda: NOW,
    )


def profiles(text: str, keys: str = "") -> Profiles:
    return merge(
        parse(text, kind="config", file="config"),
        parse(keys, kind="credentials", file="credentials"),
    )
