"""The fuzz targets: each makes data from a random generator, and checks its result.

A target returns the name of an outcome, or raises a `SageMakerRuntimeError`, which is
an outcome too. Any other exception is a failure, such as `BrokenRuleError` for a
violated rule.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from math import inf, isfinite
from typing import Final, TypeAlias

from sagemaker_rt.context import RESPONSE_AT, SENT_AT, Metadata
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.clock_skew import measured_offset
from sagemaker_rt.sansio.error_responses import event_error, service_error
from tests.doubles import BufferedBody
from tests.fuzz.frames import events, frames
from tests.fuzz.http2 import http2
from tests.fuzz.mutation import BrokenRuleError, Chance, corrupted, text

__all__ = ["TARGETS", "Target"]

Target: TypeAlias = Callable[[Chance], Awaitable[str]]


_DOCUMENTS: Final = (
    b'{"message":"m","OriginalStatusCode":500,"OriginalMessage":"o"}',
    b'{"__type":"a#ThrottlingException:http://x","Message":null}',
    b'{"code":"ModelError","message":["x"],"LogStreamArn":{}}',
    b'{"message": null}',
    b"[" * 3000,
    b'{"a":' * 2000,
    b"\xff\xfe{}",
    b"1e999999",
    b"9" * 5000,
    b'{"OriginalStatusCode":1e999,"OriginalMessage":NaN,"message":-Infinity}',
    b'{"OriginalStatusCode":%s,"code":"ModelError"}' % (b"9" * 5000),
    b'{"message":"\\ud800","code":"\\ud800","__type":"\\u0000#\\r\\n:"}',
    '{"message":"é","Message":"\u2028"}'.encode(),
    b"<html>" + b"x" * 5000,
    b'"text"',
    b"",
)
_HEADERS: Final = {
    "x-amzn-errortype": ("ModelError", "a#ValidationError:http://x", "Throttling", ""),
    "x-amz-retry-after": ("1500", "-1", "1.5", "9" * 500, "1_0", "٣", " 7 ", "0x10"),
    "x-amzn-requestid": ("abc-123", ""),
    "x-amzn-sagemaker-extra": ("é",),
    "date": ("Sat, 21 Nov 2026 04:00:00 GMT", "now", "0", "Sat, 99 Foo 2026 99:99:99"),
    "age": ("0", ""),
}
_LONGEST: Final = 20_000  # characters; a message of up to 4 KiB, in str and repr


async def errors(chance: Chance) -> str:
    """Parse mutated error documents, with random headers."""
    document = chance.choice(_DOCUMENTS)
    body = document if chance.is_rare(3) else corrupted(chance, document)
    if chance.is_rare(4):
        error = event_error(text(chance, *MODELLED_ERRORS), body, MODELLED_ERRORS)
        return _name(error)
    headers = {n: text(chance, *v) for n, v in _HEADERS.items() if chance.is_rare(2)}
    status = chance.choice((300, 400, 403, 424, 429, 500, 503, 530, 599))
    response = Response(status, Headers(headers), BufferedBody(body))
    error = service_error(response, body, MODELLED_ERRORS)
    error.response, error.metadata = response, Metadata()
    error.metadata[SENT_AT] = error.metadata[RESPONSE_AT] = 1_795_000_000.0
    offset = measured_offset(error)
    problems = {
        "retry_after": not 0 <= (error.retry_after or 0) < inf,
        "clock": offset is not None and not isfinite(offset),
        "status": error.http_status != status,
    }
    if any(problems.values()):
        problem = f"{problems}: {error.retry_after=}, {offset=}"
        raise BrokenRuleError(problem)
    return _name(error)


def _name(error: SageMakerRuntimeError) -> str:
    """Return the name of *error*, after checking that its text is not too long."""
    shown = f"{error} {error!r}"
    if len(shown) > _LONGEST:
        problem = f"the text of an error has {len(shown)} characters"
        raise BrokenRuleError(problem)
    return type(error).__name__


TARGETS: Final[Mapping[str, Target]] = {
    "frames": frames,
    "events": events,
    "http2": http2,
    "errors": errors,
}
"""The targets without connections; `Responses` and `Inputs` need one."""
