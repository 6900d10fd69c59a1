"""Text deltas, and the base class of the formats in which containers stream them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from attrs import frozen

__all__ = ["DeltaFormat", "ReportsUsage", "TextDelta", "ToolCallDelta", "Usage"]


@frozen
class Usage:
    """The numbers of tokens, as the container last reported them."""

    prompt_tokens: int | None = None
    """Tokens of the input."""
    completion_tokens: int | None = None
    """Tokens that were generated so far."""


@runtime_checkable
class ReportsUsage(Protocol):
    """A decoder that knows the numbers of tokens."""

    @property
    def usage(self) -> Usage | None:
        """The numbers of tokens, as last reported; None if there were none."""
        ...


@frozen
class ToolCallDelta:
    """A piece of a tool call. The pieces of one call have the same ``index``."""

    index: int
    """The position of the call in the answer."""
    id: str | None = None
    """The id of the call; in its first piece only."""
    name: str | None = None
    """The name of the tool; in its first piece only."""
    arguments: str = ""
    """The next characters of the arguments, which are JSON once joined."""


@frozen
class TextDelta:
    """What one value of a stream adds to the answer of a model."""

    text: str = ""
    """The new text; empty if the value only has other members."""
    index: int = 0
    """The choice that the text belongs to, if several answers were requested."""
    finish_reason: str | None = None
    """Why the answer ended, in the words of the container; None before its end."""
    usage: Usage | None = None
    """The numbers of tokens, if the value has them."""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    """Pieces of tool calls."""
    reasoning: str = ""
    """New text of the model's reasoning, which is not part of the answer."""
    raw: Any = None
    """The JSON value; in an output that is plain text, the text."""


class DeltaFormat(ABC):
    """How a container writes text into JSON values. Subclass it to add a format.

    There is one object per stream, which may keep state.
    """

    name: ClassVar[str]
    """The name by which `iter_deltas` selects the format."""
    has_end_mark: bool = True
    """Whether the format shows its end. If so, a stream without it is incomplete."""

    def __init__(self) -> None:
        self.is_finished = False
        """Whether the end mark was read."""

    @classmethod
    @abstractmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        """Whether the first JSON object of a stream shows this format."""

    @abstractmethod
    def read(self, value: Mapping[str, Any]) -> Iterable[TextDelta]:
        """Return the deltas in a JSON object.

        Raises:
            ContainerStreamError: The object reports an error.
        """
