"""The methods of the client that are implemented in inference/."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from sagemaker_rt import Client, Credentials
from tests.doubles import ScriptedHTTPClient, response

CREATE_A_CLIENT: Final = """
import sys
from sagemaker_rt import Client
Client(region="eu-west-1")
loaded = [n for n in sys.modules if n.startswith("sagemaker_rt.inference.")]
print(*loaded)
"""


def test_a_client_is_created_without_the_modules_of_its_conveniences() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CREATE_A_CLIENT],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "sagemaker_rt.inference.client_methods\n" == ended.stdout


async def test_predict_encodes_and_decodes_values() -> None:
    wire = ScriptedHTTPClient(response(200, {}, b"[2]"))
    client = Client(
        region="eu-west-1",
        credentials=Credentials("AKID", "a-secret"),
        environ={},
        http_client=wire,
    )

    value = await client.predict("m", [1])

    assert [2] == value
    assert b"[1]" == wire.requests[0].body


async def test_submit_returns_a_job() -> None:
    headers = {"X-Amzn-SageMaker-OutputLocation": "s3://bucket/key"}
    wire = ScriptedHTTPClient(response(202, headers, b'{"InferenceId": "i"}'))
    client = Client(
        region="eu-west-1",
        credentials=Credentials("AKID", "a-secret"),
        environ={},
        http_client=wire,
    )

    job = await client.submit("m", [1])

    assert ("s3://bucket/key", "i") == (job.output_location, job.inference_id)
    assert b"[1]" == wire.requests[0].body


async def test_openai_returns_the_arguments_of_its_client() -> None:
    keys = Credentials("AKID", "shh")
    async with Client(region="eu-west-1", credentials=keys, environ={}) as client:
        arguments = await client.openai("my-llm", "my-adapter")

    assert {"base_url", "api_key", "max_retries"} == arguments.keys()
    assert arguments["base_url"].endswith("/inference-components/my-adapter/openai/v1")
