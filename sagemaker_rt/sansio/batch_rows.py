"""Several rows in one request, and the answers to them in one response.

The rows are the lines of the body. Their answers are the lines of the response, the
elements of a JSON array, or those of the only member ``predictions`` of an object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from sagemaker_rt.errors import OutputDecodingError
from sagemaker_rt.sansio.batch_records import BatchRecord
from sagemaker_rt.sansio.batch_results import BatchAnswer
from sagemaker_rt.sansio.content_types import media_type_of
from sagemaker_rt.sansio.line_splitter import CSVSplitter, LineSplitter

__all__ = ["AnswersNotMatched", "joined", "split_answer"]

_START: Final = re.compile(r'\s*(\{\s*"predictions"\s*:\s*)?\[\s*')
_SEPARATOR: Final = re.compile(r"\s*([,\]])\s*")
_END: Final = re.compile(r"(\])")
_JSON: Final = "application/json"
_DECODER: Final = json.JSONDecoder()


class AnswersNotMatched(OutputDecodingError):  # noqa: N818 - a failure with this name
    """The response to several rows has another number of rows."""


def joined(rows: Sequence[BatchRecord]) -> BatchRecord:
    """Return the first of *rows*, with the bodies of all."""
    return rows[0]._replace(body=b"\n".join([row.body for row in rows]))


def split_answer(answer: BatchAnswer, rows: Sequence[BatchRecord]) -> list[BatchAnswer]:
    """Return the answer to each of *rows*, in their order.

    Raises:
        AnswersNotMatched: The response has another number of answers.
    """
    elements = _elements(answer.body)
    if elements is not None:
        answers = [answer._replace(body=e, content_type=_JSON) for e in elements]
    else:
        answers = [answer._replace(body=line) for line in _lines(answer)]
    if len(answers) != len(rows):
        first, last = rows[0].line, rows[-1].line
        message = (
            f"the response has {len(answers)} rows, not {len(rows)}, to a request with "
            f"rows of lines {first} to {last}"
        )
        raise AnswersNotMatched(message)
    return answers


def _lines(answer: BatchAnswer) -> list[bytes]:
    """Return the lines of a response that are not blank."""
    is_csv = media_type_of(answer.content_type) == "text/csv"
    splitter = (CSVSplitter if is_csv else LineSplitter)(len(answer.body))
    lines = [*splitter.feed(answer.body), *splitter.close()]
    return [line.content for line in lines if line.content.strip()]


def _elements(body: bytes) -> list[bytes] | None:
    """Return the elements of an array as they are written; None without an array."""
    try:
        return list(_scanned(body.decode()))
    except (ValueError, RecursionError):
        return None


def _scanned(text: str) -> Iterator[bytes]:
    """Yield the elements of an array.

    Raises:
        ValueError: *text* is not an array, nor one with the name ``predictions``.
    """
    if (start := _START.match(text)) is None:
        raise ValueError
    position, separator = start.end(), _END.match(text, start.end())
    while separator is None or separator[1] == ",":
        _, end = _DECODER.raw_decode(text, position)
        yield text[position:end].encode()
        if (separator := _SEPARATOR.match(text, end)) is None:
            raise ValueError
        position = separator.end()
    if text[separator.end() :].strip() != ("}" if start[1] else ""):
        raise ValueError
