"""Error documents in the format of OpenAI's API."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["openai_error", "openai_service_error"]

_SERVER_ERRORS: Final = 500
_MODEL_ERROR: Final = "model_error"
_START_OF_WORD: Final = re.compile(r"(?<!^)(?=[A-Z][a-z])")


def openai_error(
    message: str, *, type: str | None, code: str | int | None
) -> dict[str, Any]:
    """Return the document of an error that a container reported."""
    return {"error": {"message": message, "type": type, "code": code}}


def openai_service_error(message: str, *, code: str, status: int) -> dict[str, Any]:
    """Return the document of an error of SageMaker Runtime.

    The OpenAI path of the service writes ``validation_error`` and ``model_error``, and
    takes a model error for one of the server, whatever its status.

    Args:
        message: The text for people.
        code: The error code in the service model, such as ``ValidationError``.
        status: The HTTP status.
    """
    name = _START_OF_WORD.sub("_", code).lower()
    is_of_server = status >= _SERVER_ERRORS or name == _MODEL_ERROR
    type = "server_error" if is_of_server else "invalid_request_error"
    return openai_error(message, type=type, code=name)
