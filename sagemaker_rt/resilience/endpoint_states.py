"""States by endpoint, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from threading import Lock
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sagemaker_rt.context import Context, Key
from sagemaker_rt.http import Request

__all__ = [
    "IS_COPY",
    "EndpointKey",
    "EndpointStates",
    "counts_for_endpoint",
    "endpoint_key",
]

T = TypeVar("T")

# endpoint names come from callers: without a limit, memory would grow forever
_MAX_IDLE: Final = 1024


IS_COPY: Key[bool] = Key("is_copy")
"""In the context of a copy of a call, which `ShadowTraffic` sends."""


class EndpointKey(NamedTuple):
    """What identifies an endpoint: its name and the host that serves it."""

    host: str
    """Host and port of the service, such as those of a region."""
    endpoint_name: str


def endpoint_key(ctx: Context, request: Request) -> EndpointKey:
    """Return the key of the endpoint that *request* is for."""
    endpoint = request.endpoint
    host = "" if endpoint is None else endpoint.host
    return EndpointKey(host, ctx.endpoint_name or "")


def counts_for_endpoint(ctx: Context) -> bool:
    """Return whether the state of the endpoint depends on this call.

    It does not if nothing is sent, or if the call is a copy: what happens to copies
    must not change the calls of callers, also if both go to the same endpoint.
    """
    return not (ctx.is_prepare or IS_COPY in ctx)


class EndpointStates(Generic[T]):
    """One state per endpoint, made when it is needed; also by several threads.

    The 1,024 most recently used states are kept, and all that are not idle.

    Args:
        make: Returns a new state.
        is_idle: Returns whether a state may be dropped.
    """

    def __init__(self, make: Callable[[], T], is_idle: Callable[[T], bool]) -> None:
        self._make: Final = make
        self._is_idle: Final = is_idle
        self._states: Final[OrderedDict[tuple[str, str], T]] = OrderedDict()
        # one attribute: another thread must not see the key of one with the other state
        self._latest: tuple[tuple[str, str] | None, Any] = (None, None)
        self._lock: Final = Lock()

    def of(self, ctx: Context, request: Request) -> T:
        """Return the state of the endpoint that *request* is for."""
        endpoint = request.endpoint
        # a plain tuple equals an EndpointKey, and takes less time to make
        key = ("" if endpoint is None else endpoint.host, ctx.endpoint_name or "")
        # the same as in __getitem__: a call of it would double the time
        known, latest = self._latest
        if key == known:
            state: T = latest
            return state
        return self[key]

    def __getitem__(self, key: tuple[str, str]) -> T:
        known, latest = self._latest
        if key == known:
            state: T = latest
            return state
        with self._lock:
            found = self._states.get(key)
            if found is None:
                self._make_room()
                found = self._states[key] = self._make()
            else:
                self._states.move_to_end(key)
            self._latest = key, found
        return found

    def __iter__(self) -> Iterator[tuple[EndpointKey, T]]:
        """Yield keys and states, the least recently used first."""
        return (
            (EndpointKey(*key), state) for key, state in tuple(self._states.items())
        )

    def __len__(self) -> int:
        return len(self._states)

    def _make_room(self) -> None:
        excess = max(len(self._states) + 1 - _MAX_IDLE, 0)
        idle = (key for key, state in self._states.items() if self._is_idle(state))
        for key in tuple(islice(idle, excess)):
            del self._states[key]
