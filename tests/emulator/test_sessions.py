from __future__ import annotations

from itertools import count

import pytest

from sagemaker_rt.emulator.responses import RequestRejected
from sagemaker_rt.emulator.sessions import Sessions
from tests.doubles import ManualClock


def sessions_with(clock: ManualClock) -> Sessions:
    ids = count(1)
    return Sessions(clock=clock, new_id=lambda: f"s{next(ids)}", lifetime=60)


def test_the_announcement_has_the_id_and_the_expiry() -> None:
    sessions = sessions_with(ManualClock(1_700_000_000))

    session = sessions.open("m")

    assert "s1; Expires=2023-11-14T22:14:20Z" == session.announcement


def test_an_open_session_can_be_joined_with_its_data() -> None:
    sessions = sessions_with(ManualClock())
    session = sessions.open("m")
    session.data["seen"] = 1

    joined = sessions.join("m", session.id)

    assert {"seen": 1} == joined.data


def test_a_session_of_another_endpoint_is_not_found() -> None:
    sessions = sessions_with(ManualClock())
    session = sessions.open("m")

    with pytest.raises(RequestRejected) as caught:
        sessions.join("n", session.id)

    assert 400 == caught.value.answer.status
    assert b"Session s1 of endpoint n not found" in caught.value.answer.body


def test_an_expired_session_is_not_found() -> None:
    clock = ManualClock()
    sessions = sessions_with(clock)
    session = sessions.open("m")
    clock.advance(60)

    with pytest.raises(RequestRejected):
        sessions.join("m", session.id)

    assert 0 == len(sessions)


def test_opening_a_session_discards_expired_ones() -> None:
    clock = ManualClock()
    sessions = sessions_with(clock)
    sessions.open("m")
    clock.advance(30)
    sessions.open("m")
    clock.advance(30)

    sessions.open("m")

    assert 2 == len(sessions)


def test_a_session_may_be_discarded_twice() -> None:
    sessions = sessions_with(ManualClock())
    session = sessions.open("m")

    sessions.discard(session)
    sessions.discard(session)

    assert 0 == len(sessions)


def test_a_model_closes_a_session() -> None:
    session = sessions_with(ManualClock()).open("m")

    session.close()

    assert session.is_closed
