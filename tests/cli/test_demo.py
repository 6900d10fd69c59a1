from __future__ import annotations

import io

from rich.console import Console

from sagemaker_rt.cli.demo import run_demo


async def test_the_demo_shows_each_operation_and_the_way_to_aws() -> None:
    shown = io.StringIO()

    await run_demo(Console(file=shown, width=80, soft_wrap=True))

    text = shown.getvalue()
    expected = [
        "A SageMaker Runtime runs at http://127.0.0.1:",
        "body: b'Hello'",
        "part: b'streamed '",
        "the answer will be at s3://",
        "it is there: b'Take your time'",
        "attempt 1 failed: ServiceUnavailable (HTTP 503",
        "attempt 2 succeeded",
        "ResolveEndpointV2",
        "export AWS_REGION=",
    ]
    assert [] == [line for line in expected if line not in text]
