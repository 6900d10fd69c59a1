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
import ssl
import subprocess
from pathlib import Path
from typing import Final

import pytest

from sagemaker_rt.emulator import Emulator, StreamFault, StreamFaultKind
from sagemaker_rt.identity import Credentials
from tests.faults.test_bidirectional_faults import ROWS
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

FAULTY: Final = (
    PROGRAM.partition("    stream = await")[0]
    + """
    try:
        outcome = await asyncio.wait_for(converse(client), 3)
    except TimeoutError:
        outcome = "waits"
    except Exception as error:
        outcome = type(error).__name__
    print(outcome, flush=True)
    os._exit(0)

async def converse(client):
    stream = await client.invoke_endpoint_with_bidirectional_stream(
        InvokeEndpointWithBidirectionalStreamInput(endpoint_name="echo")
    )
    part = RequestPayloadPart(bytes_=b"x" * 100_000, data_type="UTF8")
    for _ in range(COUNT):
        await stream.input_stream.send(RequestStreamEventPayloadPart(part))
    _, events = await stream.await_output()
    for _ in range(4):
        if await events.receive() is None:
            return "ends"

COUNT = int(sys.argv.pop())
asyncio.run(main(*sys.argv[1:]))
"""
)
OUTCOMES: Final[dict[str, str]] = {
    "424": "ModelError",
    "400": "InputValidationError",
    "503": "CallError",
    "REFUSED_STREAM": "waits",
    "end of file before the headers": "waits",
    "no answer": "waits",
    "silence": "waits",
    "wrong signature": "UnmodeledEventError",
    "RST_STREAM": "ends",
    "GOAWAY, then close": "ends",
    "end of file": "ends",
    "END_STREAM inside an event": "InvalidEventBytes",
}


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a TLS context of a server, and the file of its authority."""
    context, _ = self_signed(folder, address="127.0.0.1")
    context.set_alpn_protocols(["h2"])
    pem = (folder / "127.0.0.1.pem").read_text()
    authority = folder / "authority.pem"
    authority.write_text(pem[pem.index("-----BEGIN CERTIFICATE") :])
    return context, authority


async def run_client(
    program: str, emulator: Emulator, authority: Path, *arguments: str
) -> str:
    """Return what *program* prints."""
    process = await asyncio.create_subprocess_exec(
        str(PYTHON),
        *("-c", program, emulator.url, str(authority), *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    return out.decode().strip()


@pytest.mark.skipif(PYTHON is None, reason="SAGEMAKER_RT_AWS_CLIENT is not set")
@pytest.mark.parametrize("name", OUTCOMES)
async def test_a_fault_has_the_outcome_that_the_table_states(
    name: str, tmp_path: Path
) -> None:
    context, authority = certificate(tmp_path)
    async with Emulator(ssl_context=context, credentials=KEYS) as emulator:
        fault = ROWS[name].fault
        assert fault is not None
        emulator.fail_next(fault)
        printed = await run_client(FAULTY, emulator, authority, "3")

    assert OUTCOMES[name] == printed


@pytest.mark.skipif(PYTHON is None, reason="SAGEMAKER_RT_AWS_CLIENT is not set")
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (StreamFaultKind.RESET, "ends"),
        (StreamFaultKind.GOAWAY_THEN_CLOSE, "ends"),
        (StreamFaultKind.END_OF_FILE, "ends"),
        (StreamFaultKind.REFUSE_EVENTS, "UnmodeledEventError"),
    ],
)
async def test_a_stream_that_is_cut_after_a_time(
    kind: StreamFaultKind, outcome: str, tmp_path: Path
) -> None:
    context, authority = certificate(tmp_path)
    async with Emulator(ssl_context=context, credentials=KEYS) as emulator:
        emulator.fail_next(StreamFault(kind, seconds=0.5))
        printed = await run_client(FAULTY, emulator, authority, "3")

    assert outcome == printed


@pytest.mark.skipif(PYTHON is None, reason="SAGEMAKER_RT_AWS_CLIENT is not set")
async def test_it_waits_for_a_window_that_stays_closed(tmp_path: Path) -> None:
    context, authority = certificate(tmp_path)
    async with Emulator(ssl_context=context, credentials=KEYS) as emulator:
        emulator.fail_next(StreamFault(StreamFaultKind.STALL))
        printed = await run_client(FAULTY, emulator, authority, "300")

    assert "waits" == printed


@pytest.mark.skipif(PYTHON is None, reason="SAGEMAKER_RT_AWS_CLIENT is not set")
async def test_its_signatures_and_events_are_accepted(tmp_path: Path) -> None:
    context, authority = certificate(tmp_path)
    async with Emulator(ssl_context=context, credentials=KEYS) as emulator:
        printed = await run_client(PROGRAM, emulator, authority)

    assert ["Blue", ["0", "1", "2"]] == json.loads(printed)
    assert not emulator.faults
