"""AWS's client for streams in both directions, against the emulator over TLS.

It needs Python 3.12 or newer, in an environment of its own::

    python3.13 -m venv FOLDER
    FOLDER/bin/pip install aws-sdk-sagemaker-runtime-http2==0.12.0 awscrt
    SAGEMAKER_RT_AWS_CLIENT=FOLDER/bin/python python -m pytest tests/stories
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from sagemaker_rt.emulator import Emulator
from sagemaker_rt.identity import Credentials
from tests.transport.certificates import self_signed

PYTHON: Final = os.environ.get("SAGEMAKER_RT_AWS_CLIENT")
KEYS: Final = Credentials("AKIDEXAMPLE", "a-secret")
PROGRAM: Final = """
import asyncio, json, os, sys
from awscrt.io import ClientTlsContext, TlsContextOptions
from smithy_http.aio.crt import AWSCRTHTTPClient
from aws_sdk_sagemaker_runtime_http2.client import AsyncSageMakerRuntimeHTTP2Client
from aws_sdk_sagemaker_runtime_http2.config import AsyncSageMakerRuntimeHTTP2Config
from aws_sdk_sagemaker_runtime_http2.models import (
    InvokeEndpointWithBidirectionalStreamInput,
    RequestPayloadPart,
    RequestStreamEventPayloadPart,
)

async def main(url, ca):
    transport, options = AWSCRTHTTPClient(), TlsContextOptions()
    options.override_default_trust_store_from_path(None, ca)
    transport._tls_ctx = ClientTlsContext(options)
    config = await AsyncSageMakerRuntimeHTTP2Config.resolve(
        region="us-east-1",
        endpoint_uri=url,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="a-secret",
        transport=transport,
    )
    client = AsyncSageMakerRuntimeHTTP2Client(config=config)
    stream = await client.invoke_endpoint_with_bidirectional_stream(
        InvokeEndpointWithBidirectionalStreamInput(
            endpoint_name="echo", target_variant="Blue"
        )
    )
    for number in range(3):
        part = RequestPayloadPart(bytes_=b"%d" % number, data_type="UTF8")
        await stream.input_stream.send(RequestStreamEventPayloadPart(part))
    output, events = await stream.await_output()
    echoed = [(await events.receive()).value.bytes_.decode() for _ in range(3)]
    await stream.input_stream.close()
    print(json.dumps([output.invoked_production_variant, echoed]), flush=True)
    os._exit(0)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.skipif(PYTHON is None, reason="SAGEMAKER_RT_AWS_CLIENT is not set")
async def test_its_signatures_and_events_are_accepted(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path, address="127.0.0.1")
    context.set_alpn_protocols(["h2"])
    pem = (tmp_path / "127.0.0.1.pem").read_text()
    authority = tmp_path / "authority.pem"
    authority.write_text(pem[pem.index("-----BEGIN CERTIFICATE") :])

    async with Emulator(ssl_context=context, credentials=KEYS) as emulator:
        process = await asyncio.create_subprocess_exec(
            str(PYTHON),
            *("-c", PROGRAM, emulator.url, str(authority)),
            stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"]},
        )
        out, _ = await asyncio.wait_for(process.communicate(), 60)

    assert ["Blue", ["0", "1", "2"]] == json.loads(out)
    assert not emulator.faults
