"""Measures the cost of configuration and credentials, and their behavior in an outage.

Run::

    python benchmarks/configuration.py [--quick] [--rounds N]

The table shows the CPU time of a new process until it has a client with region and
credentials, once from environment variables and once from the shared files:

* ``sagemaker_rt``, ``boto3``: CPU ms, median of all rounds
* ``ratio``: CPU time of boto3 divided by that of sagemaker_rt, median

The last two lines show how often the provider was called (``retrieved``), and how many
calls of the client failed (``failed``): first with 10,000 concurrent calls after the
credentials have expired, then with a call per second during 30 minutes in which the
provider is unreachable. The clock is simulated.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

import interpreters

from sagemaker_rt import Client, Credentials, CredentialsError, Request, Response
from sagemaker_rt.http import Headers

_OURS: Final = """
import asyncio, os, resource
from sagemaker_rt import Client, Config, DefaultChain

async def main():
    config = await Config.load()
    client = await Client.from_config(config)
    found = await DefaultChain(config.provider_context()).retrieve()
    assert found.access_key_id == "AKIDEXAMPLE"
    assert client is not None

asyncio.run(main())
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""
_BOTO3: Final = """
import resource
import boto3

session = boto3.Session()
client = session.client("sagemaker-runtime")
assert session.get_credentials().get_frozen_credentials().access_key == "AKIDEXAMPLE"
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""
_CONFIG: Final = "[default]\nregion = us-east-1\n"
_KEYS: Final = (
    "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
)
_CALLS: Final = 10_000
_OUTAGE: Final = 30 * 60


def _environments(home: Path) -> dict[str, dict[str, str]]:
    """Return the environment variables of each way to configure a client."""
    (home / "empty").mkdir()
    (home / "files" / ".aws").mkdir(parents=True)
    (home / "files" / ".aws" / "config").write_text(_CONFIG)
    keys = home / "files" / ".aws" / "credentials"
    keys.write_text(_KEYS)
    keys.chmod(0o600)
    path = {"PATH": os.environ.get("PATH", "")}
    variables = {
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    return {
        "environment": {**path, "HOME": str(home / "empty"), **variables},
        "shared files": {**path, "HOME": str(home / "files")},
    }


def _seconds(python: str, program: str, environ: Mapping[str, str]) -> float:
    run = subprocess.run(  # noqa: S603 - a program of this file
        [python, "-c", program],
        env=dict(environ),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout)


def _print_starts(rounds: int, paths: Mapping[str, str]) -> None:
    own = interpreters.python_for("sagemaker_rt", paths)
    peer = interpreters.python_for("boto3", paths)
    print("CPU ms to a resolved client   sagemaker_rt     boto3        ratio")
    with tempfile.TemporaryDirectory() as home:
        for source, environ in _environments(Path(home)).items():
            pairs = [
                (_seconds(own, _OURS, environ), _seconds(peer, _BOTO3, environ))
                for _ in range(rounds + 1)
            ][1:]  # the first run fills the file caches
            one, other = (1e3 * median(times) for times in zip(*pairs, strict=True))
            ratio = median(b / a for a, b in pairs)
            print(f"{source:29} {one:12.0f} {other:9.0f} {ratio:12.2f}")


class _Provider:
    """A provider of credentials that expire after an hour; slow, or unreachable."""

    has_static_stability = True

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.retrievals = 0
        self.is_unreachable = False

    def clock(self) -> float:
        return self.now

    async def retrieve(self) -> Credentials:
        self.retrievals += 1
        await asyncio.sleep(0.01)
        if self.is_unreachable:
            message = "the provider is unreachable"
            raise CredentialsError(message)
        end = datetime.fromtimestamp(self.now, UTC) + timedelta(hours=1)
        return Credentials("AKIDEXAMPLE", "secret", expires_at=end)


class _StubHTTPClient:
    """An HTTP client without network."""

    async def send(self, _: Request) -> Response:
        return Response(200, Headers(), _Body())

    async def aclose(self) -> None:
        """Do nothing."""


class _Body:
    def read_nowait(self) -> bytes:
        return b"answer"

    async def read(self, limit: int) -> bytes:
        return b"answer"[:limit]

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        yield b"answer"

    def release(self) -> None:
        """Do nothing."""


async def _failures(client: Client, count: int) -> int:
    calls = (client.invoke_endpoint(endpoint_name="m", body=b"") for _ in range(count))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    return sum(isinstance(outcome, Exception) for outcome in outcomes)


async def _print_survival() -> None:
    provider = _Provider()
    client = Client(
        region="us-east-1",
        credentials=provider,
        clock=provider.clock,
        http_client=_StubHTTPClient(),
        environ={},
    )
    await _failures(client, 1)
    provider.now += 3600
    before = provider.retrievals
    failed = await _failures(client, _CALLS)
    retrieved = provider.retrievals - before
    print(f"\n{_CALLS:,} calls with expired credentials: ", end="")
    print(f"retrieved {retrieved}, failed {failed}")
    provider.now += 3600 - 120
    provider.is_unreachable, failed, before = True, 0, provider.retrievals
    for _ in range(_OUTAGE):
        provider.now += 1
        failed += await _failures(client, 1)
    retrieved = provider.retrievals - before
    print("an outage of 30 minutes, a call per second: ", end="")
    print(f"retrieved {retrieved}, failed {failed}")


def _main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="two rounds")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    arguments = parser.parse_args()
    paths = dict(pair.split("=", 1) for pair in arguments.peer)
    _print_starts(2 if arguments.quick else arguments.rounds, paths)
    asyncio.run(_print_survival())


if __name__ == "__main__":
    _main()
