"""What does a whole call cost the client, with 16 of them in flight?

Every variant sends a body to a lean server on this machine, and reads a body of the
same size. ``bare`` is aiohttp's ``session.post`` alone: it signs nothing, and says how
much of a call is the HTTP client's.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

import clients
import comparison
import measured_process
import server

_GOALS: Final = {
    100: {"aiobotocore": 4.0, "bare": 0.72},
    10_240: {"aiobotocore": 3.8, "bare": 0.64},
}


async def sagemaker_rt(url: str, size: int) -> None:
    """Measure our client."""
    body = b"x" * size

    async def call() -> None:
        await client.invoke_endpoint(
            endpoint_name=f"bytes-{size}", body=body, content_type=clients.MEDIA_TYPE
        )

    async with clients.sagemaker_rt(url) as client:
        await measured_process.in_flight(call, clients.IN_FLIGHT)


async def bare(url: str, size: int) -> None:
    """Measure aiohttp without any of what makes a call one to SageMaker Runtime."""
    body = b"x" * size
    target = f"{url}/endpoints/bytes-{size}/invocations"

    async def call() -> None:
        async with session.post(target, data=body) as response:
            await response.read()

    async with import_module("aiohttp").ClientSession() as session:
        await measured_process.in_flight(call, clients.IN_FLIGHT)


async def aiobotocore(url: str, size: int) -> None:
    """Measure botocore with its waiting made asynchronous."""
    body = b"x" * size

    async def call() -> None:
        answer = await client.invoke_endpoint(
            EndpointName=f"bytes-{size}", Body=body, ContentType=clients.MEDIA_TYPE
        )
        await answer["Body"].read()

    async with clients.aiobotocore(url) as client:
        await measured_process.in_flight(call, clients.IN_FLIGHT)


def boto3(url: str, size: int) -> None:
    """Measure the AWS SDK for Python, from threads."""
    client = clients.boto3(url)
    body = b"x" * size

    def call() -> None:
        answer = client.invoke_endpoint(
            EndpointName=f"bytes-{size}", Body=body, ContentType=clients.MEDIA_TYPE
        )
        answer["Body"].read()

    measured_process.in_threads(call, clients.IN_FLIGHT)


def main() -> None:
    """Print a table for each size of body."""
    settings = comparison.settings(__doc__)
    with server.running() as url:
        for size, goals in _GOALS.items():
            arguments = {"url": url, "size": size}
            variants = [
                comparison.Variant(name, name, peer, arguments, goals.get(name))
                for name, peer in (
                    ("sagemaker_rt", "sagemaker_rt"),
                    ("bare", "sagemaker_rt"),
                    ("aiobotocore", "aiobotocore"),
                    ("boto3", "boto3"),
                )
            ]
            title = f"A call of {size:,} B each way, {clients.IN_FLIGHT} in flight"
            comparison.compare(title, variants, settings)


if __name__ == "__main__":
    measured_process.start(main, sagemaker_rt, bare, aiobotocore, boto3)
