"""What responses say about stateful sessions.

The service model has no error for a session that has ended. The service answers with a
`ValidationError`, and containers with a client error that becomes a `ModelError`; both
name the session in their text. The container of AWS writes ``session not found: <id>``.
"""

from __future__ import annotations

import re
from typing import Final

from sagemaker_rt.errors import ModelError, ServiceError

__all__ = ["is_session_id", "reports_end_of_session"]

_LONGEST_ID: Final = 256
# as in the service model
_ID: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_CLIENT_ERRORS: Final = range(400, 500)

_ENDED: Final = (
    "not found|not exist|n't exist|unknown|no such|expired|timed out"
    "|(?:is|was|been|already) closed"
)
# a text without the ID must say that it is the session that ended
_SESSION_ENDED: Final = re.compile(
    rf"\bsession\b[^.;]{{0,100}}?\b(?:{_ENDED})\b"
    r"|\b(?:unknown|no such|expired) session\b",
    re.IGNORECASE,
)
_ANYTHING_ENDED: Final = re.compile(rf"\b(?:{_ENDED})\b|\binvalid\b", re.IGNORECASE)


def is_session_id(text: str) -> bool:
    """Return whether *text* can be sent as the ID of an existing session."""
    return len(text) <= _LONGEST_ID and _ID.fullmatch(text) is not None


def reports_end_of_session(error: ServiceError, id: str) -> bool:
    """Return whether *error* means that the session *id* does not exist any more."""
    status, texts = error.http_status, [error.message]
    if isinstance(error, ModelError):
        status = error.original_status_code
        texts.append(error.original_message or "")
    if status not in _CLIENT_ERRORS or error.is_throttle:
        return False
    return any(
        _SESSION_ENDED.search(text)
        or (id in text and _ANYTHING_ENDED.search(text.replace(id, "")))
        for text in texts
    )
