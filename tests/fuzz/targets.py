"""What is fuzzed: each target takes chance, and says what came of it.

It returns the name of an outcome, or raises an error of this library, which is as good.
Anything else that it raises is a failure: `BrokenRuleError` where a rule did not hold.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from sagemaker_rt import Client, Credentials
from sagemaker_rt.context import RESPONSE_AT, SENT_AT, Metadata
from sagemaker_rt.http import Headers, Request, Response
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.clock_skew import measured_offset
from sagemaker_rt.sansio.restjson import event_error, service_error
from sagemaker_rt.transport.aiohttp import _sent_headers
from sagemaker_rt.transport.upload import _head
from tests.doubles import ArrivedBody
from tests.fuzz.frames import events, frames
from tests.fuzz.mutation import BrokenRuleError, Chance, text, twisted

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
    b'"text"',
    b"",
)
_HEADERS: Final = {
    "x-amzn-errortype": ("ModelError", "a#ValidationError:http://x", "Throttling", ""),
    "x-amz-retry-after": ("1500", "-1", "1.5", "9" * 500, "1_0", "٣", " 7 ", "0x10"),
    "x-amzn-requestid": ("abc-123", ""),
    "date": ("Sat, 21 Nov 2026 04:00:00 GMT", "now", "0", "Sat, 99 Foo 2026 99:99:99"),
    "age": ("0", ""),
}


async def errors(chance: Chance) -> str:
    """Read mutated error documents, with headers of any kind."""
    document = chance.choice(_DOCUMENTS)
    body = document if chance.is_rare(3) else twisted(chance, document)
    if chance.is_rare(4):
        error = event_error(text(chance, *MODELLED_ERRORS), body, MODELLED_ERRORS)
        return type(error).__name__
    headers = {n: text(chance, *v) for n, v in _HEADERS.items() if chance.is_rare(2)}
    status = chance.choice((300, 400, 403, 424, 429, 500, 503, 530, 599))
    response = Response(status, Headers(headers), ArrivedBody(body))
    error = service_error(response, body, MODELLED_ERRORS)
    error.response, error.metadata = response, Metadata()
    error.metadata[SENT_AT] = error.metadata[RESPONSE_AT] = 1_795_000_000.0
    measured_offset(error)
    if len(str(error)) > 10_000 or not 0 <= (error.retry_after or 0) < float("inf"):
        problem = f"{error.retry_after=}, {len(str(error))=}"
        raise BrokenRuleError(problem)
    return type(error).__name__


class _Captured(Exception):  # noqa: N818 - no error: what was to be sent
    def __init__(self, request: Request) -> None:
        self.request = request


class _Capturing:
    async def send(self, request: Request) -> Response:
        raise _Captured(request)

    async def aclose(self) -> None:
        pass


_MEMBERS: Final = {
    "content_type": ("application/json", "text/plain; charset=utf-8"),
    "accept": ("application/json",),
    "custom_attributes": ("a=b", "x" * 1024),
    "target_model": ("model.tar.gz",),
    "target_variant": ("AllTraffic",),
    "inference_id": ("id-1",),
    "session_id": ("NEW_SESSION", "abc"),
    "enable_explanations": ("`true`",),
}
_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9a-z-]+): ?([\t -~\x80-\xff]*)")


async def inputs(chance: Chance) -> str:
    """Call with members and options of any kind; what goes out is one good request."""
    members: dict[str, Any] = {
        name: text(chance, *usual)
        for name, usual in _MEMBERS.items()
        if chance.is_rare(2)
    }
    options: dict[str, Any] = {"region": text(chance, "us-east-1", "eu-west-1")}
    if chance.is_rare(2):
        urls = ("http://127.0.0.1:1/p", "https://a.example", "http://[::1]:8")
        options["endpoint_url"] = text(chance, *urls)
    if chance.is_rare(3):
        options["app_id"] = text(chance, "my-app")
    body = chance.choice((b"", b"{}", text(chance, "body")))
    name = text(chance, "my-endpoint", "m", "a" * 63)
    client = Client(
        http_client=_Capturing(),
        credentials=Credentials("AKID", "a-secret"),
        environ={},
        **options,
    )
    try:
        await client.invoke_endpoint(endpoint_name=name, body=body, **members)
    except _Captured as captured:
        _check_wire(captured.request, name, members)
    return "sent"


def _check_wire(request: Request, name: str, members: Mapping[str, str]) -> None:
    """Read the request's head strictly, and compare it with what was asked for."""
    host = "" if request.endpoint is None else request.endpoint.host
    headers = _sent_headers(request, host)
    head = _head(f"{request.method} {request.full_path} HTTP/1.1", headers)
    start, *lines, blank, end = head.split(b"\r\n")
    wanted = f"/endpoints/{name}/invocations".encode()
    method, target, version = start.split(b" ")
    problems = [
        line for line in lines if not _LINE.fullmatch(line)
    ]  # each line is a header, and none ends before its time
    if (method, version, blank, end) != (b"POST", b"HTTP/1.1", b"", b""):
        problems.append(start)
    if not target.endswith(wanted) or not re.fullmatch(rb"/[!-~]*", target):
        problems.append(target)
    sent = dict(line.split(b": ", 1) for line in lines if b": " in line)
    if len(sent) != len(headers) or len(lines) != len(headers):
        problems.append(b"headers were lost, or came of nothing")
    attributes = members.get("custom_attributes")
    if (
        attributes
        and sent[b"x-amzn-sagemaker-custom-attributes"] != attributes.encode()
    ):
        problems.append(b"custom attributes")
    if int(sent[b"content-length"]) != len(request.body):
        problems.append(b"length")
    if problems:
        problem = f"{problems} in {head!r}"
        raise BrokenRuleError(problem)


TARGETS: Final[Mapping[str, Target]] = {
    "frames": frames,
    "events": events,
    "errors": errors,
    "inputs": inputs,
}
"""Those that need no connection; `heads.Heads` is the one that does."""
