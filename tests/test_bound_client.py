from __future__ import annotations

from typing import Any

import attrs
import pytest

from sagemaker_rt.bound_client import BoundClient
from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.invocation.arguments import Members
from sagemaker_rt.operations import OPERATIONS
from sagemaker_rt.options import with_max_attempts
from tests.doubles import ScriptedHTTPClient, response

KEYS = Credentials("AKID", "a-secret")


def client_of(emulator: Emulator) -> Client:
    return Client(
        endpoint_url=emulator.url, region="us-east-1", credentials=KEYS, environ={}
    )


def test_what_may_be_bound_is_what_the_operations_take() -> None:
    names = {
        name
        for operation in OPERATIONS.values()
        for name in attrs.fields_dict(operation.input)
    }

    assert names == Members.__optional_keys__


def test_a_name_that_no_operation_has_is_refused() -> None:
    unknown: Any = {"endpont_name": "m", "zzz": 1}

    with pytest.raises(ParamValidationError) as caught:
        BoundClient(Client(environ={}), **unknown)

    assert (
        "no operation has a member 'endpont_name'; did you mean 'endpoint_name'?; "
        "no operation has a member 'zzz'"
    ) == str(caught.value)


async def test_all_operations_are_called_with_what_is_bound() -> None:
    async with Emulator(credentials=KEYS) as emulator, client_of(emulator) as client:
        bound = BoundClient(
            client,
            endpoint_name="echo",
            body=b"bound",
            target_model="a.tar",
            request_ttl_seconds=60,
        )

        whole = await bound.invoke_endpoint()
        queued = await bound.invoke_endpoint_async(inference_id="id-1")
        async with bound.invoke_endpoint_with_response_stream() as stream:
            parts = [part async for part in stream]

    assert b"bound" == whole.body
    assert "id-1" == queued.inference_id
    assert parts


@pytest.mark.parametrize(
    ("given", "path", "accept"),
    [
        ({}, "/endpoints/bound/invocations", "a/bound"),
        ({"endpoint_name": "call"}, "/endpoints/call/invocations", "a/bound"),
        ({"accept": "a/call"}, "/endpoints/bound/invocations", "a/call"),
        ({"accept": None}, "/endpoints/bound/invocations", "a/bound"),
    ],
    ids=str,
)
async def test_a_call_wins_over_what_is_bound(
    given: Members, path: str, accept: str
) -> None:
    http_client = ScriptedHTTPClient(response())
    client = Client(
        http_client=http_client,
        environ={"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "a-secret"},
        region="eu-west-1",
    )
    bound = BoundClient(client, endpoint_name="bound", accept="a/bound", body=b"")

    await bound.invoke_endpoint(with_max_attempts(1), **given)

    (request,) = http_client.requests
    assert (path, accept) == (request.path, request.headers["accept"])
    assert "attempt=1; max=1" == request.headers["amz-sdk-request"]


def test_it_says_what_is_bound_but_no_values() -> None:
    bound = BoundClient(Client(environ={}), endpoint_name="m", custom_attributes="shh")

    assert "<BoundClient of endpoint_name, custom_attributes>" == repr(bound)
