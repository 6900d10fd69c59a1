"""What `predict` needs of a format: the interface of codecs."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

__all__ = ["Codec"]


@runtime_checkable
class Codec(Protocol):
    """Encodes values for a model, and decodes its responses.

    An instance holds no state of a call: any number of calls may use it at once. Both
    methods run on the event loop, so they must not block.

    If a method raises an exception that is not one of this library, the call raises a
    `SerializationError` or an `OutputDecodingError` for it, with ``component`` set to
    ``"codec"``.
    """

    @property
    def content_type(self) -> str:
        """The MIME type of what `encode` returns, sent as ``Content-Type``."""
        ...

    @property
    def accept(self) -> str:
        """The MIME type of responses, sent as ``Accept``; ``*/*`` for any."""
        ...

    def encode(self, value: Any, /) -> bytes:
        """Return *value* as the body of a request.

        Raises:
            SerializationError: The format cannot hold the value.
        """
        ...

    def decode(self, body: bytes, content_type: str | None, /) -> Any:
        """Return the value in the body of a response.

        Args:
            body: The whole body. It cannot change, so the value may refer to it.
            content_type: The content type of the response, with its parameters; None
                without one.

        Raises:
            OutputDecodingError: The body is not in the format.
        """
        ...
