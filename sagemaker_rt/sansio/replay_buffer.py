"""The events of a stream that are sent again after a reconnect.

The protocol has no acknowledgements: only the caller knows which events the model has
processed. All others are kept, in whole messages::

    PARTIAL  COMPLETE | COMPLETE | PARTIAL  PARTIAL …
       1         2         3         4         5

    acknowledge(2)   keeps 3 4 5
    acknowledge(4)   keeps 4 5: a message is sent again from its start
"""

from __future__ import annotations

from collections import deque
from typing import Final, Generic, TypeVar

from attrs import define, field

from sagemaker_rt.errors import ParamValidationError, ReplayBufferFullError

__all__ = ["EVENT_OVERHEAD", "ReplayBuffer"]

EVENT_OVERHEAD: Final = 256
"""The bytes that an event counts in addition to its content."""

E = TypeVar("E")


@define
class _Message(Generic[E]):
    """The events of a message; the number of the last one, and their bytes."""

    events: list[E] = field(factory=list)
    last: int = 0
    size: int = 0


class ReplayBuffer(Generic[E]):
    """Counts the events that are sent, and keeps those that were not acknowledged.

    Args:
        max_bytes: The maximum size of all events that are kept; 0 to keep none.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes: Final = max_bytes
        self._messages: Final[deque[_Message[E]]] = deque()
        self._size = 0
        self.count = 0
        """Events that were sent."""
        self.is_inside_message = False
        """Whether the last message is incomplete."""

    @property
    def keeps_events(self) -> bool:
        """Whether events are kept."""
        return self._max_bytes > 0

    def require_room(self, content: int) -> None:
        """Require room for an event with *content* bytes.

        Raises:
            ReplayBufferFullError: There is not enough room.
        """
        if (
            self.keeps_events
            and self._size + content + EVENT_OVERHEAD > self._max_bytes
        ):
            message = (
                f"replay_bytes is {self._max_bytes}, and {self._size} are in use by "
                "events that were not acknowledged; the event was not sent"
            )
            raise ReplayBufferFullError(message)

    def add(self, event: E, content: int, *, is_complete: bool) -> None:
        """Add *event*, which was sent.

        Args:
            content: The bytes of its content.
            is_complete: Whether it is the last event of its message.
        """
        self.count += 1
        was_inside, self.is_inside_message = self.is_inside_message, not is_complete
        if not self.keeps_events:
            return
        if not was_inside:
            self._messages.append(_Message())
        message, size = self._messages[-1], content + EVENT_OVERHEAD
        message.events.append(event)
        message.last = self.count
        message.size += size
        self._size += size

    def acknowledge(self, count: int) -> None:
        """Discard the whole messages among the first *count* events.

        Raises:
            ParamValidationError: *count* is not a number of events that were sent.
        """
        is_number = isinstance(count, int) and not isinstance(count, bool)
        if not is_number or not 0 <= count <= self.count:
            problem = f"events must be a number from 0 to {self.count}, not {count!r}"
            raise ParamValidationError(problem, [problem])
        complete = len(self._messages) - self.is_inside_message
        while complete > 0 and self._messages[0].last <= count:
            self._size -= self._messages.popleft().size
            complete -= 1

    def events(self) -> list[E]:
        """Return the events that are kept, in order."""
        return [event for message in self._messages for event in message.events]

    def drop_message(self) -> bool:
        """Forget an incomplete message if it is not kept; return whether there is one.

        Its remaining events cannot be sent without those before them.
        """
        is_cut = self.is_inside_message and not self.keeps_events
        if is_cut:
            self.is_inside_message = False
        return is_cut
