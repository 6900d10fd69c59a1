"""Faults between two requests on one connection."""

from __future__ import annotations

from typing import Final

from sagemaker_rt import ConnectionLostError, DeserializationError, RequestTimeoutError
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    FIRST,
    GOOD,
    FaultyServer,
    Peer,
    in_turn,
    on_request,
    reply,
    sends,
    sends_and_closes,
    sends_and_hangs,
    sends_and_resets,
)

__all__ = ["KEEP_ALIVE"]

_SECOND: Final = Call(previous_calls=1)
_SECOND_AT_ONCE: Final = Call(previous_calls=1, is_immediate=True)
_UNSOLICITED: Final = reply(b"stolen")
_TIMED_OUT: Final = reply(b"", "Connection: close", status="408 Request Timeout")


async def _checks_for_cookies(peer: Peer, faulty: FaultyServer) -> None:
    head = faulty.requests[-1].partition(b"\r\n\r\n")[0].lower()
    await peer.send(reply(b"a cookie") if b"\ncookie:" in head else GOOD)


KEEP_ALIVE: Final = (
    *(
        Fault(
            name=name,
            phase="keep-alive",
            setup=on_request(in_turn(behaviour, sends(GOOD))),
            call=_SECOND,
            data=b"good",
            bodies=2,
            is_reused=True,
        )
        for name, behaviour in (
            ("an idle connection is closed", sends_and_closes(FIRST)),
            ("an idle connection is reset", sends_and_resets(FIRST)),
            (
                "an idle connection is closed after 408",
                sends_and_closes(FIRST, _TIMED_OUT),
            ),
            ("an unsolicited response is sent later", sends(FIRST, _UNSOLICITED)),
            (
                "half an unsolicited response is sent later",
                sends(FIRST, _UNSOLICITED[:20]),
            ),
            ("garbage is sent later", sends(FIRST, b"garbage")),
            ("an empty line is sent later", sends(FIRST, b"\r\n")),
            (
                "Connection: close is sent, but the connection stays open",
                sends(reply(b"first", "Connection: close")),
            ),
            (
                "Connection: close is followed by an unsolicited response",
                sends(reply(b"first", "Connection: close"), _UNSOLICITED),
            ),
        )
    ),
    Fault(
        name="an unsolicited response is sent together with a response",
        phase="keep-alive",
        setup=on_request(in_turn(sends(FIRST + _UNSOLICITED), sends(GOOD))),
        call=_SECOND,
        data=b"good",
        bodies=2,
        is_reused=True,
    ),
    Fault(
        name="garbage is sent together with a response",
        phase="keep-alive",
        setup=on_request(sends(FIRST + b"garbage")),
        error=DeserializationError,
        may_have_executed=True,
    ),
    *(
        Fault(
            name=f"{name} on a reused connection",
            phase="keep-alive",
            setup=on_request(in_turn(sends(FIRST), behaviour)),
            call=_SECOND,
            error=ConnectionLostError,
            may_have_executed=True,
            bodies=2,
            is_incomplete=True,
        )
        for name, behaviour in (
            ("the connection is closed after a request", sends_and_closes()),
            ("the connection is reset after a request", sends_and_resets()),
        )
    ),
    Fault(
        name="no response is sent on a reused connection",
        phase="keep-alive",
        setup=on_request(in_turn(sends(FIRST), sends_and_hangs())),
        call=_SECOND,
        error=RequestTimeoutError,
        may_have_executed=True,
        bodies=2,
        is_incomplete=True,
    ),
    *(
        Fault(
            name=f"the connection is {how} while the next request is written",
            phase="keep-alive",
            setup=on_request(in_turn(behaviour, sends(GOOD))),
            call=_SECOND_AT_ONCE,
            error=ConnectionLostError,
            may_have_executed=True,
            bodies=1,
        )
        for how, behaviour in (
            ("closed", sends_and_closes(FIRST)),
            ("reset", sends_and_resets(FIRST)),
        )
    ),
    Fault(
        name="a cookie is set",
        phase="keep-alive",
        setup=on_request(
            in_turn(
                sends(reply(b"first", "Set-Cookie: a=b; Path=/")), _checks_for_cookies
            )
        ),
        call=_SECOND,
        data=b"good",
        bodies=2,
        is_reused=True,
    ),
)
