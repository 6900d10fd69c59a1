from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.result_buffer import ResultBuffer


def fill(buffer: ResultBuffer[str]) -> list[int]:
    """Start calls while there is room, and return their indices."""
    started = []
    while buffer.has_room:
        started.append(buffer.start())
    return started


def drain(buffer: ResultBuffer[str]) -> list[str]:
    """Take all results that are ready."""
    taken = []
    while (result := buffer.pop()) is not None:
        taken.append(result)
    return taken


def test_calls_start_while_fewer_than_the_concurrency_are_in_flight() -> None:
    buffer = ResultBuffer[str](3, is_ordered=False)

    assert [0, 1, 2] == fill(buffer)
    assert (3, 3) == (buffer.started, buffer.in_flight)


def test_results_without_order_are_delivered_as_calls_finish() -> None:
    buffer = ResultBuffer[str](3, is_ordered=False)
    fill(buffer)

    buffer.finish(2, "two")
    buffer.finish(0, "zero")

    assert buffer.is_ready
    assert ["two", "zero"] == drain(buffer)
    assert not buffer.is_ready


def test_results_in_order_wait_for_the_calls_before_them() -> None:
    for order in permutations(range(4)):
        buffer = ResultBuffer[str](4, is_ordered=True)
        fill(buffer)
        delivered = list[str]()
        for index in order:
            buffer.finish(index, str(index))
            delivered += drain(buffer)

            assert delivered == [str(i) for i in range(len(delivered))]

        assert ["0", "1", "2", "3"] == delivered


def test_a_result_that_is_not_taken_leaves_no_room() -> None:
    buffer = ResultBuffer[str](2, is_ordered=False)
    fill(buffer)

    buffer.finish(0, "zero")
    buffer.finish(1, "one")

    assert not buffer.has_room
    buffer.pop()
    assert [2] == fill(buffer)


def test_a_slow_call_stops_the_others_when_twice_the_concurrency_is_held() -> None:
    buffer = ResultBuffer[str](3, is_ordered=True)
    started = fill(buffer)

    while len(started) > 1 and buffer.started < 100:  # all but the first finish
        buffer.finish(started.pop(), "done")
        started += fill(buffer)

    assert (6, 1) == (buffer.started, buffer.in_flight)
    assert [] == drain(buffer)
    buffer.finish(0, "slow")
    assert ["slow", *["done"] * 5] == drain(buffer)


def test_nothing_is_delivered_for_a_call_without_a_result() -> None:
    for is_ordered in (False, True):
        buffer = ResultBuffer[str](3, is_ordered=is_ordered)
        fill(buffer)

        buffer.finish(1, None)
        buffer.finish(0, "zero")
        buffer.finish(2, "two")

        assert ["zero", "two"] == drain(buffer)


def test_calls_without_results_leave_room() -> None:
    for is_ordered in (False, True):
        buffer = ResultBuffer[str](2, is_ordered=is_ordered)
        for _ in range(100):
            for index in fill(buffer):
                buffer.finish(index, None)

        assert 200 <= buffer.started


@given(st.integers(1, 5), st.booleans(), st.lists(st.integers(0, 5), max_size=200))
def test_nothing_is_lost_and_the_bound_holds(
    concurrency: int, is_ordered: bool, choices: list[int]
) -> None:
    buffer = ResultBuffer[str](concurrency, is_ordered=is_ordered)
    in_flight, delivered = list[int](), list[str]()
    for choice in choices:
        if choice == 0:
            delivered += [buffer.pop() or "nothing"]
        elif choice == 1 and buffer.has_room:
            in_flight.append(buffer.start())
        elif in_flight:
            index = in_flight.pop(choice % len(in_flight))
            buffer.finish(index, str(index))
        held = buffer.started - len([d for d in delivered if d != "nothing"])

        assert len(in_flight) == buffer.in_flight <= concurrency
        assert held <= concurrency * (1 + is_ordered)

    for index in in_flight:
        buffer.finish(index, str(index))
    delivered = [d for d in delivered if d != "nothing"] + drain(buffer)
    expected = [str(index) for index in range(buffer.started)]
    assert expected == (delivered if is_ordered else sorted(delivered, key=int))
