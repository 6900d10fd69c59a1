"""Measures the CPU time of signing a request with Signature Version 4.

Each variant signs the same request repeatedly, and hashes its body each time.
sagemaker_rt and botocore sign all headers that can be signed; aws-requests-auth signs
only host, date and token.

Run::

    python benchmarks/signing.py [--quick] [--only VARIANT,…]

Columns, one table for each body size:

* ``CPU µs/call``: CPU time of a signature
* ``calls/s``: throughput
* ``÷ sagemaker_rt``: CPU time divided by that of sagemaker_rt, median of all rounds
* ``p10 to p90``: spread of this ratio
* ``goal``: the ratio to reach
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import Final

import clients
import comparison
import measured_process

_HOST: Final = f"runtime.sagemaker.{clients.REGION}.amazonaws.com"
_PATH: Final = "/endpoints/bytes-100/invocations"
_KEYS: Final = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
_HEADERS: Final = {
    "content-type": clients.MEDIA_TYPE,
    "accept": "application/json",
    "x-amzn-sagemaker-target-variant": "AllTraffic",
    "x-amzn-sagemaker-inference-id": "2c4f8f0a-4d0e-4f0b-9d7c-6f1f9f3c9b1e",
    "amz-sdk-invocation-id": "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
    "amz-sdk-request": "attempt=1; max=3",
    "user-agent": "benchmark/1.0",
}
_GOALS: Final = {100: 9.0, 10_240: None}


def sagemaker_rt(size: int) -> None:
    """Measure the signer of this library."""
    http = import_module("sagemaker_rt.http")
    signer = import_module("sagemaker_rt.signers.sigv4").SigV4Signer()
    credentials = import_module("sagemaker_rt.identity").Credentials(*_KEYS)
    request = http.Request(
        path=_PATH,
        headers=http.Headers(_HEADERS),
        body=b"x" * size,
        endpoint=http.Endpoint(f"https://{_HOST}"),
    )

    def call() -> None:
        signer.sign(
            request,
            credentials,
            service="sagemaker",
            region=clients.REGION,
            signing_time=time.time(),
        )

    measured_process.measure_sequential(call)


def botocore(size: int) -> None:
    """Measure the signer of boto3 and aiobotocore."""
    credentials = import_module("botocore.credentials").Credentials(*_KEYS)
    auth = import_module("botocore.auth").SigV4Auth(
        credentials, "sagemaker", clients.REGION
    )
    request = import_module("botocore.awsrequest").AWSRequest(
        method="POST",
        url=f"https://{_HOST}{_PATH}",
        headers=_HEADERS,
        data=b"x" * size,
    )

    def call() -> None:
        auth.add_auth(request)

    measured_process.measure_sequential(call)


def requests_auth(size: int) -> None:
    """Measure aws-requests-auth, which signs fewer headers."""
    auth = import_module("aws_requests_auth.aws_auth").AWSRequestsAuth(
        *_KEYS, _HOST, clients.REGION, "sagemaker"
    )
    request = import_module("requests").Request(
        "POST", f"https://{_HOST}{_PATH}", headers=_HEADERS, data=b"x" * size
    )
    prepared = request.prepare()

    def call() -> None:
        auth(prepared)

    measured_process.measure_sequential(call)


def main() -> None:
    """Print a table for each body size."""
    settings = comparison.settings(__doc__)
    for size, goal in _GOALS.items():
        arguments = {"size": size}
        variants = [
            comparison.Variant(
                "sagemaker_rt", "sagemaker_rt", "sagemaker_rt", arguments
            ),
            comparison.Variant("botocore", "botocore", "boto3", arguments, goal),
            comparison.Variant(
                "aws-requests-auth", "requests_auth", "aws-requests-auth", arguments
            ),
        ]
        comparison.compare(f"A request of {size:,} B", variants, settings)


if __name__ == "__main__":
    measured_process.start(main, sagemaker_rt, botocore, requests_auth)
