"""Faults of a proxy, and of the server behind its tunnels."""

from __future__ import annotations

from functools import partial
from typing import Final

from sagemaker_rt import (
    CertificateError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
)
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    CONNECTED,
    Behaviour,
    FaultyServer,
    Peer,
    behind_proxy,
    reply,
    requested_tunnel,
    sends_and_closes_at_once,
    sends_and_hangs,
    tunnels,
)

__all__ = ["PROXY"]

_SHORT_CONNECT_TIMEOUT: Final = Call(options={"connect_timeout": 0.2})


def _after_connect(behaviour: Behaviour) -> Behaviour:
    """Run the behaviour when a tunnel is requested."""

    async def after_connect(peer: Peer, faulty: FaultyServer) -> None:
        await requested_tunnel(peer)
        await behaviour(peer, faulty)

    return after_connect


async def _answers_in_tunnel(peer: Peer, faulty: FaultyServer) -> None:
    await peer.send(CONNECTED)
    await peer.reader.read(1)
    await peer.send(reply(b"from the proxy"))
    await peer.hang()


_WITHOUT_TUNNEL: Final[dict[str, Behaviour]] = {
    "refuses the password with 407": sends_and_hangs(
        reply(b"who?", status="407 Proxy Authentication Required")
    ),
    "cannot connect, and sends 502": sends_and_hangs(
        reply(b"sorry", status="502 Bad Gateway")
    ),
    "redirects to another proxy": sends_and_hangs(
        reply(b"", "Location: http://127.0.0.1:9/", status="302 Found")
    ),
    "is an SSH server": sends_and_hangs(b"SSH-2.0-server\r\n"),
    "closes the connection after CONNECT": sends_and_closes_at_once(),
    "closes the connection inside its response": sends_and_closes_at_once(
        CONNECTED[:12]
    ),
    "closes the tunnel at once": sends_and_closes_at_once(CONNECTED),
    "answers inside the tunnel itself": _answers_in_tunnel,
}
_STALLED: Final[dict[str, Behaviour]] = {
    "sends nothing": sends_and_hangs(),
    "opens a tunnel that stalls": sends_and_hangs(CONNECTED),
}

PROXY: Final = (
    Fault(
        name="a proxy works",
        phase="proxy",
        setup=behind_proxy(tunnels),
        data=b"good",
        is_reused=True,
    ),
    *(
        Fault(
            name=f"a proxy {how}",
            phase="proxy",
            setup=behind_proxy(_after_connect(behaviour)),
            error=ConnectError,
            attempts=1 if "407" in how else 3,
            request_sent=False,
            bodies=0,
        )
        for how, behaviour in _WITHOUT_TUNNEL.items()
    ),
    *(
        Fault(
            name=f"a proxy {how}",
            phase="proxy",
            setup=behind_proxy(_after_connect(behaviour)),
            call=_SHORT_CONNECT_TIMEOUT,
            error=ConnectTimeoutError,
            attempts=3,
            request_sent=False,
            bodies=0,
        )
        for how, behaviour in _STALLED.items()
    ),
    Fault(
        name="a proxy closes the tunnel after the request",
        phase="proxy",
        setup=behind_proxy(partial(tunnels, until=1)),
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=1,
    ),
    *(
        Fault(
            name=f"the certificate behind a proxy is {kind}",
            phase="tls",
            setup=behind_proxy(tunnels, certificate=kind),
            error=CertificateError,
            request_sent=False,
            bodies=0,
        )
        for kind in ("for a wrong host", "expired")
    ),
)
