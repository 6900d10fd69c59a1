from __future__ import annotations

from itertools import count

import pytest

from sagemaker_rt.emulator.responses import Refusal
from sagemaker_rt.emulator.sessions import Sessions
from tests.doubles import ManualClock


def sessions_by(clock: ManualClock) -> Sessions:
    ids = count(1)
    return Sessions(clock=clock, new_id=lambda: f"s{next(ids)}", lifetime=60)


def test_an_opened_session_announces_its_id_and_its_end() -> None:
    sessions = sessions_by(ManualClock(1_700_000_000))

    session = sessions.open("m")

    assert "s1; Expires=2023-11-14T22:14:20Z" == session.announcement


def test_an_open_session_can_be_joined_with_what_it_keeps() -> None:
    sessions = sessions_by(ManualClock())
    session = sessions.open("m")
    session.data["seen"] = 1

    joined = sessions.join("m", session.id)

    assert {"seen": 1} == joined.data


def test_a_session_of_another_endpoint_is_not_found() -> None:
    sessions = sessions_by(ManualClock())
    session = sessions.open("m")

    with pytest.raises(Refusal) as caught:
        sessions.join("n", session.id)

    assert 400 == caught.value.answer.status
    assert b"Session s1 of endpoint n not found" in caught.value.answer.body


def test_a_session_is_forgotten_when_its_time_is_over() -> None:
    clock = ManualClock()
    sessions = sessions_by(clock)
    session = sessions.open("m")
    clock.advance(60)

    with pytest.raises(Refusal):
        sessions.join("m", session.id)

    assert 0 == len(sessions)


def test_sessions_that_nobody_closed_are_gone_when_others_open() -> None:
    clock = ManualClock()
    sessions = sessions_by(clock)
    sessions.open("m")
    clock.advance(30)
    sessions.open("m")
    clock.advance(30)

    sessions.open("m")

    assert 2 == len(sessions)


def test_forgetting_a_session_twice_is_no_error() -> None:
    sessions = sessions_by(ManualClock())
    session = sessions.open("m")

    sessions.forget(session)
    sessions.forget(session)

    assert 0 == len(sessions)


def test_a_model_closes_a_session_by_saying_so() -> None:
    session = sessions_by(ManualClock()).open("m")

    session.close()

    assert session.is_closed
