"""Faults of a proxy, and of what is behind its tunnels."""

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
    Peer,
    Place,
    asked_for,
    behind,
    ends_at_once,
    is_silent,
    reply,
    tunnels,
)

__all__ = ["PROXY"]

_IMPATIENT: Final = Call(options={"connect_timeout": 0.2})


def _asked(does: Behaviour) -> Behaviour:
    """Do it once a tunnel is asked for."""

    async def once_asked(peer: Peer, place: Place) -> None:
        await asked_for(peer)
        await does(peer, place)

    return once_asked


async def _answers_itself(peer: Peer, place: Place) -> None:
    await peer.send(CONNECTED)
    await peer.reader.read(1)
    await peer.send(reply(b"from the proxy"))
    await peer.hang()


_UNTUNNELLED: Final[dict[str, Behaviour]] = {
    "refuses the password": is_silent(
        reply(b"who?", status="407 Proxy Authentication Required")
    ),
    "reaches nobody": is_silent(reply(b"sorry", status="502 Bad Gateway")),
    "leads to another one": is_silent(
        reply(b"", "Location: http://127.0.0.1:9/", status="302 Found")
    ),
    "is no proxy": is_silent(b"SSH-2.0-server\r\n"),
    "ends the connection when asked": ends_at_once(),
    "ends the connection in its answer": ends_at_once(CONNECTED[:12]),
    "ends the tunnel at once": ends_at_once(CONNECTED),
    "answers inside of the tunnel itself": _answers_itself,
}
_STALLED: Final[dict[str, Behaviour]] = {
    "says nothing": is_silent(),
    "makes a tunnel to nowhere": is_silent(CONNECTED),
}

PROXY: Final = (
    Fault(
        name="a proxy does what it should",
        phase="proxy",
        scene=behind(tunnels),
        data=b"good",
        is_reused=True,
    ),
    *(
        Fault(
            name=f"a proxy {how}",
            phase="proxy",
            scene=behind(_asked(does)),
            error=ConnectError,
            attempts=3,
            request_sent=False,
            bodies=0,
        )
        for how, does in _UNTUNNELLED.items()
    ),
    *(
        Fault(
            name=f"a proxy {how}",
            phase="proxy",
            scene=behind(_asked(does)),
            call=_IMPATIENT,
            error=ConnectTimeoutError,
            attempts=3,
            request_sent=False,
            bodies=0,
        )
        for how, does in _STALLED.items()
    ),
    Fault(
        name="a proxy cuts the tunnel after the request",
        phase="proxy",
        scene=behind(partial(tunnels, until=1)),
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=1,
    ),
    *(
        Fault(
            name=f"the certificate behind a proxy is {kind}",
            phase="tls",
            scene=behind(tunnels, certificate=kind),
            error=CertificateError,
            request_sent=False,
            bodies=0,
        )
        for kind in ("for a wrong host", "expired")
    ),
)
