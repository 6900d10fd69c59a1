"""Refused signatures: clocks that differ, and credentials that are not accepted."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import formatdate
from time import time
from typing import Final

from sagemaker_rt import UnknownServiceError
from tests.faults.error_responses import error_response
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    GOOD,
    Behaviour,
    FaultyServer,
    Peer,
    on_request,
    sends,
)

__all__ = ["CLOCK", "TOKEN"]

_FORBIDDEN: Final = "403 Forbidden"
_LARGEST_SKEW: Final = 300
_DATE: Final = re.compile(rb"x-amz-date: (\d{8}T\d{6}Z)", re.IGNORECASE)
_FIRST_KEY: Final = b"Credential=AKID1/"


def _clock_ahead(
    seconds: float, code: str, *headers: str, dated: bool = True
) -> Behaviour:
    """Refuse signing times that differ from a clock so many seconds ahead."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        now = time() + seconds
        found = _DATE.search(faulty.requests[-1])
        signed = 0.0
        if found is not None:
            text = found[1].decode() + "+0000"
            signed = datetime.strptime(text, "%Y%m%dT%H%M%SZ%z").timestamp()
        date = [f"Date: {formatdate(now, usegmt=True)}"] if dated else []
        if abs(now - signed) > _LARGEST_SKEW:
            await peer.send(error_response(_FORBIDDEN, code, *date, *headers))
        else:
            await peer.send(GOOD)

    return behaviour


async def _refuses(peer: Peer, faulty: FaultyServer) -> None:
    date = f"Date: {formatdate(usegmt=True)}"
    await peer.send(error_response(_FORBIDDEN, _INVALID, date))


_INVALID: Final = "InvalidSignatureException"
_CLOCK_AHEAD: Final = _clock_ahead(600, _INVALID)
_NOT_CORRECTED: Final[tuple[tuple[str, Behaviour, dict[str, float]], ...]] = (
    (
        "a refused signature has an Age header",
        _clock_ahead(600, _INVALID, "Age: 1"),
        {},
    ),
    (
        "a refused signature has no Date header",
        _clock_ahead(600, _INVALID, dated=False),
        {},
    ),
    (
        "a refused signature has an invalid Date header",
        _clock_ahead(600, _INVALID, "Date: yesterday", dated=False),
        {},
    ),
    (
        "a signature is refused although the clocks agree",
        _refuses,
        {},
    ),
    (
        "the clocks differ, and correct_clock_skew is False",
        _CLOCK_AHEAD,
        {"correct_clock_skew": False},
    ),
)

CLOCK: Final = (
    *(
        Fault(
            name=f"the server's clock is ten minutes {where}, and it sends {code}",
            phase="clock",
            setup=on_request(_clock_ahead(seconds, code)),
            data=b"good",
            attempts=2,
            delays=(0.0,),
            bodies=2,
            is_reused=True,
        )
        for where, seconds, code in (
            ("ahead", 600, "SignatureDoesNotMatch"),
            ("behind", -600, "RequestTimeTooSkewed"),
            ("ahead", 600, "AccessDeniedException"),
        )
    ),
    Fault(
        name="the server's clock was ten minutes ahead in the previous call",
        phase="clock",
        setup=on_request(_CLOCK_AHEAD),
        call=Call(previous_calls=1),
        data=b"good",
        attempts=1,
        bodies=3,
        is_reused=True,
    ),
    *(
        Fault(
            name=name,
            phase="clock",
            setup=on_request(behaviour),
            call=Call(options=options),
            error=UnknownServiceError,
            code=_INVALID,
            is_reused=True,
        )
        for name, behaviour, options in _NOT_CORRECTED
    ),
)


def _refuses_the_first_key(code: str) -> Behaviour:
    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        is_first = _FIRST_KEY in faulty.requests[-1]
        await peer.send(error_response(_FORBIDDEN, code) if is_first else GOOD)

    return behaviour


_EXPIRED: Final = "ExpiredTokenException"

TOKEN: Final = (
    *(
        Fault(
            name=f"{code} is sent, and the provider has another key",
            phase="token",
            setup=on_request(_refuses_the_first_key(code)),
            call=Call(credentials="rotated"),
            data=b"good",
            attempts=2,
            bodies=2,
            is_reused=True,
        )
        for code in (_EXPIRED, "UnrecognizedClientException")
    ),
    Fault(
        name=f"{_EXPIRED} is sent, and the provider has the same key",
        phase="token",
        setup=on_request(_refuses_the_first_key(_EXPIRED)),
        call=Call(credentials="renewed with the same key"),
        error=UnknownServiceError,
        code=_EXPIRED,
        is_reused=True,
    ),
    Fault(
        name=f"{_EXPIRED} is sent, and the credentials are static",
        phase="token",
        setup=on_request(_refuses_the_first_key(_EXPIRED)),
        error=UnknownServiceError,
        code=_EXPIRED,
        is_reused=True,
    ),
    Fault(
        name=f"{_EXPIRED} is sent forevery key",
        phase="token",
        setup=on_request(sends(error_response(_FORBIDDEN, _EXPIRED))),
        call=Call(credentials="rotated"),
        error=UnknownServiceError,
        code=_EXPIRED,
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
)
