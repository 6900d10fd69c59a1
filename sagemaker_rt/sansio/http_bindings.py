"""Where the members of a shape travel, and what the service's model demands of them.

Shapes carry these in ``Annotated``; `sagemaker_rt.sansio.restjson` compiles them.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from attrs import frozen

__all__ = [
    "Binding",
    "Constraints",
    "Header",
    "JSONMember",
    "Label",
    "Pattern",
    "Payload",
]


@frozen
class Pattern:
    """A pattern of the model, which a whole value must match."""

    text: str
    """As Python's `re` spells it."""

    def compile(self) -> re.Pattern[str]:
        """Return it compiled, for `fullmatch`; this is not done for all at import."""
        return re.compile(self.text, re.DOTALL)


@frozen(kw_only=True)
class Constraints:
    """What the model says of a member: lengths for text and bytes, else values."""

    min: int | None = None
    max: int | None = None
    pattern: Pattern | None = None


FREE: Final = Constraints()


@frozen
class Label:
    """In the path, percent-encoded."""

    name: str
    constraints: Constraints = FREE


@frozen
class Header:
    """In the header *name*; None and the empty string are not sent."""

    name: str
    constraints: Constraints = FREE


@frozen
class Payload:
    """The whole body."""

    constraints: Constraints = FREE
    is_limited: bool = False
    """Whether the largest size of the model is also the service's, and so enforced."""


@frozen
class JSONMember:
    """Under *name* in the JSON document that is the body."""

    name: str


Binding: TypeAlias = Label | Header | Payload | JSONMember
