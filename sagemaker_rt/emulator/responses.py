"""What the emulator answers, before it is put on a connection.

An `Answer` is whole, a `StreamedAnswer` comes as it is made. Whoever finds that a
request has no other answer than an error raises a `Refusal` that holds it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping

from attrs import field, frozen

__all__ = ["Answer", "Refusal", "StreamedAnswer", "error_answer", "refusal"]


@frozen
class Answer:
    """A whole response."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(factory=dict, kw_only=True)


@frozen
class StreamedAnswer:
    """A response of status 200 whose body is made while it is sent."""

    headers: Mapping[str, str]
    frames: AsyncGenerator[bytes]
    """One message of the event stream each; whoever holds the answer closes it."""


class Refusal(Exception):  # noqa: N818 - it carries an answer, and never gets out
    """The request is answered by *answer*, an error, and by nothing else."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def error_answer(
    code: str,
    status: int,
    message: str | None,
    *,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> Answer:
    """Return an error as the service words it.

    Args:
        headers: Further headers.
        members: What the error's document says beside its message.
    """
    document = {"message": message, **(members or {})}
    return Answer(
        status,
        json.dumps(document).encode(),
        headers={
            "Content-Type": "application/json",
            "x-amzn-errortype": code,
            **(headers or {}),
        },
    )


def refusal(
    message: str, *, code: str = "ValidationError", status: int = 400
) -> Refusal:
    """Return what to raise where the service refuses a request with *message*."""
    return Refusal(error_answer(code, status, message))
