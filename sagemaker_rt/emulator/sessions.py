"""Stateful sessions, which invocations open, join and close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from attrs import define, field

from sagemaker_rt.emulator.responses import rejection

__all__ = ["Session", "Sessions"]


@define(eq=False)
class Session:
    """A stateful session of an endpoint."""

    id: str
    endpoint_name: str
    expires_at: float
    """Seconds since the epoch."""
    data: dict[str, object] = field(factory=dict, repr=False)
    """Storage of the model, kept until the session ends."""
    is_closed: bool = False

    def close(self) -> None:
        """End the session after this request; the response reports it as closed."""
        self.is_closed = True

    @property
    def announcement(self) -> str:
        """Value of the header that reports a new session: its id and its expiry."""
        end = datetime.fromtimestamp(int(self.expires_at), UTC)
        return f"{self.id}; Expires={end:%Y-%m-%dT%H:%M:%SZ}"


class Sessions:
    """The open sessions of all endpoints.

    Args:
        lifetime: Seconds until a session expires.
    """

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
        """Open a session, and discard the expired ones."""
        now = self._clock()
        # all sessions have the same lifetime, so the expired ones come first
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
            RequestRejected: The session does not exist, or has expired.
        """
        session = self._open.get(id)
        if session is not None and session.expires_at <= self._clock():
            self.discard(session)
            session = None
        if session is None or session.endpoint_name != endpoint_name:
            message = f"Session {id} of endpoint {endpoint_name} not found."
            raise rejection(message)
        return session

    def discard(self, session: Session) -> None:
        """Remove *session*; does nothing if it was removed before."""
        self._open.pop(session.id, None)
