from __future__ import annotations

import pickle

from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import Signer
from sagemaker_rt.sansio.sigv4 import SigV4
from sagemaker_rt.signers.sigv4 import SigV4Signer

CREDENTIALS = Credentials("ASIA", "hush", "a-token")


def request() -> Request:
    return Request(
        path="/endpoints/m/invocations",
        headers=Headers({"Accept": "application/json"}),
        body=b"abc",
        endpoint=Endpoint("https://runtime.sagemaker.eu-west-1.amazonaws.com"),
    )


def sign(signer: Signer, unsigned: Request) -> None:
    signer.sign(
        unsigned,
        CREDENTIALS,
        service="sagemaker",
        region="eu-west-1",
        signing_time=1_440_938_160.5,
    )


def test_the_signer_signs_as_the_pure_function() -> None:
    signed, expected = request(), request()
    SigV4().sign(
        expected,
        CREDENTIALS,
        service="sagemaker",
        region="eu-west-1",
        signing_time=1_440_938_160.5,
    )

    sign(SigV4Signer(), signed)

    assert expected.headers == signed.headers
    assert "authorization" in signed.headers


def test_signing_equal_requests_gives_equal_signatures() -> None:
    signer = SigV4Signer()
    first, second = request(), request()

    sign(signer, first)
    sign(signer, second)

    assert first.headers == second.headers


def test_a_pickle_contains_no_keys() -> None:
    signer = SigV4Signer()
    sign(signer, request())

    pickled = pickle.dumps(signer)

    unpickled = pickle.loads(pickled)  # noqa: S301 - our own bytes
    actual, expected = request(), request()
    sign(unpickled, actual)
    sign(signer, expected)
    assert b"hush" not in pickled
    assert expected.headers == actual.headers
