"""What does a streamed call of 100 parts cost the client?

With one call in flight, calls per second say how long a call takes; with 16, what one
process can do. Parts are 20 bytes: a token or so.
"""

from __future__ import annotations

from typing import Final

import clients
import comparison
import measured_process
import server

_ENDPOINT: Final = "parts-100x20"
_BODY: Final = b"x" * 100


async def sagemaker_rt(url: str, tasks: int) -> None:
    """Measure our client."""

    async def call() -> None:
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name=_ENDPOINT, body=_BODY, content_type=clients.MEDIA_TYPE
        ) as stream:
            async for part in stream:
                len(part.bytes)

    async with clients.sagemaker_rt(url) as client:
        await measured_process.in_flight(call, tasks)


async def aiobotocore(url: str, tasks: int) -> None:
    """Measure botocore with its waiting made asynchronous."""

    async def call() -> None:
        answer = await client.invoke_endpoint_with_response_stream(
            EndpointName=_ENDPOINT, Body=_BODY, ContentType=clients.MEDIA_TYPE
        )
        async for event in answer["Body"]:
            len(event["PayloadPart"]["Bytes"])

    async with clients.aiobotocore(url) as client:
        await measured_process.in_flight(call, tasks)


def boto3(url: str, tasks: int) -> None:
    """Measure the AWS SDK for Python, from threads."""
    client = clients.boto3(url)

    def call() -> None:
        answer = client.invoke_endpoint_with_response_stream(
            EndpointName=_ENDPOINT, Body=_BODY, ContentType=clients.MEDIA_TYPE
        )
        for event in answer["Body"]:
            len(event["PayloadPart"]["Bytes"])

    measured_process.in_threads(call, tasks)


def main() -> None:
    """Print a table for one call in flight, and one for 16."""
    settings = comparison.settings(__doc__)
    with server.running() as url:
        for tasks in (1, clients.IN_FLIGHT):
            arguments = {"url": url, "tasks": tasks}
            variants = [
                comparison.Variant(name, name, name, arguments)
                for name in ("sagemaker_rt", "aiobotocore", "boto3")
            ]
            title = f"A streamed call of 100 parts of 20 B, {tasks} in flight"
            comparison.compare(title, variants, settings)


if __name__ == "__main__":
    measured_process.start(main, sagemaker_rt, aiobotocore, boto3)
