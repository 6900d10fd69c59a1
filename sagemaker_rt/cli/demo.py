"""The first thing to run: all three operations against the emulator."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape

from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator, service_unavailable
from sagemaker_rt.shapes import PayloadPart

__all__ = ["run_demo"]

_AFTERWORD: Final = """
To call AWS, leave endpoint_url and credentials out:

    export AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...
    sagemaker-rt invoke my-endpoint '{"inputs": "Hello"}'

To keep an emulator running, and call it from anywhere: sagemaker-rt emulator"""


async def run_demo(console: Console | None = None) -> None:
    """Invoke, stream and queue over a socket, with real signatures, and show it."""
    show = console or Console(highlight=False, soft_wrap=True)
    async with Emulator() as emulator:
        show.print(f"A SageMaker Runtime runs at [bold]{emulator.url}[/]\n")
        async with Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
        ) as client:
            await _invoke(client, show)
            await _stream(client, show)
            await _queue(client, emulator, show)
            await _survive(client, emulator, show)
            show.print("[bold]What a call runs through[/]: sagemaker-rt stack", end=" ")
            show.print("InvokeEndpoint\n")
            show.print(escape(client.explain("InvokeEndpoint")))
    show.print(_AFTERWORD, markup=False)


async def _invoke(client: Client, show: Console) -> None:
    """Get an answer whole."""
    show.print('[bold]invoke[/]  client.invoke_endpoint(endpoint_name="echo", ...)')
    output = await client.invoke_endpoint(
        endpoint_name="echo", body=b"Hello", content_type="text/plain"
    )
    show.print(f"        body: {output.body!r}", markup=False)
    show.print(f"        request id: {output.request_id}\n", markup=False)


async def _stream(client: Client, show: Console) -> None:
    """Get an answer as it is made."""
    show.print(
        "[bold]stream[/]  client.invoke_endpoint_with_response_stream"
        '(endpoint_name="tokens", ...)'
    )
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"A streamed answer comes in parts"
    ) as stream:
        async for part in stream:
            if isinstance(part, PayloadPart):
                show.print(f"        part: {part.bytes!r}", markup=False)
    show.print()


async def _queue(client: Client, emulator: Emulator, show: Console) -> None:
    """Get an answer later."""
    show.print(
        '[bold]queue[/]   client.invoke_endpoint_async(endpoint_name="echo", ...)'
    )
    queued = await client.invoke_endpoint_async(
        endpoint_name="echo", body=b"Take your time"
    )
    location = queued.output_location or ""
    show.print(f"        the answer will be at {location}", markup=False)
    await emulator.finish_jobs()
    show.print(f"        it is there: {emulator.objects[location]!r}\n", markup=False)


async def _survive(client: Client, emulator: Emulator, show: Console) -> None:
    """Get an answer from a service that is unavailable once."""
    show.print("[bold]retry[/]   the same, while the service answers 503 once")
    emulator.fail_next(service_unavailable())
    output = await client.invoke_endpoint(endpoint_name="echo", body=b"Hello again")
    for attempt in output.metadata.attempts:
        outcome = "succeeded" if attempt.error is None else f"failed: {attempt.error}"
        show.print(f"        attempt {attempt.number} {outcome}", markup=False)
    show.print()
