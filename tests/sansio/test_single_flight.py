from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.single_flight import SingleFlight


def test_the_first_call_leads_and_others_follow() -> None:
    flights = SingleFlight[str]()

    leads = [flights.lead("k"), flights.lead("k"), flights.lead("other")]
    flights.follow("k", "a")
    flights.follow("k", "b")

    assert ([True, False, True], 2) == (leads, len(flights))
    assert ["a", "b"] == flights.land("k")
    assert flights.lead("k")


def test_who_leaves_gets_no_result() -> None:
    flights = SingleFlight[str]()
    flights.lead("k")
    flights.follow("k", "a")

    assert flights.leave("k", "a")
    assert not flights.leave("k", "a")
    assert [] == flights.land("k")
    assert not flights.leave("k", "a")


def test_the_first_follower_becomes_the_leader() -> None:
    flights = SingleFlight[str]()
    flights.lead("k")
    for follower in "ab":
        flights.follow("k", follower)

    assert "a" == flights.hand_over("k")
    assert not flights.lead("k")
    assert ["b"] == flights.land("k")


def test_without_followers_the_call_ends() -> None:
    flights = SingleFlight[str]()
    flights.lead("k")

    assert (None, 0) == (flights.hand_over("k"), len(flights))


@given(st.lists(st.sampled_from(["call", "leave", "land", "hand over"]), max_size=80))
def test_there_is_one_leader_and_every_follower_gets_a_result(steps: list[str]) -> None:
    flights, followers, is_led = SingleFlight[int](), list[int](), False
    for number, step in enumerate(steps):
        if step == "call":
            leads = flights.lead("k")
            assert leads is not is_led
            is_led = True
            if not leads:
                flights.follow("k", number)
                followers.append(number)
        elif step == "leave" and followers:
            assert flights.leave("k", followers.pop())
        elif step == "land" and is_led:
            assert followers == flights.land("k")
            followers, is_led = [], False
        elif step == "hand over" and is_led:
            expected = followers.pop(0) if followers else None
            assert expected == flights.hand_over("k")
            is_led = expected is not None
        assert len(flights) == is_led
