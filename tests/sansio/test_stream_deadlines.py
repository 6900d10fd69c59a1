"""The time limits of a stream in both directions."""

from __future__ import annotations

from typing import Any

from sagemaker_rt.sansio.stream_deadlines import (
    Due,
    Limit,
    StreamDeadlines,
    StreamLimits,
)

NONE: dict[str, Any] = dict.fromkeys(
    ("response", "write", "silence", "ping_interval", "ping")
)


def deadlines(
    *, deadline: float | None = None, **limits: float | None
) -> StreamDeadlines:
    return StreamDeadlines(StreamLimits(**NONE | limits), deadline, 100.0)


def test_without_limits_nothing_is_due() -> None:
    stream = deadlines()
    stream.stalled(100)

    assert Due() == stream.check(1e9)
    assert stream.next_at() is None


def test_the_response_headers_are_due_after_the_request() -> None:
    stream = deadlines(response=5)

    assert 105 == stream.next_at()
    assert Due() == stream.check(104)
    assert Due(Limit.RESPONSE, 5) == stream.check(105)


def test_the_first_event_starts_the_wait_for_the_response_again() -> None:
    stream = deadlines(response=5)
    stream.sent_event(103)
    stream.sent_event(107)

    assert Due(Limit.RESPONSE, 5) == stream.check(108)


def test_after_the_response_its_limit_is_off() -> None:
    stream = deadlines(response=5)
    stream.responded(101)
    stream.sent_event(102)

    assert stream.next_at() is None


def test_events_that_wait_must_make_progress() -> None:
    stream = deadlines(write=5)
    stream.progressed(101)
    stream.stalled(102)
    stream.stalled(104)

    assert 107 == stream.next_at()
    stream.progressed(106)
    assert Due() == stream.check(107)
    assert Due(Limit.WRITE, 5) == stream.check(111)
    stream.flows()
    assert Due() == stream.check(111)


def test_silence_is_measured_from_the_response_headers() -> None:
    stream = deadlines(silence=5)
    assert stream.next_at() is None

    stream.responded(110)
    stream.received_event(112)
    stream.received(116)  # a PING does not count

    assert Due(Limit.SILENCE, 5) == stream.check(117)


def test_a_ping_is_due_after_an_interval_without_bytes() -> None:
    stream = deadlines(ping_interval=10, ping=3)
    stream.received(101)

    assert 111 == stream.next_at()
    assert Due(ping=True) == stream.check(111)
    assert Due() == stream.check(112)
    assert 114 == stream.next_at()
    assert Due(Limit.PING, 3) == stream.check(114)


def test_any_bytes_answer_a_ping() -> None:
    stream = deadlines(ping_interval=10, ping=3)
    stream.check(110)
    stream.received(112)

    assert Due() == stream.check(115)
    assert 122 == stream.next_at()


def test_the_deadline_of_the_call_applies() -> None:
    stream = deadlines(deadline=150, response=70)

    assert 150 == stream.next_at()
    assert Due(Limit.TOTAL) == stream.check(150)
