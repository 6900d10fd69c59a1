"""What does an event of a stream in both directions cost the client?

Each client runs in a process, and talks over TLS to an emulator in another one, which
echoes each event. The cost is the CPU time of the client's process. AWS's client needs
Python 3.12 or newer, and a virtual environment in which
``aws-sdk-sagemaker-runtime-http2==0.12.0`` and ``awscrt`` are installed::

    python benchmarks/bidirectional.py --peer /path/to/venv/bin/python
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
KEYS: Final = ("AKIDEXAMPLE", "a-secret")
CASES: Final = ((640, 1), (640, 16), (16_384, 1), (16_384, 16))
NAMES: Final = ("sagemaker_rt", "aws")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="make a short run")
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--peer", help="the Python of AWS's client")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--client", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.client:
        print(json.dumps(asyncio.run(_client(json.loads(arguments.client)))))
        return
    names = [name for name in NAMES if name in (arguments.only or ",".join(NAMES))]
    if not arguments.peer:
        names = [name for name in names if name != "aws"]
    rounds = 1 if arguments.quick else arguments.rounds
    seconds = 0.2 if arguments.quick else 2.0
    print(f"signing and framing an event of 1 KB: {_signing(rounds):.1f} µs\n")
    columns = [f"{size} B, {flight} in flight" for size, flight in CASES]
    print(f"{'CPU µs (events/s)':14}  " + "  ".join(f"{c:>24}" for c in columns))
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as url:
        for name in names:
            cells = [
                _cell(name, url, folder, case, seconds, rounds, arguments.peer)
                for case in CASES
            ]
            print(f"{name:14}  " + "  ".join(f"{cell:>24}" for cell in cells))


def _signing(rounds: int) -> float:
    """Return the least CPU microseconds in which an event was signed and framed."""
    sys.path.insert(0, str(ROOT))
    from sagemaker_rt.identity import Credentials  # noqa: PLC0415 - of this process
    from sagemaker_rt.sansio.bidirectional_events import (  # noqa: PLC0415 - the same
        encode_event,
    )
    from sagemaker_rt.sansio.event_signing import (  # noqa: PLC0415 - the same
        EventSigner,
        SignatureChain,
    )

    chain = SignatureChain(
        Credentials(*KEYS), region="us-east-1", service="sagemaker", prior="ab" * 32
    )
    signer, data, count = EventSigner(chain), bytes(1024), 500

    def measure() -> float:
        start = time.process_time()
        for number in range(count):
            frame = encode_event(data, data_type="BINARY", completion_state="COMPLETE")
            signer.sign(frame, at=1_800_000_000_000 + number)
        return (time.process_time() - start) / count * 1e6

    return min(measure() for _ in range(20 * rounds))


def _cell(  # noqa: PLR0913, PLR0917 - one measurement
    name: str,
    url: str,
    folder: str,
    case: tuple[int, int],
    seconds: float,
    rounds: int,
    peer: str | None,
) -> str:
    job = {
        "name": name,
        "url": url,
        "ca": f"{folder}/ca.pem",
        "size": case[0],
        "flight": case[1],
        "seconds": seconds,
    }
    python = peer if name == "aws" and peer else sys.executable
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    results = [
        json.loads(
            subprocess.run(  # noqa: S603 - this script
                [python, __file__, "--client", json.dumps(job)],
                env=environment,
                capture_output=True,
                check=True,
            ).stdout
        )
        for _ in range(rounds)
    ]
    cpu, rate = (statistics.median(column) for column in zip(*results, strict=True))
    return f"{cpu:.1f} ({rate:,.0f})"


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Run an emulator with TLS in a process, and yield its URL."""
    code = f"from benchmarks.bidirectional import serve; serve({str(folder)!r})"
    process = subprocess.Popen(  # noqa: S603 - this script
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101 - a pipe
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def serve(folder: str) -> None:
    """Run the emulator, with a certificate that is in *folder*."""
    sys.path.insert(0, str(ROOT))
    from sagemaker_rt.emulator import Emulator  # noqa: PLC0415 - of this process
    from sagemaker_rt.identity import Credentials  # noqa: PLC0415 - of this process
    from tests.transport.certificates import self_signed  # noqa: PLC0415 - the same

    context, _ = self_signed(Path(folder), address="127.0.0.1")
    context.set_alpn_protocols(["h2"])
    pem = (Path(folder) / "127.0.0.1.pem").read_text()
    (Path(folder) / "ca.pem").write_text(pem[pem.index("-----BEGIN CERTIFICATE") :])

    async def run() -> None:
        async with Emulator(
            ssl_context=context, credentials=Credentials(*KEYS)
        ) as emulator:
            print(emulator.url, flush=True)
            await asyncio.Event().wait()

    asyncio.run(run())


async def _client(job: dict[str, Any]) -> Any:
    """Return CPU microseconds per event, and events per second."""
    talk = _talk_aws if job["name"] == "aws" else _talk
    return await talk(job)


async def _measured(job: dict[str, Any], send: Any, receive: Any) -> Any:
    """Send and receive events, with *flight* of them under way."""
    for _ in range(job["flight"]):
        await send()
    for _ in range(20):  # warm
        await receive()
        await send()
    count, start, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < job["seconds"]:
        await receive()
        await send()
        count += 1
    used, elapsed = time.process_time() - cpu, time.perf_counter() - start
    return used / count * 1e6, count / elapsed


async def _talk(job: dict[str, Any]) -> Any:
    from sagemaker_rt import Client, Credentials  # noqa: PLC0415 - of this client

    data = bytes(job["size"])
    async with (
        Client(
            endpoint_url=job["url"],
            region="us-east-1",
            credentials=Credentials(*KEYS),
            ca_bundle=job["ca"],
        ) as client,
        client.invoke_endpoint_with_bidirectional_stream(
            endpoint_name="echo"
        ) as stream,
    ):
        return await _measured(
            job, lambda: stream.send_bytes(data), lambda: anext(stream)
        )


async def _talk_aws(job: dict[str, Any]) -> Any:
    # installed in another environment
    aws_sdk = "aws_sdk_sagemaker_runtime_http2"
    client, config, models, io, crt = map(
        import_module,
        (
            f"{aws_sdk}.client",
            f"{aws_sdk}.config",
            f"{aws_sdk}.models",
            "awscrt.io",
            "smithy_http.aio.crt",
        ),
    )
    transport, options = crt.AWSCRTHTTPClient(), io.TlsContextOptions()
    options.override_default_trust_store_from_path(None, job["ca"])
    transport._tls_ctx = io.ClientTlsContext(options)  # noqa: SLF001 - the only way to trust a certificate
    settings = await config.AsyncSageMakerRuntimeHTTP2Config.resolve(
        region="us-east-1",
        endpoint_uri=job["url"],
        aws_access_key_id=KEYS[0],
        aws_secret_access_key=KEYS[1],
        transport=transport,
    )
    aws = client.AsyncSageMakerRuntimeHTTP2Client(config=settings)
    stream = await aws.invoke_endpoint_with_bidirectional_stream(
        models.InvokeEndpointWithBidirectionalStreamInput(endpoint_name="echo")
    )
    part = models.RequestPayloadPart(bytes_=bytes(job["size"]), data_type="BINARY")
    event = models.RequestStreamEventPayloadPart(part)
    await stream.input_stream.send(event)
    _, output = await stream.await_output()
    await output.receive()
    result = await _measured(
        job, lambda: stream.input_stream.send(event), output.receive
    )
    print(json.dumps(result), flush=True)
    os._exit(0)  # closing may hang


if __name__ == "__main__":
    main()
