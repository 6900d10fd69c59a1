"""Refused signatures: clocks that differ, and credentials that are not accepted."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import formatdate
from time import time
from typing import Final

from sagemaker_rt import UnknownServiceError
from tests.faults.error_responses import refusal
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    GOOD,
    Behaviour,
    Peer,
    Place,
    answers,
    says,
)

__all__ = ["CLOCK", "TOKEN"]

_FORBIDDEN: Final = "403 Forbidden"
_LARGEST_SKEW: Final = 300
_DATE: Final = re.compile(rb"x-amz-date: (\d{8}T\d{6}Z)", re.IGNORECASE)
_FIRST_KEY: Final = b"Credential=AKID1/"


def _is_ahead(
    seconds: float, code: str, *headers: str, dated: bool = True
) -> Behaviour:
    """Refuse signatures of other times than that of a server so far ahead."""

    async def does(peer: Peer, place: Place) -> None:
        now = time() + seconds
        found = _DATE.search(place.requests[-1])
        signed = 0.0
        if found is not None:
            text = found[1].decode() + "+0000"
            signed = datetime.strptime(text, "%Y%m%dT%H%M%SZ%z").timestamp()
        date = [f"Date: {formatdate(now, usegmt=True)}"] if dated else []
        if abs(now - signed) > _LARGEST_SKEW:
            await peer.send(refusal(_FORBIDDEN, code, *date, *headers))
        else:
            await peer.send(GOOD)

    return does


async def _refuses_now(peer: Peer, place: Place) -> None:
    date = f"Date: {formatdate(usegmt=True)}"
    await peer.send(refusal(_FORBIDDEN, _INVALID, date))


_INVALID: Final = "InvalidSignatureException"
_AHEAD: Final = _is_ahead(600, _INVALID)
_UNCORRECTED: Final[tuple[tuple[str, Behaviour, dict[str, float]], ...]] = (
    (
        "a refused signature's answer has an age",
        _is_ahead(600, _INVALID, "Age: 1"),
        {},
    ),
    (
        "a refused signature's answer has no date",
        _is_ahead(600, _INVALID, dated=False),
        {},
    ),
    (
        "a refused signature's answer has a date that is none",
        _is_ahead(600, _INVALID, "Date: yesterday", dated=False),
        {},
    ),
    (
        "a signature is refused, and the clocks agree",
        _refuses_now,
        {},
    ),
    (
        "the clocks differ, and are not to be corrected",
        _AHEAD,
        {"correct_clock_skew": False},
    ),
)

CLOCK: Final = (
    *(
        Fault(
            name=f"the server's clock is ten minutes {where}, and says {code}",
            phase="clock",
            scene=answers(_is_ahead(seconds, code)),
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
        name="the server's clock was ten minutes ahead in the call before",
        phase="clock",
        scene=answers(_AHEAD),
        call=Call(before=1),
        data=b"good",
        attempts=1,
        bodies=3,
        is_reused=True,
    ),
    *(
        Fault(
            name=name,
            phase="clock",
            scene=answers(does),
            call=Call(options=options),
            error=UnknownServiceError,
            code=_INVALID,
            is_reused=True,
        )
        for name, does, options in _UNCORRECTED
    ),
)


def _refuses_the_first_key(code: str) -> Behaviour:
    async def does(peer: Peer, place: Place) -> None:
        is_first = _FIRST_KEY in place.requests[-1]
        await peer.send(refusal(_FORBIDDEN, code) if is_first else GOOD)

    return does


_EXPIRED: Final = "ExpiredTokenException"

TOKEN: Final = (
    *(
        Fault(
            name=f"{code} comes, and there is another key",
            phase="token",
            scene=answers(_refuses_the_first_key(code)),
            call=Call(credentials="renewed"),
            data=b"good",
            attempts=2,
            bodies=2,
            is_reused=True,
        )
        for code in (_EXPIRED, "UnrecognizedClientException")
    ),
    Fault(
        name=f"{_EXPIRED} comes, and the source has the same key",
        phase="token",
        scene=answers(_refuses_the_first_key(_EXPIRED)),
        call=Call(credentials="renewed with the same key"),
        error=UnknownServiceError,
        code=_EXPIRED,
        is_reused=True,
    ),
    Fault(
        name=f"{_EXPIRED} comes, and the keys were given",
        phase="token",
        scene=answers(_refuses_the_first_key(_EXPIRED)),
        error=UnknownServiceError,
        code=_EXPIRED,
        is_reused=True,
    ),
    Fault(
        name=f"{_EXPIRED} comes whatever the key",
        phase="token",
        scene=answers(says(refusal(_FORBIDDEN, _EXPIRED))),
        call=Call(credentials="renewed"),
        error=UnknownServiceError,
        code=_EXPIRED,
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
)
