"""The path of OpenAI-compatible requests, and the format of its errors."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import unquote

from sagemaker_rt.emulator.responses import Answer, json_document
from sagemaker_rt.sansio.openai_errors import openai_service_error

__all__ = ["CHAT_COMPLETIONS", "PATH", "component_in", "in_openai_format"]

CHAT_COMPLETIONS: Final = "ChatCompletions"
"""The name of the operation in `ReceivedRequest`; the service model has none."""

_COMPONENT: Final = "/inference-components/"
PATH: Final = (
    f"/endpoints/{{EndpointName}}{{component:({_COMPONENT}[^/]+)?}}"
    "/openai/v1/chat/completions"
)
"""The path, in the syntax of aiohttp's router."""


def component_in(path: str) -> str | None:
    """Return the inference component that *path* names, if any."""
    _, separator, rest = path.partition(_COMPONENT)
    return unquote(rest.partition("/")[0]) if separator else None


def in_openai_format(answer: Answer) -> Answer:
    """Return an error of SageMaker Runtime as this path has it.

    An error of the container keeps the container's status. An answer without an error
    code, such as one of a proxy, is returned unchanged.
    """
    code = answer.headers.get("x-amzn-errortype")
    if code is None:
        return answer
    document: dict[str, Any] = json.loads(answer.body)
    message = document.get("Message") or document.get("message") or ""
    status = document.get("OriginalStatusCode") or answer.status
    error = openai_service_error(message, code=code, status=status)
    headers = {**answer.headers, "Content-Type": "application/json"}
    del headers["x-amzn-errortype"]
    return Answer(status, json_document(error), headers=headers)
