"""Faults between two requests on one connection."""

from __future__ import annotations

from typing import Final

from sagemaker_rt import ConnectionLostError, DeserializationError, RequestTimeoutError
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    FIRST,
    GOOD,
    Peer,
    Place,
    answers,
    ends,
    in_turn,
    is_silent,
    reply,
    resets,
    says,
)

__all__ = ["KEEP_ALIVE"]

_SECOND: Final = Call(before=1)
_AT_ONCE: Final = Call(before=1, is_hurried=True)
_STOLEN: Final = reply(b"stolen")
_TIMED_OUT: Final = reply(b"", "Connection: close", status="408 Request Timeout")


async def _checks_for_cookies(peer: Peer, place: Place) -> None:
    head = place.requests[-1].partition(b"\r\n\r\n")[0].lower()
    await peer.send(reply(b"a cookie") if b"\ncookie:" in head else GOOD)


KEEP_ALIVE: Final = (
    *(
        Fault(
            name=name,
            phase="keep-alive",
            scene=answers(in_turn(does, says(GOOD))),
            call=_SECOND,
            data=b"good",
            bodies=2,
            is_reused=True,
        )
        for name, does in (
            ("an idle connection is ended", ends(FIRST)),
            ("an idle connection is reset", resets(FIRST)),
            ("an idle connection is ended with an answer", ends(FIRST, _TIMED_OUT)),
            ("an answer to nobody comes later", says(FIRST, _STOLEN)),
            ("half an answer to nobody comes later", says(FIRST, _STOLEN[:20])),
            ("garbage comes later", says(FIRST, b"garbage")),
            ("an empty line comes later", says(FIRST, b"\r\n")),
            (
                "the end of a connection is announced, and does not come",
                says(reply(b"first", "Connection: close")),
            ),
            (
                "a connection's end is announced, and an answer comes on it",
                says(reply(b"first", "Connection: close"), _STOLEN),
            ),
        )
    ),
    Fault(
        name="an answer to nobody comes together with an answer",
        phase="keep-alive",
        scene=answers(in_turn(says(FIRST + _STOLEN), says(GOOD))),
        call=_SECOND,
        data=b"good",
        bodies=2,
        is_reused=True,
    ),
    Fault(
        name="garbage comes together with an answer",
        phase="keep-alive",
        scene=answers(says(FIRST + b"garbage")),
        error=DeserializationError,
        may_have_executed=True,
    ),
    *(
        Fault(
            name=f"{name}, where another was answered",
            phase="keep-alive",
            scene=answers(in_turn(says(FIRST), does)),
            call=_SECOND,
            error=ConnectionLostError,
            may_have_executed=True,
            bodies=2,
            is_cut=True,
        )
        for name, does in (
            ("the connection is ended after a request", ends()),
            ("the connection is reset after a request", resets()),
        )
    ),
    Fault(
        name="no answer comes, where another came",
        phase="keep-alive",
        scene=answers(in_turn(says(FIRST), is_silent())),
        call=_SECOND,
        error=RequestTimeoutError,
        may_have_executed=True,
        bodies=2,
        is_cut=True,
    ),
    *(
        Fault(
            name=f"the connection is {how} while the next request is written",
            phase="keep-alive",
            scene=answers(in_turn(does, says(GOOD))),
            call=_AT_ONCE,
            error=ConnectionLostError,
            may_have_executed=True,
            bodies=1,
        )
        for how, does in (("ended", ends(FIRST)), ("reset", resets(FIRST)))
    ),
    Fault(
        name="a cookie is set",
        phase="keep-alive",
        scene=answers(
            in_turn(
                says(reply(b"first", "Set-Cookie: a=b; Path=/")), _checks_for_cookies
            )
        ),
        call=_SECOND,
        data=b"good",
        bodies=2,
        is_reused=True,
    ),
)
