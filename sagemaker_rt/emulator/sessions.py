"""Stateful sessions: opened, joined and closed by invocations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from attrs import define, field

from sagemaker_rt.emulator.responses import refusal

__all__ = ["Session", "Sessions"]


@define(eq=False)
class Session:
    """One stateful session of an endpoint."""

    id: str
    endpoint_name: str
    expires_at: float
    """Seconds since the epoch."""
    data: dict[str, object] = field(factory=dict, repr=False)
    """What the model wants to find again at the session's next request."""
    is_closed: bool = False

    def close(self) -> None:
        """End the session with this request, whose answer says so."""
        self.is_closed = True

    @property
    def announcement(self) -> str:
        """The id and the end of the session, as its first answer has them."""
        end = datetime.fromtimestamp(int(self.expires_at), UTC)
        return f"{self.id}; Expires={end:%Y-%m-%dT%H:%M:%SZ}"


class Sessions:
    """The open sessions of all endpoints."""

    def __init__(
        self, *, clock: Callable[[], float], new_id: Callable[[], str], lifetime: float
    ) -> None:
        self._clock = clock
        self._new_id = new_id
        self._lifetime = lifetime
        self._open: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, endpoint_name: str) -> Session:
        """Open a session for *endpoint_name*."""
        now = self._clock()
        # all live equally long: those that have ended stand first
        for id, session in list(self._open.items()):
            if session.expires_at > now:
                break
            del self._open[id]
        session = Session(self._new_id(), endpoint_name, now + self._lifetime)
        self._open[session.id] = session
        return session

    def join(self, endpoint_name: str, id: str) -> Session:
        """Return the open session *id* of *endpoint_name*.

        Raises:
            Refusal: There is none, or its time is over.
        """
        session = self._open.get(id)
        if session is not None and session.expires_at <= self._clock():
            self.forget(session)
            session = None
        if session is None or session.endpoint_name != endpoint_name:
            message = f"Session {id} of endpoint {endpoint_name} not found."
            raise refusal(message)
        return session

    def forget(self, session: Session) -> None:
        """Let go of *session*, if that has not happened yet."""
        self._open.pop(session.id, None)
