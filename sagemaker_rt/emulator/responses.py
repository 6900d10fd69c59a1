"""Responses of the emulator, before they are written to a connection."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Final

from attrs import field, frozen

__all__ = [
    "Answer",
    "RequestRejected",
    "ResponseBroken",
    "StreamedAnswer",
    "error_answer",
    "json_document",
    "rejection",
]

_MODELLED: Final = frozenset(
    {
        "InternalDependencyException",
        "InternalFailure",
        "ModelError",
        "ModelNotReadyException",
        "ServiceUnavailable",
        "ValidationError",
    }
)


@frozen
class Answer:
    """A response with a complete body.

    As a fault, it replaces the response of the emulator.
    """

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(factory=dict, kw_only=True)
    """Sent in addition to ``Date``, ``Content-Length`` and the request id."""


@frozen
class StreamedAnswer:
    """A response with status 200 whose body is generated while it is sent."""

    headers: Mapping[str, str]
    frames: AsyncGenerator[bytes]
    """Encoded event stream messages, or the parts of a body without frames. The owner
    of the answer closes the generator."""


class ResponseBroken(Exception):  # noqa: N818 - control flow inside the emulator
    """The model failed after its response began, and the connection is closed."""


class RequestRejected(Exception):  # noqa: N818 - control flow inside the emulator
    """The emulator responds to the request with *answer*, an error."""

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
    """Return an error response in the format of SageMaker Runtime (REST-JSON).

    The errors of the service model have a member ``Message``. All other errors, such as
    those of signatures, have ``message``.

    Args:
        headers: Additional headers.
        members: Additional members of the JSON document, beside the message.
    """
    name = "Message" if code in _MODELLED else "message"
    return Answer(
        status,
        json_document({name: message, **(members or {})}),
        headers={
            "Content-Type": "application/json",
            "x-amzn-errortype": code,
            **(headers or {}),
        },
    )


def json_document(members: Mapping[str, object]) -> bytes:
    """Return a JSON document as the service writes it: compact, sorted by name."""
    return json.dumps(members, separators=(",", ":"), sort_keys=True).encode()


def rejection(
    message: str, *, code: str = "ValidationError", status: int = 400
) -> RequestRejected:
    """Return an exception that makes the emulator respond with an error."""
    return RequestRejected(error_answer(code, status, message))
