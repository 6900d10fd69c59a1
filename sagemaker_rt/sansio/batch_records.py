"""The inputs of a batch job: what is sent for a line of a file.

========== ===================================== =============================
format     line                                  body of the request
========== ===================================== =============================
jsonlines  any JSON value                        the line
csv        cells                                 the line
openai     ``custom_id``, ``url`` and ``body``   the JSON of its member ``body``
files      (a file)                              the content of the file
========== ===================================== =============================
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple, NoReturn, TypeAlias

from sagemaker_rt.errors import (
    InvalidJSONError,
    OutputDecodingError,
    SerializationError,
)
from sagemaker_rt.sansio.json_decoding import parse_json
from sagemaker_rt.sansio.json_encoding import encode_json
from sagemaker_rt.sansio.line_splitter import Line, cell_count

__all__ = [
    "CONTENT_TYPES",
    "BatchFormat",
    "BatchRecord",
    "csv_record",
    "json_record",
    "openai_record",
    "strict_json",
]

BatchFormat: TypeAlias = Literal["jsonlines", "csv", "openai", "files"]
"""How inputs are stored."""
CONTENT_TYPES: Final[Mapping[BatchFormat, str | None]] = {
    "jsonlines": "application/json",
    "csv": "text/csv",
    "openai": "application/json",
    "files": None,  # that of the name of a file
}
"""The content types of requests, by format."""

_CONSTANTS: Final = (b"NaN", b"Infinity")  # extensions of Python


class BatchRecord(NamedTuple):
    """One input of a batch job."""

    line: int
    """The number of the line, from 1, or of the file."""
    id: str | None
    """The ID of the input that is in the results: the ``custom_id`` of a line, or the
    path of a file. None: `line` identifies it."""
    source: bytes
    """The line; empty for a file, whose content is read when it is sent."""
    body: bytes
    """What is sent."""
    size: int
    """The number of bytes of the input, for the progress."""
    problem: str | None = None
    """Why nothing can be sent."""
    is_json: bool = False
    """Whether `source` is known to be valid JSON."""

    @property
    def key(self) -> int | str:
        """What identifies the input in the files of results."""
        return self.line if self.id is None else self.id


def json_record(line: Line) -> BatchRecord:
    """Return the input in a line of JSON."""
    number, content, size, problem = line
    if problem is None:
        try:
            strict_json(content)
        except OutputDecodingError as error:
            problem = str(error)
    is_json = problem is None
    return BatchRecord(number, None, content, content, size, problem, is_json)


def csv_record(columns: int | None) -> Callable[[Line], BatchRecord]:
    """Return the function that returns the input in a record of CSV.

    Args:
        columns: The number of cells that each record must have; None for any.
    """

    def record_of(line: Line) -> BatchRecord:
        problem = line.problem
        if problem is None and columns is not None:
            cells = cell_count(line.content)
            if cells != columns:
                problem = (
                    f"the number of cells is {cells}, and {columns} in the first line"
                )
        if problem is None:
            problem = _problem_of_text(line.content)
        return BatchRecord(
            line.number, None, line.content, line.content, line.size, problem
        )

    return record_of


def openai_record(line: Line) -> BatchRecord:
    """Return the input in a line of an OpenAI batch file."""
    number, content, size, problem = line
    if problem is not None:
        return BatchRecord(number, None, content, b"", size, problem)
    try:
        id, body = _openai_members(content)
    except _InvalidRequest as error:
        return BatchRecord(number, error.id, content, b"", size, str(error))
    return BatchRecord(number, id, content, body, size, is_json=True)


class _InvalidRequest(Exception):  # noqa: N818 - becomes the problem of a record
    def __init__(self, problem: str, id: str | None = None) -> None:
        super().__init__(problem)
        self.id = id


def _openai_members(content: bytes) -> tuple[str, bytes]:
    """Return the ``custom_id`` and the JSON of the body.

    Raises:
        _InvalidRequest: The line is invalid.
    """
    try:
        request = strict_json(content)
    except OutputDecodingError as error:
        raise _InvalidRequest(str(error)) from error
    if not isinstance(request, dict):
        problem = "the line must be an object with custom_id, url and body"
        raise _InvalidRequest(problem)
    id = request.get("custom_id")
    if not isinstance(id, str) or not id:
        problem = f"custom_id must be a text that is not empty, not {_shown(id)}"
        raise _InvalidRequest(problem)
    if invalid := _problem_of_request(request):
        raise _InvalidRequest(invalid, id)
    try:
        return id, encode_json(request["body"], "body")
    except SerializationError as error:
        raise _InvalidRequest(str(error), id) from error


def _problem_of_request(request: Mapping[str, Any]) -> str | None:
    method, url, body = (request.get(name) for name in ("method", "url", "body"))
    if method not in {None, "POST"}:
        return f"method must be POST, not {_shown(method)}"
    if not isinstance(url, str) or not url:
        return f"url must be a text that is not empty, not {_shown(url)}"
    if not isinstance(body, dict):
        return f"body must be an object, not {_shown(body)}"
    if body.get("stream"):
        return "body has stream: true; a batch has whole responses"
    return None


def _shown(value: Any) -> str:
    return f"{json.dumps(value, ensure_ascii=False):.50}"


def strict_json(content: bytes) -> Any:
    """Return the value of a JSON document, without the extensions of Python.

    Raises:
        InvalidJSONError: It is not JSON, or has NaN or Infinity.
        InvalidTextError: It is not UTF-8.
    """
    value = parse_json(content)
    if any(word in content for word in _CONSTANTS):
        json.loads(content, parse_constant=_reject)  # it may be in a string
    return value


def _reject(constant: str) -> NoReturn:
    message = f"{constant} is not JSON"
    raise InvalidJSONError(message)


def _problem_of_text(content: bytes) -> str | None:
    try:
        content.decode()
    except UnicodeDecodeError:
        return "the line is not UTF-8"
    return None
