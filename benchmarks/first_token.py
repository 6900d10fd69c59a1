"""Measures the time from a call to the first part of its stream.

The server sends the first part at once, so that the time is that of the client and of
the loopback interface. One call is in flight; the rest of the stream is read after the
measurement.

Run::

    python benchmarks/first_token.py [--quick] [--only VARIANT,…]

Columns:

* ``µs``: time to the first part, median of all rounds
* ``÷ sagemaker_rt``: relative to sagemaker_rt, median of all rounds
* ``p10 to p90``: spread of this ratio
* ``goal``: the ratio to reach
"""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Final

import clients
import comparison
import measured_process
import server

_ENDPOINT: Final = "parts-1x20"
_BODY: Final = b"x" * 100


async def sagemaker_rt(url: str) -> None:
    """Measure this library."""

    async def call() -> float:
        started_at = perf_counter()
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name=_ENDPOINT, body=_BODY, content_type=clients.MEDIA_TYPE
        ) as stream:
            await anext(stream)
            seconds = perf_counter() - started_at
            async for _ in stream:
                pass
        return seconds

    async with clients.sagemaker_rt(url) as client:
        await measured_process.measure_intervals(call)


async def sagemaker_rt_text(url: str) -> None:
    """Measure the first text of this library."""

    async def call() -> float:
        started_at = perf_counter()
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name=_ENDPOINT, body=_BODY, content_type=clients.MEDIA_TYPE
        ) as stream:
            texts = stream.iter_text()
            await anext(texts)
            seconds = perf_counter() - started_at
            async for _ in texts:
                pass
        return seconds

    async with clients.sagemaker_rt(url) as client:
        await measured_process.measure_intervals(call)


async def aiobotocore(url: str) -> None:
    """Measure aiobotocore."""

    async def call() -> float:
        started_at = perf_counter()
        response = await client.invoke_endpoint_with_response_stream(
            EndpointName=_ENDPOINT, Body=_BODY, ContentType=clients.MEDIA_TYPE
        )
        events = aiter(response["Body"])
        await anext(events)
        seconds = perf_counter() - started_at
        async for _ in events:
            pass
        return seconds

    async with clients.aiobotocore(url) as client:
        await measured_process.measure_intervals(call)


def main() -> None:
    """Print the table."""
    settings = comparison.settings(__doc__)
    with server.running() as url:
        chosen = settings.select(
            comparison.Variant(name, name, peer, {"url": url}, goal)
            for name, peer, goal in (
                ("sagemaker_rt", "sagemaker_rt", None),
                ("sagemaker_rt_text", "sagemaker_rt", None),
                ("aiobotocore", "aiobotocore", 3.3),
            )
        )
        slices, versions = comparison.measure(chosen, settings)
    times = {name: [s.wall / s.calls for s in of] for name, of in slices.items()}
    first = times[chosen[0].name]
    rows = [
        (
            variant.name,
            f"{median(times[variant.name]) * 1e6:,.0f}",
            *comparison.spread(
                [t / f for t, f in zip(times[variant.name], first, strict=True)]
            ),
            f"≥ {variant.goal}" if variant.goal else "",
        )
        for variant in chosen
    ]
    print("\nTime to the first part of a stream\n")
    header = ("", "µs", f"÷ {chosen[0].name}", "p10 to p90", "goal")
    print(comparison.table(header, rows))
    print(f"\n{comparison.conditions(settings, versions)}")


if __name__ == "__main__":
    measured_process.start(main, sagemaker_rt, sagemaker_rt_text, aiobotocore)
