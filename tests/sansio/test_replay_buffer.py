from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import ParamValidationError, ReplayBufferFullError
from sagemaker_rt.sansio.replay_buffer import EVENT_OVERHEAD, ReplayBuffer


def filled(*states: bool, max_bytes: int = 10_000) -> ReplayBuffer[int]:
    """Return a buffer with events 1, 2 and so on, which are complete or not."""
    buffer = ReplayBuffer[int](max_bytes)
    for number, is_complete in enumerate(states, 1):
        buffer.add(number, 10, is_complete=is_complete)
    return buffer


@pytest.mark.parametrize(
    ("acknowledged", "kept"),
    [
        (0, [1, 2, 3, 4, 5]),
        (1, [1, 2, 3, 4, 5]),
        (2, [3, 4, 5]),
        (3, [4, 5]),
        (4, [4, 5]),
        (5, [4, 5]),
    ],
)
def test_whole_messages_are_kept(acknowledged: int, kept: list[int]) -> None:
    buffer = filled(False, True, True, False, False)

    buffer.acknowledge(acknowledged)
    buffer.acknowledge(0)

    assert kept == buffer.events()
    assert (5, True) == (buffer.count, buffer.is_inside_message)
    assert not buffer.drop_message()


@pytest.mark.parametrize("count", [-1, 3, True, 1.0, "1", None])
def test_only_events_that_were_sent_can_be_acknowledged(count: Any) -> None:
    with pytest.raises(ParamValidationError):
        filled(True, True).acknowledge(count)


def test_the_size_is_limited_also_for_empty_events() -> None:
    buffer = ReplayBuffer[int](3 * EVENT_OVERHEAD)
    for number in range(3):
        buffer.require_room(0)
        buffer.add(number, 0, is_complete=True)

    with pytest.raises(ReplayBufferFullError):
        buffer.require_room(0)
    buffer.acknowledge(1)
    buffer.require_room(0)
    with pytest.raises(ReplayBufferFullError):
        buffer.require_room(1)


def test_without_a_size_nothing_is_kept_or_limited() -> None:
    buffer = filled(True, False, max_bytes=0)
    buffer.require_room(1 << 40)

    buffer.acknowledge(1)

    assert ([], True) == (buffer.events(), buffer.is_inside_message)
    assert [True, False] == [buffer.drop_message(), buffer.drop_message()]
    assert not buffer.is_inside_message
