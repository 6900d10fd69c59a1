from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.adaptive_concurrency import AdaptiveConcurrency
from sagemaker_rt.sansio.call_places import CallPlaces


def places_of(limit: int, max_waiting: int = 2) -> CallPlaces[str]:
    fixed = AdaptiveConcurrency(initial=limit, maximum=limit)
    return CallPlaces(fixed, max_waiting)


def test_calls_enter_up_to_the_limit() -> None:
    places = places_of(2)

    assert [True, True, False] == [places.enter() for _ in range(3)]
    assert 2 == places.in_flight


def test_those_that_wait_get_places_in_turn() -> None:
    places = places_of(1)
    places.enter()
    for waiter in "ab":
        places.wait(waiter)
    full = places.is_full
    none = places.next_waiter()
    places.leave()

    assert (True, None, 2) == (full, none, places.waiting)
    assert not places.enter()  # it would overtake those that wait
    assert "a" == places.next_waiter()
    assert (None, 1, False) == (places.next_waiter(), places.waiting, places.is_full)


def test_who_gives_up_gets_no_place() -> None:
    places = places_of(1)
    places.enter()
    for waiter in "ab":
        places.wait(waiter)

    assert places.give_up("a")
    places.leave()
    assert "b" == places.next_waiter()
    assert not places.give_up("b")
    places.leave()
    assert (None, 0) == (places.next_waiter(), places.in_flight)


def test_a_lower_limit_lets_no_one_in_until_enough_have_left() -> None:
    limit = AdaptiveConcurrency(initial=10)
    places = CallPlaces[str](limit, 100)
    for _ in range(10):
        places.enter()
    places.wait("a")
    limit.throttled(0.0, 1.0)
    let_in = []
    for _ in range(4):
        places.leave()
        let_in.append(places.next_waiter())

    assert [None, None, None, "a"] == let_in


@given(
    st.lists(
        st.sampled_from(["call", "end", "give up", "throttle", "fast"]), max_size=150
    )
)
def test_no_place_is_lost_and_no_limit_exceeded(steps: list[str]) -> None:
    limit = AdaptiveConcurrency(initial=4, maximum=8)
    places, expected_in_flight = CallPlaces[int](limit, 5), 0
    queue: list[int] = []
    for number, step in enumerate(steps):
        if step == "call":
            if places.enter():
                assert not queue
                expected_in_flight += 1
                assert places.in_flight <= limit.limit
            elif not places.is_full:
                places.wait(number)
                queue.append(number)
        elif step == "end" and expected_in_flight:
            places.leave()
            expected_in_flight -= 1
        elif step == "give up" and queue:
            assert places.give_up(queue.pop())
        elif step == "throttle":
            limit.throttled(float(number), float(number))
        elif step == "fast":
            limit.succeeded(0.1, in_flight=places.in_flight)
        while (waiter := places.next_waiter()) is not None:
            assert queue.pop(0) == waiter
            expected_in_flight += 1
            assert places.in_flight <= limit.limit
        assert (expected_in_flight, len(queue)) == (places.in_flight, places.waiting)
        assert not queue or places.in_flight >= limit.limit
