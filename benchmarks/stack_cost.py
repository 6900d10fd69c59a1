"""What does the stack cost by itself, without HTTP?

The HTTP client of every variant answers at once, with 1 KiB. ``bare stack`` rows hold
middlewares that only call the next; ``standard stack`` rows are whole calls of our
client, with more of those added. aiobotocore is there twice: without HTTP as well, and
with its whole call to a server, which the goal is about.
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
    """Measure the kernel with so many middlewares, over the five steps."""
    stack, context, output, input = _kernel()
    compiled = stack.Stack()
    for number in range(middlewares):
        compiled.steps[number % 5].add(_pass_on, id=f"PassOn{number}")

    async def send(ctx: object, input: object) -> Any:  # noqa: ARG001 - as it is called
        return output()

    handler = compiled.decorate(send)

    async def call() -> None:
        await handler(context("InvokeEndpoint"), input(None))

    await measured_process.in_flight(call, 1)


def _kernel() -> tuple[Any, Any, Any, Any]:
    stack = import_module("sagemaker_rt.stack")
    context = import_module("sagemaker_rt.context").Context
    return stack, context, stack.Output, stack.InitializeInput


async def _pass_on(ctx: object, input: object, next: Any) -> Any:
    return await next(ctx, input)


async def standard_stack(added: int) -> None:
    """Measure our client, with so many middlewares *added* to the standard ones."""
    http = import_module("sagemaker_rt.http")

    class Body:
        """A response's body that is there already."""

        def read_nowait(self) -> bytes:
            return _BODY

        async def read(self, limit: int) -> bytes:  # noqa: ARG002 - a seam's signature
            return _BODY

        async def iter_chunks(self) -> AsyncIterator[bytes]:
            yield _BODY

        def release(self) -> None:
            """Give back nothing."""

    class Stub:
        """An HTTP client that answers at once."""

        async def send(self, request: object) -> Any:  # noqa: ARG002 - a seam's
            return http.Response(200, http.Headers.of(_HEADERS.copy()), Body())

        async def aclose(self) -> None:
            """Close nothing."""

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
        await measured_process.in_flight(call, 1)


async def aiobotocore() -> None:
    """Measure aiobotocore, with a session of the kind that it lets one choose."""
    answer = import_module("aiobotocore.awsrequest").AioAWSResponse

    class Content:
        """What a response's body is read from."""

        def __init__(self) -> None:
            self.content = self

        async def read(self, amount: int = -1) -> bytes:  # noqa: ARG002 - a seam's
            return _BODY

    class Stub:
        """An HTTP session that answers at once."""

        def __init__(self, **_: object) -> None:
            """Take the settings of a real one."""

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None:
            """Close nothing."""

        async def send(self, request: Any) -> Any:
            return answer(request.url, 200, _HEADERS.copy(), Content())

    async def call() -> None:
        reply = await client.invoke_endpoint(
            EndpointName="model", Body=_BODY, ContentType=clients.MEDIA_TYPE
        )
        await reply["Body"].read()

    async with clients.aiobotocore(_URL, http_session_cls=Stub) as client:
        await measured_process.in_flight(call, 1)


async def aiobotocore_over_http(url: str) -> None:
    """Measure aiobotocore's call as it is made, 16 in flight."""
    name = f"bytes-{len(_BODY)}"

    async def call() -> None:
        reply = await client.invoke_endpoint(
            EndpointName=name, Body=_BODY, ContentType=clients.MEDIA_TYPE
        )
        await reply["Body"].read()

    async with clients.aiobotocore(url) as client:
        await measured_process.in_flight(call, clients.IN_FLIGHT)


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
