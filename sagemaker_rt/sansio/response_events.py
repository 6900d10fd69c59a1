"""The event in a message of a response stream.

The header ``:message-type`` decides::

    event       ``:event-type`` is the type; the payload is the event
    exception   ``:exception-type`` is the code of an error of the service model
    error       ``:error-code`` and ``:error-message`` are those of any other error
"""

from __future__ import annotations

from typing import Final

from sagemaker_rt.errors import CorruptMessageError, UnmodeledEventError
from sagemaker_rt.sansio.error_responses import ErrorClasses, event_error
from sagemaker_rt.sansio.eventstream import Message, MessageRun

__all__ = ["PAYLOAD_PART", "event_type", "is_payload_part"]

PAYLOAD_PART: Final = "PayloadPart"
"""The type of the one event of the service model that is not an error."""


def event_type(message: Message, known_errors: ErrorClasses) -> str:
    """Return the type of the event in *message*, or raise the error in it.

    Raises:
        ServiceError: *message* is an exception or an error.
        CorruptMessageError: The type of the message or of the event is missing.
    """
    headers = message.headers
    message_type = headers.get(":message-type")
    if message_type == "event":
        kind = headers.get(":event-type")
        if isinstance(kind, str):
            return kind
        text = f":event-type {kind!r} is not a string"
        raise CorruptMessageError(text)
    if message_type == "exception":
        code = str(headers.get(":exception-type", ""))
        raise event_error(code, message.payload, known_errors)
    if message_type == "error":
        raise UnmodeledEventError(
            str(headers.get(":error-message", "")),
            code=str(headers.get(":error-code", "")),
        )
    text = f":message-type {message_type!r} is not event, exception or error"
    raise CorruptMessageError(text)


def is_payload_part(message: Message | MessageRun) -> bool:
    """Return whether *message*, or each message of a run, is a part of the response."""
    headers = message.headers
    return (
        headers.get(":event-type") == PAYLOAD_PART
        and headers.get(":message-type") == "event"
    )
