from __future__ import annotations

import pytest

from sagemaker_rt.context import TOKEN, Context
from sagemaker_rt.errors import EndpointResolutionError, StackError
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.identity import Token
from sagemaker_rt.middleware.bearer_signing import BearerSigning
from sagemaker_rt.stack import FinalizeInput
from tests.doubles import Wire

CONTEXT = Context("InvokeEndpoint").with_value(TOKEN, Token("a-token"))


@pytest.mark.parametrize("url", ["https://a.example", "http://localhost:8080"])
async def test_a_request_carries_the_token(url: str) -> None:
    wire, request = Wire[FinalizeInput](), Request(endpoint=Endpoint(url))

    await BearerSigning()(CONTEXT, FinalizeInput(request), wire)

    (sent,) = wire.inputs
    assert "Bearer a-token" == sent.request.headers["authorization"]


async def test_a_token_is_not_sent_unencrypted() -> None:
    wire, request = (
        Wire[FinalizeInput](),
        Request(endpoint=Endpoint("http://a.example")),
    )

    with pytest.raises(EndpointResolutionError, match="not encrypted"):
        await BearerSigning()(CONTEXT, FinalizeInput(request), wire)

    assert [] == wire.inputs
    assert "authorization" not in request.headers


async def test_a_token_needs_an_endpoint() -> None:
    wire = Wire[FinalizeInput]()

    with pytest.raises(EndpointResolutionError, match="no endpoint"):
        await BearerSigning()(CONTEXT, FinalizeInput(Request()), wire)


async def test_without_get_identity_there_is_no_token() -> None:
    wire = Wire[FinalizeInput]()

    with pytest.raises(StackError, match="GetIdentity"):
        await BearerSigning()(Context("InvokeEndpoint"), FinalizeInput(Request()), wire)


def test_its_id_is_that_of_signing() -> None:
    assert "Signing" == BearerSigning.id
