"""Custom middleware, signers, credentials and bodies, over sockets."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator

import pytest
from aws_requests_auth.aws_auth import AWSRequestsAuth

from sagemaker_rt import (
    AnonymousCredentials,
    BuildInput,
    Client,
    ClientStateError,
    Context,
    Credentials,
    Handler,
    InvokeEndpointInput,
    Output,
    Request,
    RequestsAuthSigner,
    ServiceError,
    Stack,
    with_api_options,
    with_options,
)
from sagemaker_rt.emulator import Emulator

KEYS = Credentials("AKIDEXAMPLE", "shh", "token")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS) as emulator:
        yield emulator


def client_of(emulator: Emulator) -> Client:
    return Client(
        region=emulator.region, endpoint_url=emulator.url, credentials=KEYS, environ={}
    )


async def tag_tenant(
    ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Output:
    input.request.headers["X-Tenant"] = "acme"
    return await next(ctx, input)


def edit(stack: Stack) -> None:
    stack.build.add(tag_tenant)


async def test_a_header_set_by_middleware_is_signed_and_sent(
    emulator: Emulator,
) -> None:
    async with client_of(emulator) as client:
        await client.invoke_endpoint(
            with_api_options(edit), endpoint_name="echo", body=b""
        )

    received = emulator.requests[-1].headers
    assert "acme" == received["x-tenant"]
    assert "x-tenant" in received["authorization"]


@pytest.mark.filterwarnings("ignore:.*utcnow:DeprecationWarning")
async def test_a_signature_of_aws_requests_auth_is_accepted(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        output = await client.invoke_endpoint(
            with_options(signer=RequestsAuthSigner()), endpoint_name="echo", body=b"x"
        )

    assert b"x" == output.body


@pytest.mark.filterwarnings("ignore:.*utcnow:DeprecationWarning")
async def test_a_signer_with_its_own_credentials_needs_none_of_the_client(
    emulator: Emulator,
) -> None:
    host = emulator.url.removeprefix("http://")
    auth = AWSRequestsAuth("AKIDEXAMPLE", "shh", host, emulator.region, "sagemaker")
    auth.aws_token = "token"
    async with Client(
        endpoint_url=emulator.url,
        signer=RequestsAuthSigner(auth),
        environ={"HOME": "/nonexistent"},
    ) as client:
        output = await client.invoke_endpoint(endpoint_name="echo", body=b"x")
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="echo", body=b"y"
        ) as stream:
            parts = [part async for part in stream.iter_bytes()]
        text = client.explain("InvokeEndpoint")

    assert b"x" == output.body
    assert b"y" == b"".join(parts)
    assert "GetIdentity: the signer has its own credentials" in text


async def test_a_signer_may_declare_that_it_needs_no_credentials(
    emulator: Emulator,
) -> None:
    class Signer:
        needs_identity = False
        received: object = "nothing"

        def sign(self, request: Request, credentials: object, **_: object) -> None:
            self.received = credentials

    signer = Signer()
    client = Client(
        region="us-east-1",
        endpoint_url=emulator.url,
        signer=signer,
        environ={"HOME": "/nonexistent"},
    )
    async with client:
        with pytest.raises(ServiceError):
            await client.invoke_endpoint(endpoint_name="echo", body=b"x")

    assert signer.received is None


async def test_an_anonymous_call_is_sent_unsigned_and_refused(
    emulator: Emulator,
) -> None:
    async with client_of(emulator) as client:
        with pytest.raises(ServiceError) as caught:
            await client.invoke_endpoint(
                with_options(credentials=AnonymousCredentials()),
                endpoint_name="echo",
                body=b"",
            )

    assert (403, "MissingAuthenticationTokenException") == (
        caught.value.http_status,
        caught.value.code,
    )
    assert "authorization" not in emulator.requests[-1].headers


@pytest.mark.parametrize("size", [0, 100, 300_000, 3_000_000])
async def test_a_body_of_any_kind_and_size_arrives_whole(
    emulator: Emulator, size: int
) -> None:
    body = bytes(n % 251 for n in range(size))
    with tempfile.TemporaryFile() as file:
        file.write(b"skipped" + body)
        file.seek(len(b"skipped"))
        async with client_of(emulator) as client:
            answers = [
                (await client.invoke_endpoint(endpoint_name="echo", body=kind)).body
                for kind in (body, bytearray(body), memoryview(body), file)
            ]

    assert [body] * 4 == answers


async def test_a_shape_and_keywords_make_the_same_request(emulator: Emulator) -> None:
    params = InvokeEndpointInput(endpoint_name="echo", body=b"x", accept="text/plain")

    async with client_of(emulator) as client:
        await client.invoke_endpoint(params)
        await client.invoke_endpoint(
            endpoint_name="echo", body=b"x", accept="text/plain"
        )

    differing = {"amz-sdk-invocation-id", "authorization", "x-amz-date"}
    first, second = (
        {n: v for n, v in request.headers.items() if n.lower() not in differing}
        for request in emulator.requests
    )
    assert first == second


def test_a_client_can_be_used_in_another_loop_after_its_own_is_closed() -> None:
    calls: list[Client] = []

    async def call() -> bytes:
        async with Emulator(credentials=KEYS) as emulator:
            client = client_of(emulator)
            calls.append(client)
            return (await client.invoke_endpoint(endpoint_name="echo", body=b"x")).body

    async def again(client: Client) -> None:
        # the emulator is closed: a ConnectionError shows that the client tried to send
        with pytest.raises(ConnectionError):
            await client.invoke_endpoint(endpoint_name="echo", body=b"x")
        await client.aclose()

    assert b"x" == asyncio.run(call())
    asyncio.run(again(calls[0]))


async def test_a_client_cannot_be_used_in_another_loop_while_its_own_is_open(
    emulator: Emulator,
) -> None:
    async with client_of(emulator) as client:
        await client.invoke_endpoint(endpoint_name="echo", body=b"")

        def elsewhere() -> None:
            asyncio.run(call())

        async def call() -> None:
            await client.invoke_endpoint(endpoint_name="echo", body=b"")

        with pytest.raises(ClientStateError, match="another event loop"):
            await asyncio.to_thread(elsewhere)
