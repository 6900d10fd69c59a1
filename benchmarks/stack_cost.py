"""Measures the CPU time of the middleware stack, without HTTP.

The HTTP client of each variant returns 1 KiB at once. Rows:

* ``standard stack``: a call of this library
* ``standard stack + N``: the same, with N additional middlewares that do nothing
* ``bare stack, N``: a stack with only N middlewares that do nothing
* ``aiobotocore``: a call of aiobotocore, also without HTTP
* ``aiobotocore, whole``: a call of aiobotocore to a local server; the goal refers to it

Run::

    python benchmarks/stack_cost.py [--quick] [--only VARIANT,…]

Columns:

* ``CPU µs/call``: CPU time of the client process
* ``calls/s``: throughput
* ``÷ standard stack``: CPU time divided by that of the first row, median of all rounds
* ``p10 to p90``: spread of this ratio
* ``goal``: the ratio to reach
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any, Final, Self

import clients
import comparison
import measured_process
import server

_BODY: Final = b"x" * 1024
_URL: Final = "http://127.0.0.1:1"
_HEADERS: Final = {
    "x-amzn-requestid": "2c4f8f0a-4d0e-4f0b-9d7c-6f1f9f3c9b1e",
    "x-amzn-invoked-production-variant": "AllTraffic",
    "date": "Thu, 01 Jan 2026 00:00:00 GMT",
    "content-type": clients.MEDIA_TYPE,
    "content-length": str(len(_BODY)),
}


async def bare_stack(middlewares: int) -> None:
    """Measure a stack with a number of *middlewares* in its five steps."""
    stack, context, output, input = _kernel()
    compiled = stack.Stack()
    for number in range(middlewares):
        compiled.steps[number % 5].add(_pass_on, id=f"PassOn{number}")

    async def send(ctx: object, input: object) -> Any:  # noqa: ARG001 - signature of Send
        return output()

    handler = compiled.decorate(send)

    async def call() -> None:
        await handler(context("InvokeEndpoint"), input(None))

    await measured_process.measure_concurrent(call, 1)


def _kernel() -> tuple[Any, Any, Any, Any]:
    stack = import_module("sagemaker_rt.stack")
    context = import_module("sagemaker_rt.context").Context
    return stack, context, stack.Output, stack.InitializeInput


async def _pass_on(ctx: object, input: object, next: Any) -> Any:
    return await next(ctx, input)


async def standard_stack(added: int) -> None:
    """Measure this library, with a number of *added* middlewares."""
    http = import_module("sagemaker_rt.http")

    class Body:
        """A response body in memory."""

        def read_nowait(self) -> bytes:
            return _BODY

        async def read(self, limit: int) -> bytes:  # noqa: ARG002 - signature of ResponseBody
            return _BODY

        async def iter_chunks(self) -> AsyncIterator[bytes]:
            yield _BODY

        def release(self) -> None:
            """Do nothing."""

    class Stub:
        """An HTTP client that returns a response at once."""

        async def send(self, request: object) -> Any:  # noqa: ARG002 - of HTTPClient
            return http.Response(200, http.Headers.of(_HEADERS.copy()), Body())

        async def aclose(self) -> None:
            """Do nothing."""

    def edit(stack: Any) -> None:
        for number in range(added):
            stack.build.add(_pass_on, id=f"PassOn{number}")

    async def call() -> None:
        await client.invoke_endpoint(
            endpoint_name="model", body=_BODY, content_type=clients.MEDIA_TYPE
        )

    options = import_module("sagemaker_rt")
    with_edit = [options.with_api_options(edit)] if added else []
    async with clients.sagemaker_rt(_URL, *with_edit, http_client=Stub()) as client:
        await measured_process.measure_concurrent(call, 1)


async def aiobotocore() -> None:
    """Measure aiobotocore, with an HTTP session that returns a response at once."""
    response = import_module("aiobotocore.awsrequest").AioAWSResponse

    class Content:
        """The content of a response."""

        def __init__(self) -> None:
            self.content = self

        async def read(self, amount: int = -1) -> bytes:  # noqa: ARG002 - of aiohttp
            return _BODY

    class Stub:
        """An HTTP session that returns a response at once."""

        def __init__(self, **_: object) -> None:
            """Ignore the settings."""

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None:
            """Do nothing."""

        async def send(self, request: Any) -> Any:
            return response(request.url, 200, _HEADERS.copy(), Content())

    async def call() -> None:
        reply = await client.invoke_endpoint(
            EndpointName="model", Body=_BODY, ContentType=clients.MEDIA_TYPE
        )
        await reply["Body"].read()

    async with clients.aiobotocore(_URL, http_session_cls=Stub) as client:
        await measured_process.measure_concurrent(call, 1)


async def aiobotocore_over_http(url: str) -> None:
    """Measure aiobotocore with a server, with 16 calls in flight."""
    name = f"bytes-{len(_BODY)}"

    async def call() -> None:
        reply = await client.invoke_endpoint(
            EndpointName=name, Body=_BODY, ContentType=clients.MEDIA_TYPE
        )
        await reply["Body"].read()

    async with clients.aiobotocore(url) as client:
        await measured_process.measure_concurrent(call, clients.IN_FLIGHT)


def main() -> None:
    """Print the table."""
    settings = comparison.settings(__doc__)
    with server.running() as url:
        _compare(url, settings)


def _compare(url: str, settings: comparison.Settings) -> None:
    variants = [
        comparison.Variant(
            f"standard stack + {added}" if added else "standard stack",
            "standard_stack",
            "sagemaker_rt",
            {"added": added},
        )
        for added in (0, 5, 10)
    ]
    variants += [
        comparison.Variant(
            f"bare stack, {count}", "bare_stack", "sagemaker_rt", {"middlewares": count}
        )
        for count in (0, 5, 10, 15, 24)
    ]
    variants += [
        comparison.Variant("aiobotocore", "aiobotocore", "aiobotocore"),
        comparison.Variant(
            "aiobotocore, whole",
            "aiobotocore_over_http",
            "aiobotocore",
            {"url": url},
            goal=30.0,
        ),
    ]
    comparison.compare("A call of 1 KiB, without HTTP and with it", variants, settings)


if __name__ == "__main__":
    measured_process.start(
        main, bare_stack, standard_stack, aiobotocore, aiobotocore_over_http
    )
