"""Redirects: not followed by default, and within one host with `max_redirects`."""

from __future__ import annotations

from typing import Final

from sagemaker_rt import ConnectionLostError, UnknownServiceError
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    GOOD,
    Behaviour,
    FaultyServer,
    Peer,
    in_turn,
    on_request,
    reply,
    sends,
    sends_and_closes,
    with_other_server,
)

__all__ = ["FOLLOWED", "NOT_FOLLOWED"]

_MAX_REDIRECTS: Final = 3
_CALL: Final = Call(options={"max_redirects": _MAX_REDIRECTS})
_TEMPORARY: Final = "307 Temporary Redirect"


def _redirects(status: str) -> Behaviour:
    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        other = faulty.other_server
        port = other.port if other is not None else 0
        await peer.send(
            reply(b"", f"Location: http://127.0.0.1:{port}/stolen", status=status)
        )

    return behaviour


NOT_FOLLOWED: Final = (
    *(
        Fault(
            name=f"{status} points to another host",
            phase="redirect",
            setup=with_other_server(on_request(_redirects(status))),
            error=UnknownServiceError,
            code="Unknown",
            is_reused=True,
            is_incomplete=True,
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
            setup=on_request(sends(data)),
            error=UnknownServiceError,
            code="Unknown",
            is_reused=True,
            is_incomplete=True,
        )
        for name, data in (
            ("302 has no Location", reply(b"", status="302 Found")),
            (
                "307 has an invalid Location",
                reply(b"", "Location: http://[", status="307 Temporary Redirect"),
            ),
            (
                "401 requests a password",
                reply(
                    b"", 'WWW-Authenticate: Basic realm="r"', status="401 Unauthorized"
                ),
            ),
        )
    ),
)


def _redirects_to(to: str, *, status: str = _TEMPORARY) -> Behaviour:
    """Redirect to a URL, whose ``{port}`` is that of the other server."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        port = 0 if faulty.other_server is None else faulty.other_server.port
        location = to.format(port=port)
        await peer.send(reply(b"", f"Location: {location}", status=status))

    return behaviour


_TO_SAME_HOST: Final = _redirects_to("/aside")
_TRUNCATED: Final = reply(b"x" * 100, "Location: /aside", status=_TEMPORARY)[:-50]
_NOT_TO_SAME_HOST: Final[dict[str, Behaviour]] = {
    "to another name of the host": _redirects_to("http://localhost:{port}/"),
    "to a subdomain of an IP address": _redirects_to("http://evil.127.0.0.1:{port}/"),
    "to a name that starts with the host": _redirects_to(
        "http://127.0.0.1.localhost:{port}/"
    ),
    "to a URL with the host as user info": _redirects_to(
        "http://127.0.0.1@localhost:{port}/"
    ),
    "to a URL with a backslash": _redirects_to("http://localhost:{port}\\.127.0.0.1/"),
    "to another host without a scheme": _redirects_to("//localhost:{port}/"),
    "to another scheme": _redirects_to("ftp://127.0.0.1:{port}/"),
    "with 303, which requires GET": _redirects_to("/aside", status="303 See Other"),
}

FOLLOWED: Final = (
    Fault(
        name="with max_redirects, a redirect to the same host is followed",
        phase="redirect",
        setup=on_request(in_turn(_TO_SAME_HOST, sends(GOOD))),
        call=_CALL,
        data=b"good",
        bodies=2,
        is_reused=True,
    ),
    *(
        Fault(
            name=f"with max_redirects, a redirect {where} is not followed",
            phase="redirect",
            setup=with_other_server(on_request(behaviour)),
            call=_CALL,
            error=UnknownServiceError,
            code="Unknown",
            is_reused=True,
            is_incomplete=True,
        )
        for where, behaviour in _NOT_TO_SAME_HOST.items()
    ),
    Fault(
        name="with max_redirects, redirects are circular",
        phase="redirect",
        setup=on_request(_TO_SAME_HOST),
        call=_CALL,
        error=UnknownServiceError,
        code="Unknown",
        bodies=_MAX_REDIRECTS + 1,
        is_reused=True,
        is_incomplete=True,
    ),
    Fault(
        name="with max_redirects, the body of a redirect is truncated",
        phase="redirect",
        setup=on_request(in_turn(sends_and_closes(_TRUNCATED), sends(GOOD))),
        call=_CALL,
        data=b"good",
        bodies=2,
        is_reused=True,
    ),
    Fault(
        name="with max_redirects, the connection is closed after a redirect",
        phase="redirect",
        setup=on_request(in_turn(_TO_SAME_HOST, sends_and_closes())),
        call=_CALL,
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=2,
    ),
    Fault(
        name="with max_redirects, the target of a redirect sends 503 once",
        phase="redirect",
        setup=on_request(
            in_turn(
                _TO_SAME_HOST,
                sends(reply(b"busy", status="503 Service Unavailable")),
                _TO_SAME_HOST,
                sends(GOOD),
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
