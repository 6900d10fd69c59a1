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


def test_a_request_is_signed_as_the_pure_signer_does() -> None:
    ours, pure = request(), request()
    SigV4().sign(
        pure,
        CREDENTIALS,
        service="sagemaker",
        region="eu-west-1",
        signing_time=1_440_938_160.5,
    )

    sign(SigV4Signer(), ours)

    assert pure.headers == ours.headers
    assert "authorization" in ours.headers


def test_one_signer_signs_the_same_request_alike() -> None:
    signer = SigV4Signer()
    first, second = request(), request()

    sign(signer, first)
    sign(signer, second)

    assert first.headers == second.headers


def test_a_signer_that_has_signed_pickles_without_its_keys() -> None:
    signer = SigV4Signer()
    sign(signer, request())

    pickled = pickle.dumps(signer)

    revived = pickle.loads(pickled)  # noqa: S301 - our own bytes
    again, before = request(), request()
    sign(revived, again)
    sign(signer, before)
    assert b"hush" not in pickled
    assert before.headers == again.headers
