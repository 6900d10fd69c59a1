r"""The lines of the files of results of a batch job.

=========== ====================================================================
join        line of the output
=========== ====================================================================
record      ``{"line": 3, "input": …, "output": …}``, or ``"id"`` for ``"line"``
transform   the input with a further member, ``SageMakerOutput``
csv         the cells of the input, and those of the output
openai      ``{"id": …, "custom_id": …, "response": …, "error": null}``
=========== ====================================================================

A result or an input that is JSON is written as it is. Any other one is a JSON string,
with a member that says how to read it: ``"text"`` or ``"base64"``.
"""

from __future__ import annotations

import csv
import io
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from sagemaker_rt.errors import (
    ModelError,
    OutputDecodingError,
    SageMakerRuntimeError,
    ServiceError,
)
from sagemaker_rt.sansio.batch_records import BatchRecord, strict_json
from sagemaker_rt.sansio.content_types import media_type_of
from sagemaker_rt.sansio.line_splitter import ends_in_quotes

__all__ = [
    "RESULT_LINES",
    "BatchAnswer",
    "BatchJoin",
    "failure_line",
    "is_result_of",
]

BatchJoin: TypeAlias = Literal["record", "transform", "csv", "openai"]
"""The form of the lines of an output."""

_OUTPUT: Final = "SageMakerOutput"
_LONGEST_TEXT: Final = 2000  # characters of a message in a failure
_FIRST_ERROR: Final = 400  # status of HTTP
# bytes of JSON that are white space outside of strings, and not valid in them
_FIRST_BYTES: Final = frozenset(bytes([b]) for b in b'{["-0123456789tfn \t\r\n')
_TO_ONE_LINE: Final = bytes.maketrans(b"\n\r", b"  ")


class BatchAnswer(NamedTuple):
    """The response of a model to one input."""

    body: bytes
    content_type: str | None
    request_id: str | None
    status: int


class _Embedded(NamedTuple):
    """Bytes as a value in JSON."""

    json: bytes
    encoding: str | None
    """``text`` or ``base64``; None for a value that was JSON before."""


def record_line(record: BatchRecord, answer: BatchAnswer) -> bytes:
    """Return a line with the input and the output."""
    output = _embedded(answer.body, answer.content_type)
    parts = [*_head(record)]
    if record.source:
        parts += [b'"input":', _source(record).json]
    parts += [b'"output":', output.json]
    if output.encoding is not None:
        parts += [b'"output_encoding":', _dumped(output.encoding)]
        parts += [b'"content_type":', _dumped(answer.content_type)]
    return _object(parts)


def is_result_of(line: bytes, record: BatchRecord) -> bool:
    """Return whether *line*, of an output of records, is the result of *record*.

    That is not so if the input has changed since.
    """
    if not record.source:
        return True
    start = b"{%b%b," % _head(record)
    return line.startswith(b'%b"input":%b,' % (start, _source(record).json))


def transform_line(record: BatchRecord, answer: BatchAnswer) -> bytes:
    """Return the line that batch transform writes with ``JoinSource`` set to Input."""
    output = _embedded(answer.body, answer.content_type).json
    source = record.source.strip()
    if not source.startswith(b"{"):
        parts = [b'"SageMakerInput":', _source(record).json, b'"SageMakerOutput":']
        return _object([*parts, output])
    if _OUTPUT.encode() in source:  # the member may be there already
        members = strict_json(source)
        members.pop(_OUTPUT, None)
        source = _dumped(members)
    comma = b"" if source[1:-1].strip() == b"" else b","
    return b'%b%b"SageMakerOutput":%b}\n' % (source[:-1], comma, output)


def csv_line(record: BatchRecord, answer: BatchAnswer) -> bytes:
    """Return the cells of the input and of the output.

    An output that is not a single row of CSV is a single cell. So is one with a
    quotation mark that is not closed: the rows after it would become a part of it.
    """
    body = answer.body.rstrip(b"\r\n")
    is_row = media_type_of(answer.content_type) in {"text/csv", "text/plain", ""}
    is_line = b"\n" not in body and b"\r" not in body
    if not is_row or not is_line or ends_in_quotes(body, is_quoted=False):
        file = io.StringIO(newline="")
        csv.writer(file, lineterminator="", quoting=csv.QUOTE_ALL).writerow(
            [body.decode(errors="replace")]
        )
        body = file.getvalue().encode()
    return b"%b,%b\n" % (record.source, body)


def openai_line(record: BatchRecord, answer: BatchAnswer) -> bytes:
    """Return a line of an OpenAI batch output."""
    response = _openai_response(
        answer.status,
        answer.request_id,
        _embedded(answer.body, answer.content_type).json,
    )
    return _openai_object(record, response, b"null")


RESULT_LINES: Final[Mapping[BatchJoin, Callable[[BatchRecord, BatchAnswer], bytes]]] = {
    "record": record_line,
    "transform": transform_line,
    "csv": csv_line,
    "openai": openai_line,
}
"""The functions that return the line of a result, by the form of the output."""


def failure_line(record: BatchRecord, error: Exception, *, is_openai: bool) -> bytes:
    """Return a line of the file of failures, with all that repeats the call.

    Args:
        is_openai: Write the members of an OpenAI batch output as well. An error of the
            container is a response; any other error is in ``error``.
    """
    parts = [*_head(record)]
    if is_openai:
        parts += _openai_failure(record, error)
    else:
        parts += [b'"error":', _dumped(_facts(error))]
    if record.id is not None:
        parts += [b'"line":', b"%d" % record.line]
    if record.source:
        source = _source(record)
        parts += [b'"input":', source.json]
        if source.encoding is not None:
            parts += [b'"input_encoding":', _dumped(source.encoding)]
    return _object(parts)


def _openai_failure(record: BatchRecord, error: Exception) -> list[bytes]:
    """Return the members of a failure in an OpenAI batch output."""
    identity = [b'"custom_id":', _dumped(record.id)]
    if not isinstance(error, ServiceError) or error.http_status is None:
        code = _code_of(error)
        problem = {"code": code, "message": _shortened(str(error))}
        reported = _dumped(problem)
        return [*identity, b'"response":', b"null", b'"error":', reported]
    status, body = error.http_status, b""
    if isinstance(error, ModelError):
        # the status 0 means that the container did not respond in time
        status = error.original_status_code or status
        body = (error.original_message or "").encode()
    embedded = _embedded(body, None)
    if embedded.encoding is not None:
        message = {"message": _shortened(str(error)), "code": _code_of(error)}
        embedded = _Embedded(_dumped({"error": message}), None)
    response = _openai_response(
        max(status, _FIRST_ERROR), error.request_id, embedded.json
    )
    return [*identity, b'"response":', response, b'"error":', b"null"]


def _openai_response(status: int, request_id: str | None, body: bytes) -> bytes:
    return b'{"status_code":%d,"request_id":%b,"body":%b}' % (
        status,
        _dumped(request_id),
        body,
    )


def _openai_object(record: BatchRecord, response: bytes, error: bytes) -> bytes:
    return b'{"id":"batch_req_%d","custom_id":%b,"response":%b,"error":%b}\n' % (
        record.line,
        _dumped(record.id),
        response,
        error,
    )


def _facts(error: Exception) -> dict[str, Any]:
    """Return what is known of *error*."""
    facts: dict[str, Any] = {
        "type": type(error).__name__,
        "code": _code_of(error),
        "message": _shortened(str(error)),
    }
    if isinstance(error, SageMakerRuntimeError):
        facts["http_status"] = error.http_status
        facts["request_id"] = error.request_id
        facts["attempts"] = error.attempts or None
        facts["may_have_executed"] = error.may_have_executed or None
    if isinstance(error, ModelError):
        facts["reason"] = error.reason
        facts["container_status"] = error.original_status_code
        facts["container_message"] = _shortened(error.original_message or "") or None
    return {name: fact for name, fact in facts.items() if fact is not None}


def _code_of(error: Exception) -> str:
    return error.code if isinstance(error, ServiceError) else type(error).__name__


def _head(record: BatchRecord) -> tuple[bytes, bytes]:
    """Return the member that identifies the input."""
    if record.id is None:
        return b'"line":', b"%d" % record.line
    return b'"id":', _dumped(record.id)


def _source(record: BatchRecord) -> _Embedded:
    """Return the line of the input."""
    if record.is_json:
        return _Embedded(_on_one_line(record.source), None)
    return _embedded(record.source, "text/plain")


def _embedded(body: bytes, content_type: str | None) -> _Embedded:
    """Return *body* as a value in JSON, on one line."""
    media_type = media_type_of(content_type)
    is_text = media_type.startswith("text/") and "json" not in media_type
    if not is_text and body[:1] in _FIRST_BYTES:
        try:
            strict_json(body)
        except OutputDecodingError:
            pass
        else:
            return _Embedded(_on_one_line(body), None)
    try:
        return _Embedded(_dumped(body.decode()), "text")
    except UnicodeDecodeError:
        return _Embedded(b'"%b"' % b64encode(body), "base64")


def _on_one_line(document: bytes) -> bytes:
    """Return a JSON document without newlines; those in strings are escapes."""
    return document.translate(_TO_ONE_LINE).strip()


def _dumped(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # what is not valid UTF-8 is written as an escape of JSON
    return text.encode(errors="backslashreplace")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _object(parts: list[bytes]) -> bytes:
    """Return an object of names with colons and values, in turn, on one line."""
    members = [name + value for name, value in zip(*[iter(parts)] * 2, strict=True)]
    return b"{%b}\n" % b",".join(members)
