"""Redirects: not followed by default, and within one host with `max_redirects`."""

from __future__ import annotations

from typing import Final

from sagemaker_rt import ConnectionLostError, UnknownServiceError
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    GOOD,
    Behaviour,
    Peer,
    Place,
    answers,
    beside_another,
    ends,
    in_turn,
    reply,
    says,
)

__all__ = ["FOLLOWED", "NOT_FOLLOWED"]

_MOST: Final = 3
_CALL: Final = Call(options={"max_redirects": _MOST})
_TEMPORARY: Final = "307 Temporary Redirect"


def _redirects(status: str) -> Behaviour:
    async def does(peer: Peer, place: Place) -> None:
        other = place.elsewhere
        port = other.port if other is not None else 0
        await peer.send(
            reply(b"", f"Location: http://127.0.0.1:{port}/stolen", status=status)
        )

    return does


NOT_FOLLOWED: Final = (
    *(
        Fault(
            name=f"{status} leads to another host",
            phase="redirect",
            scene=beside_another(answers(_redirects(status))),
            error=UnknownServiceError,
            code="Unknown",
            is_reused=True,
            is_cut=True,
        )
        for status in (
            "301 Moved Permanently",
            "302 Found",
            "303 See Other",
            "307 Temporary Redirect",
            "308 Permanent Redirect",
        )
    ),
    *(
        Fault(
            name=name,
            phase="redirect",
            scene=answers(says(data)),
            error=UnknownServiceError,
            code="Unknown",
            is_reused=True,
            is_cut=True,
        )
        for name, data in (
            ("302 says not where to", reply(b"", status="302 Found")),
            (
                "307 leads to nowhere",
                reply(b"", "Location: http://[", status="307 Temporary Redirect"),
            ),
            (
                "401 asks for a password",
                reply(
                    b"", 'WWW-Authenticate: Basic realm="r"', status="401 Unauthorized"
                ),
            ),
        )
    ),
)


def _leads(to: str, *, status: str = _TEMPORARY) -> Behaviour:
    """Lead to a place, whose port is the other server's, if there is one."""

    async def does(peer: Peer, place: Place) -> None:
        port = 0 if place.elsewhere is None else place.elsewhere.port
        location = to.format(port=port)
        await peer.send(reply(b"", f"Location: {location}", status=status))

    return does


_ASIDE: Final = _leads("/aside")
_CUT: Final = reply(b"x" * 100, "Location: /aside", status=_TEMPORARY)[:-50]
_ASTRAY: Final[dict[str, Behaviour]] = {
    "to another name of this machine": _leads("http://localhost:{port}/"),
    "below an address": _leads("http://evil.127.0.0.1:{port}/"),
    "to a host whose name begins alike": _leads("http://127.0.0.1.localhost:{port}/"),
    "to a host by way of a user": _leads("http://127.0.0.1@localhost:{port}/"),
    "to a host behind a backslash": _leads("http://localhost:{port}\\.127.0.0.1/"),
    "to a host that is told without a scheme": _leads("//localhost:{port}/"),
    "to a scheme that is no HTTP": _leads("ftp://127.0.0.1:{port}/"),
    "by GET": _leads("/aside", status="303 See Other"),
}

FOLLOWED: Final = (
    Fault(
        name="a redirect within the host is to be followed",
        phase="redirect",
        scene=answers(in_turn(_ASIDE, says(GOOD))),
        call=_CALL,
        data=b"good",
        bodies=2,
        is_reused=True,
    ),
    *(
        Fault(
            name=f"redirects are followed, and one leads {where}",
            phase="redirect",
            scene=beside_another(answers(does)),
            call=_CALL,
            error=UnknownServiceError,
            code="Unknown",
            is_reused=True,
            is_cut=True,
        )
        for where, does in _ASTRAY.items()
    ),
    Fault(
        name="redirects are followed, and lead in a circle",
        phase="redirect",
        scene=answers(_ASIDE),
        call=_CALL,
        error=UnknownServiceError,
        code="Unknown",
        bodies=_MOST + 1,
        is_reused=True,
        is_cut=True,
    ),
    Fault(
        name="a redirect is followed whose body is cut",
        phase="redirect",
        scene=answers(in_turn(ends(_CUT), says(GOOD))),
        call=_CALL,
        data=b"good",
        bodies=2,
        is_reused=True,
    ),
    Fault(
        name="a redirect is followed, and the connection ended",
        phase="redirect",
        scene=answers(in_turn(_ASIDE, ends())),
        call=_CALL,
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=2,
    ),
    Fault(
        name="a redirect is followed, and leads to 503 at first",
        phase="redirect",
        scene=answers(
            in_turn(
                _ASIDE,
                says(reply(b"busy", status="503 Service Unavailable")),
                _ASIDE,
                says(GOOD),
            )
        ),
        call=_CALL,
        data=b"good",
        attempts=2,
        delays=(0.0,),
        bodies=4,
        is_reused=True,
    ),
)
