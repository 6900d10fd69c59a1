"""Error responses of model containers: status, text, and kinds.

The shapes that are read::

    {"error": {"message", "type", "code"}}    vLLM, llama.cpp, routes of OpenAI's shape
    {"object": "error", "message", "type"}    SGLang, older vLLM
    {"error": text, "error_type"}             Text Generation Inference
    {"error": text}                           Triton, TensorFlow Serving
    {"code", "type", "message"}               TorchServe, MMS, Hugging Face, LMI
    {"code", "message", "error"}              LMI
    {"detail": [{"loc", "msg"}]}              FastAPI
    text, newline, traceback                  the toolkit of SageMaker
    an HTML page                              nginx, Flask
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

__all__ = ["ContainerAnswer", "read_answer"]

_MEMBERS: Final = ("error", "message", "detail", "msg", "error_msg", "errors")
_KIND_MEMBERS: Final = ("type", "error_type", "code", "status", "error_code")
_STATUS_MEMBERS: Final = ("code", "http_status_code", "status", "status_code")
_MAX_DEPTH: Final = 4  # of errors in errors
_MAX_TEXT: Final = 8192  # characters at each end that are searched
_STATUSES: Final = range(400, 600)

_PAGE: Final = re.compile(r"\s*<(?:!doctype\s+)?html\b", re.IGNORECASE)
_TITLE: Final = re.compile(r"<(title|h1)[^>]*>([^<]*)<", re.IGNORECASE)
_TRACEBACK: Final = "Traceback (most recent call last):"
# a document that was cut cannot be parsed
_CUT_TEXT: Final = re.compile(
    r'"(?:error|message|detail|error_msg)"\s*:\s*"((?:[^"\\]|\\.)*)'
)
_CUT_KIND: Final = re.compile(r'"(?:type|error_type|code)"\s*:\s*"([^"\\]*)"')
# pydantic quotes the input that it rejects, which may contain any text
_QUOTED_INPUT: Final = re.compile(
    r"input_value=.{0,2000}?, input_type=\w+"
    r"|(?<=['\"]input['\"]: ).*?(?=, ['\"](?:url|ctx|loc|type|msg)['\"]:|\}\]|\Z)",
    re.DOTALL,
)


@frozen
class ContainerAnswer:
    """What an error response of a container says."""

    statuses: tuple[int, ...]
    """The status in the body, if it has one, then the status of the response."""
    text: str
    """The text for people; empty if there is none."""
    kinds: frozenset[str]
    """Types and codes of the error that are strings, in lower case."""
    is_page: bool = False
    """Whether the body is an HTML page."""
    lists_problems: bool = False
    """Whether the body lists what is wrong with members of the input."""


def read_answer(status: int | None, body: str) -> ContainerAnswer:
    """Return what an error response says; no body raises an exception.

    Args:
        status: The status of the container's response; 0 if there was no response.
        body: The body of the container's response.
    """
    own = () if status is None else (status,)
    if _PAGE.match(body):
        title = _TITLE.search(body)
        text = title[2].strip() if title else ""
        return ContainerAnswer(own, text, frozenset(), is_page=True)
    document = _parsed(body)
    if isinstance(document, (dict, list)):
        return _of_document(own, document)
    if isinstance(document, str):
        body = document
    elif body.lstrip().startswith("{"):
        return _of_cut_document(own, body)
    return ContainerAnswer(own, _shortened(_without_traceback(body)), frozenset())


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _of_document(own: tuple[int, ...], document: Any) -> ContainerAnswer:
    objects = list(_errors_in(document, _MAX_DEPTH))
    texts = [one for one in objects if isinstance(one, str)]
    members = [one for one in objects if isinstance(one, Mapping)]
    inner = [
        value
        for one in members
        for name in _STATUS_MEMBERS
        if type(value := one.get(name)) is int and value in _STATUSES
    ]
    kinds = {
        value.lower()
        for one in members
        for name in _KIND_MEMBERS
        if isinstance(value := one.get(name), str)
    }
    return ContainerAnswer(
        (*inner, *own),
        _shortened("\n".join(_without_traceback(text) for text in texts)),
        frozenset(kinds),
        lists_problems=any("loc" in one and "msg" in one for one in members),
    )


def _errors_in(value: Any, depth: int) -> Iterator[str | Mapping[str, Any]]:
    """Yield the objects that describe an error, and their texts.

    The innermost ones are first. A text may be a document of another container.
    """
    if isinstance(value, str):
        inner = _parsed(value) if value.lstrip().startswith("{") and depth else None
        if isinstance(inner, Mapping):
            yield from _errors_in(inner, depth - 1)
        else:
            yield value
    elif isinstance(value, Mapping) and depth:
        for name in _MEMBERS:
            yield from _errors_in(value.get(name), depth - 1)
        yield value
    elif isinstance(value, Sequence) and depth:
        for item in value:
            yield from _errors_in(item, depth - 1)


def _of_cut_document(own: tuple[int, ...], body: str) -> ContainerAnswer:
    texts = [text for text in _CUT_TEXT.findall(body) if text] or [body]
    kinds = frozenset(kind.lower() for kind in _CUT_KIND.findall(body))
    return ContainerAnswer(own, _shortened("\n".join(texts)), kinds)


def _without_traceback(text: str) -> str:
    """Return the text before a traceback, and the exception at its end."""
    before, mark, traceback = text.partition(_TRACEBACK)
    if not mark:
        return text.strip()
    end = traceback.strip().rpartition("\n")[2]
    return "\n".join(filter(None, (before.strip(), end.strip())))


def _shortened(text: str) -> str:
    if len(text) > 2 * _MAX_TEXT:
        text = f"{text[:_MAX_TEXT]}\n{text[-_MAX_TEXT:]}"
    return _QUOTED_INPUT.sub("", text)
