"""Sending text and bytes as events."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sagemaker_rt.errors import ParamValidationError, SerializationError
from sagemaker_rt.sansio.bidirectional_events import BINARY, COMPLETE, PARTIAL, UTF8
from sagemaker_rt.shapes import RequestPayloadPart

__all__ = ["EventWriter", "require_part"]


class EventWriter(ABC):
    """Sends events by `send`."""

    @abstractmethod
    async def send(self, part: RequestPayloadPart) -> None:
        """Send an event."""

    async def send_bytes(self, data: bytes, *, is_partial: bool = False) -> None:
        """Send a binary event; it raises the same errors as `send`.

        Args:
            data: The content: bytes or any buffer.
            is_partial: Whether more events of the same message follow.

        Raises:
            ParamValidationError: *data* is None; it was not sent.
        """
        _require_content(data)
        state = PARTIAL if is_partial else COMPLETE
        await self.send(
            RequestPayloadPart(data, data_type=BINARY, completion_state=state)
        )

    async def send_text(self, text: str, *, is_partial: bool = False) -> None:
        """Send a text event; it raises the same errors as `send`.

        Args:
            text: The content, which is sent as UTF-8.
            is_partial: Whether more events of the same message follow.

        Raises:
            ParamValidationError: *text* is not a str; it was not sent.
            SerializationError: *text* is not valid Unicode; it was not sent.
        """
        if not isinstance(text, str):
            problem = f"text must be a str, not {type(text).__name__}"
            raise ParamValidationError(problem, [problem])
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            message = f"the text is not valid Unicode at character {error.start}"
            raise SerializationError(message) from error
        state = PARTIAL if is_partial else COMPLETE
        await self.send(
            RequestPayloadPart(data, data_type=UTF8, completion_state=state)
        )


def require_part(part: object) -> None:
    """Require an event that can be sent.

    Raises:
        ParamValidationError: *part* has another type.
    """
    if not isinstance(part, RequestPayloadPart):
        problem = f"part must be a RequestPayloadPart, not {type(part).__name__}"
        raise ParamValidationError(problem, [problem])


def _require_content(data: object) -> None:
    """Require content; the bytes of an event may be None, but then it has none."""
    if data is None:
        problem = "data must be bytes or a buffer, not NoneType"
        raise ParamValidationError(problem, [problem])
