"""What a row of the table says: what the server does, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from sagemaker_rt import SageMakerRuntimeError
from tests.faults.server import Scene

__all__ = ["PHASES", "QUICK", "Call", "Fault", "Phase"]

Phase: TypeAlias = Literal[
    "connect",
    "tls",
    "write",
    "head",
    "body",
    "chunking",
    "keep-alive",
    "event stream",
    "error body",
    "retry",
    "redirect",
    "proxy",
    "clock",
    "token",
]
PHASES: Final[tuple[Phase, ...]] = Phase.__args__  # type: ignore[attr-defined] # of a Literal

QUICK: Final[Mapping[str, float]] = {
    "connect_timeout": 2.0,
    "write_timeout": 0.4,
    "read_timeout": 0.4,
}


@frozen(kw_only=True)
class Call:
    """How the client is called; plain values, so that other clients can be, too."""

    operation: Literal["invoke", "stream", "async"] = "invoke"
    body_bytes: int = 2
    options: Mapping[str, float | str] = field(factory=dict)
    """Beside the time limits of `QUICK`."""
    into: Literal["memory", "a file"] = "memory"
    """Where a whole answer goes."""
    credentials: Literal["given", "renewed", "renewed with the same key"] = "given"
    before: int = 0
    """How many calls are made before the one that is judged."""
    is_hurried: bool = False
    """Whether a call follows at once on the one before, and does not wait until the
    server has done all that it does about that."""

    @property
    def is_of_ours_alone(self) -> bool:
        """Whether others would meet the fault of another row, without the option."""
        return self.into == "a file" or "request_compression" in self.options


@frozen(kw_only=True)
class Fault:
    """A row: what the server does, how it is called, and what must come of it."""

    name: str
    phase: Phase
    scene: Scene
    call: Call = Call()

    error: type[SageMakerRuntimeError] | None = None
    """What is raised; None is a success."""
    code: str | None = None
    """The code of a service error."""
    message: str | None = None
    """Its message."""
    data: bytes | None = None
    """What the call returned, or what the stream gave before its end or error."""
    custom_attributes: str | None = None
    """Those of the output."""
    attempts: int = 1
    request_sent: bool = True
    """As the error says it."""
    may_have_executed: bool = False
    """As the error says it."""
    delays: tuple[float, ...] | None = None
    """How long was waited before each further attempt, chance being 0."""
    bodies: int = 1
    """How many whole requests the server received, those of calls before included."""
    is_reused: bool = False
    """Whether the next call goes over a connection that was there."""
    is_cut: bool = False
    """Whether there is no whole answer, so that success would be a lie."""
