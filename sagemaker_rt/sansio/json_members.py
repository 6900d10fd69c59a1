"""Members of JSON objects from containers, which are not trusted to have any type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sagemaker_rt.sansio.text_deltas import Usage

__all__ = ["integer", "members", "objects", "strings", "text", "usage_of"]

_NO_MEMBERS: Final[Mapping[str, Any]] = {}


def text(value: object) -> str:
    """Return a string; empty if *value* is not one."""
    return value if isinstance(value, str) else ""


def integer(value: object) -> int | None:
    """Return an integer; None if *value* is not one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def members(value: object) -> Mapping[str, Any]:
    """Return an object; an empty one if *value* is not one."""
    return value if isinstance(value, Mapping) else _NO_MEMBERS


def objects(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a list; none if *value* is not a list."""
    if not isinstance(value, list):
        return ()
    return [item for item in value if isinstance(item, Mapping)]


def strings(value: object) -> Sequence[str]:
    """Return a string, or those of a list, in which other values become empty."""
    if isinstance(value, list):
        return [text(item) for item in value]
    return (value,) if isinstance(value, str) else ()


def usage_of(
    value: object, prompt: str, completion: str, *, earlier: Usage | None = None
) -> Usage | None:
    """Return the numbers of tokens in an object, completed by those reported before."""
    facts = members(value)
    prompt_tokens = integer(facts.get(prompt))
    completion_tokens = integer(facts.get(completion))
    if prompt_tokens is None and completion_tokens is None:
        return None
    if earlier is not None:
        if prompt_tokens is None:
            prompt_tokens = earlier.prompt_tokens
        if completion_tokens is None:
            completion_tokens = earlier.completion_tokens
    return Usage(prompt_tokens, completion_tokens)
