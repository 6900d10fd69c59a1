from __future__ import annotations

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.http import Headers, Request
from sagemaker_rt.middleware.recursion_detection import RecursionDetection
from sagemaker_rt.stack import BuildInput
from tests.doubles import Wire

CONTEXT = Context("InvokeEndpoint")
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=3995c3f42cd8ad8;Sampled=1"


async def headers_with(environ: dict[str, str], request: Request) -> Headers:
    wire = Wire[BuildInput]()

    output = await RecursionDetection(environ)(CONTEXT, BuildInput(request), wire)

    assert output is wire.output
    return wire.inputs[0].request.headers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TRACE, TRACE),
        ("-=;:+&[]{}\"',", "-=;:+&[]{}\"',"),
        ("first\nsecond", "first%0Asecond"),
        ("a b", "a%20b"),
        ("ü", "%C3%BC"),
        ("\udcff", "%3F"),
    ],
)
async def test_the_trace_id_of_the_invocation_is_passed_on(
    value: str, expected: str
) -> None:
    headers = await headers_with({"_X_AMZN_TRACE_ID": value}, Request())

    assert {"x-amzn-trace-id": expected} == headers


@pytest.mark.parametrize("environ", [{}, {"_X_AMZN_TRACE_ID": ""}])
async def test_without_a_trace_nothing_is_sent(environ: dict[str, str]) -> None:
    assert {} == await headers_with(environ, Request())


async def test_an_existing_header_is_kept() -> None:
    request = Request(headers=Headers({"X-Amzn-Trace-Id": "mine"}))

    headers = await headers_with({"_X_AMZN_TRACE_ID": TRACE}, request)

    assert {"x-amzn-trace-id": "mine"} == headers


async def test_the_trace_id_is_read_at_every_call() -> None:
    environ, wire = {"_X_AMZN_TRACE_ID": "Root=1"}, Wire[BuildInput]()
    middleware = RecursionDetection(environ)

    await middleware(CONTEXT, BuildInput(Request()), wire)
    environ["_X_AMZN_TRACE_ID"] = "Root=2"
    await middleware(CONTEXT, BuildInput(Request()), wire)

    assert ["Root=1", "Root=2"] == [
        input.request.headers["x-amzn-trace-id"] for input in wire.inputs
    ]
