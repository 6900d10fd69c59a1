"""The body of a request while it waits."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.transport.http2_outgoing import Outgoing


class Window:
    """A session whose window is set by the test, with frames of 4 bytes."""

    def __init__(self) -> None:
        self.window = 0
        self.sent: list[bytes] = []
        self.is_ended = False

    @property
    def send_limit(self) -> int:
        return min(self.window, 4)

    def send(self, data: bytes, *, end: bool = False) -> None:
        self.window -= len(data)
        if end:
            self.is_ended = True
        else:
            self.sent.append(data)


@pytest.fixture
def window() -> Any:
    return Window()


def test_an_event_that_fits_gets_a_frame(window: Any) -> None:
    window.window = 100
    outgoing = Outgoing(window)
    outgoing.append(b"ab")
    outgoing.append(b"cd")

    assert outgoing.write()
    assert [b"ab", b"cd"] == window.sent
    assert 0 == outgoing.size


def test_a_larger_one_is_divided_as_the_window_opens(window: Any) -> None:
    outgoing = Outgoing(window)
    outgoing.append(b"abcdefghij")
    outgoing.end()

    assert not outgoing.write()
    window.window = 6
    assert outgoing.write()
    assert (4, False) == (outgoing.size, outgoing.is_finished)
    window.window = 100
    assert outgoing.write()

    assert [b"abcd", b"ef", b"ghij"] == window.sent
    assert outgoing.is_finished
    assert window.is_ended


def test_what_waits_is_discarded(window: Any) -> None:
    outgoing = Outgoing(window)
    outgoing.append(b"ab")
    outgoing.clear()
    window.window = 10

    assert not outgoing.write()
    assert [] == window.sent
