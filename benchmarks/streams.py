"""Measures the CPU time of a streamed response of 100 parts.

A part has 20 bytes, about the size of a token. The first table has one call in flight,
so that its throughput shows the duration of a call. The others have 16 calls in flight,
over TCP and over TLS, and show the capacity of a process.

Run::

    python benchmarks/streams.py [--quick] [--only VARIANT,…]

Columns:

* ``CPU µs/call``: CPU time of the client process
* ``calls/s``: throughput
* ``÷ sagemaker_rt``: CPU time divided by that of sagemaker_rt, median of all rounds
* ``p10 to p90``: spread of this ratio
* ``goal``: the ratio to reach
"""

from __future__ import annotations

from typing import Final

import clients
import comparison
import measured_process
import server

_ENDPOINT: Final = "parts-100x20"
_BODY: Final = b"x" * 100
_GOALS: Final = {"aiobotocore": 8.0}
_CASES: Final = ((1, False), (clients.IN_FLIGHT, False), (clients.IN_FLIGHT, True))
"""Calls in flight, and whether they use TLS."""


async def sagemaker_rt(url: str, tasks: int) -> None:
    """Measure this library."""

    async def call() -> None:
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name=_ENDPOINT, body=_BODY, content_type=clients.MEDIA_TYPE
        ) as stream:
            async for part in stream:
                len(part.bytes)

    async with clients.sagemaker_rt(url) as client:
        await measured_process.measure_concurrent(call, tasks)


async def aiobotocore(url: str, tasks: int) -> None:
    """Measure aiobotocore."""

    async def call() -> None:
        response = await client.invoke_endpoint_with_response_stream(
            EndpointName=_ENDPOINT, Body=_BODY, ContentType=clients.MEDIA_TYPE
        )
        async for event in response["Body"]:
            len(event["PayloadPart"]["Bytes"])

    async with clients.aiobotocore(url) as client:
        await measured_process.measure_concurrent(call, tasks)


def boto3(url: str, tasks: int) -> None:
    """Measure boto3, in threads."""
    client = clients.boto3(url)

    def call() -> None:
        response = client.invoke_endpoint_with_response_stream(
            EndpointName=_ENDPOINT, Body=_BODY, ContentType=clients.MEDIA_TYPE
        )
        for event in response["Body"]:
            len(event["PayloadPart"]["Bytes"])

    measured_process.measure_threads(call, tasks)


def main() -> None:
    """Print a table for each case."""
    settings = comparison.settings(__doc__)
    for tasks, tls in _CASES:
        with server.running(tls=tls) as url:
            arguments = {"url": url, "tasks": tasks}
            variants = [
                comparison.Variant(name, name, name, arguments, _GOALS.get(name))
                for name in ("sagemaker_rt", "aiobotocore", "boto3")
            ]
            title = f"A streamed call of 100 parts of 20 B, {tasks} in flight"
            comparison.compare(f"{title}, TLS" if tls else title, variants, settings)


if __name__ == "__main__":
    measured_process.start(main, sagemaker_rt, aiobotocore, boto3)
