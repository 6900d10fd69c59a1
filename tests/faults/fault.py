"""A row of the fault table: what the server does, and the expected outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from sagemaker_rt import SageMakerRuntimeError
from tests.faults.server import Setup

__all__ = ["PHASES", "SHORT_TIMEOUTS", "Call", "Fault", "Phase"]

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

SHORT_TIMEOUTS: Final[Mapping[str, float]] = {
    "connect_timeout": 2.0,
    "write_timeout": 0.4,
    "read_timeout": 0.4,
}


@frozen(kw_only=True)
class Call:
    """How the client is called, in plain values that apply to other clients too."""

    operation: Literal["invoke", "stream", "async"] = "invoke"
    body_bytes: int = 2
    options: Mapping[str, float | str] = field(factory=dict)
    """Options in addition to `SHORT_TIMEOUTS`."""
    target: Literal["memory", "file"] = "memory"
    """Where the response body is written."""
    credentials: Literal["static", "rotated", "renewed with the same key"] = "static"
    reader: Literal["patient", "impatient", "late", "elsewhere"] = "patient"
    """An impatient reader of a stream cancels its reads again and again. A late one
    closes the stream after the first event, and goes on to read. One elsewhere reads
    the second event in another event loop."""
    is_executor_busy: bool = False
    """Whether all threads of the event loop's executor are busy during the call."""
    is_interpreter_ending: bool = False
    """Whether an exit handler of another program makes the call, three times."""
    previous_calls: int = 0
    """Number of calls before the one that is checked."""
    is_immediate: bool = False
    """Whether a call is made without waiting until the server has finished its
    behaviour for the previous one."""

    @property
    def is_for_this_client_only(self) -> bool:
        """Whether other clients cannot make this call."""
        has_own_options = self.target == "file" or "request_compression" in self.options
        return has_own_options or self.is_interpreter_ending


@frozen(kw_only=True)
class Fault:
    """A row: what the server does, how it is called, and the expected outcome."""

    name: str
    phase: Phase
    setup: Setup
    call: Call = Call()

    error: type[SageMakerRuntimeError] | None = None
    """The type of the error; None is a success."""
    code: str | None = None
    """The code of a service error."""
    message: str | None = None
    """Its message."""
    data: bytes | None = None
    """The response body, or the parts of a stream before its end or error."""
    custom_attributes: str | None = None
    """The custom attributes of the output."""
    attempts: int = 1
    request_sent: bool = True
    """The attribute of the error."""
    may_have_executed: bool = False
    """The attribute of the error."""
    delays: tuple[float, ...] | None = None
    """Seconds before each retry, with jitter 0."""
    bodies: int = 1
    """Number of complete requests that the server received, in all calls."""
    is_reused: bool = False
    """Whether the next call reuses a connection."""
    is_incomplete: bool = False
    """Whether there is no complete response, so that a success would be wrong."""
