"""The client against the server of moto, which verifies signatures.

moto supports neither empty nor binary bodies, and not the streaming operation; the
tests with the emulator cover those.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sagemaker_rt import (
    Client,
    Context,
    Credentials,
    FinalizeInput,
    ServiceError,
    Stack,
    UnknownServiceError,
    hook,
)
from tests.conformance.moto_server import REGION, Moto, running_moto


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    with running_moto() as server:
        yield server


def client(moto: Moto, credentials: Credentials | None = None) -> Client:
    return Client(
        region=REGION,
        endpoint_url=moto.url,
        credentials=credentials or moto.credentials,
        environ={},
        max_attempts=1,
    )


async def test_moto_accepts_the_signature(moto: Moto) -> None:
    async with client(moto) as caller:
        output = await caller.invoke_endpoint(
            endpoint_name="anything",
            body="a body of text",
            content_type="text/plain",
            custom_attributes="two  spaces",
            target_variant="v1",
        )

    assert (200, b"body") == (output.http_status, output.body)


async def test_moto_accepts_the_signature_of_an_asynchronous_call(moto: Moto) -> None:
    async with client(moto) as caller:
        output = await caller.invoke_endpoint_async(
            endpoint_name="anything", body="text", filename="answer.txt"
        )

    assert output.output_location is not None
    assert output.output_location.startswith("s3://")


async def test_moto_rejects_a_wrong_secret(moto: Moto) -> None:
    wrong = Credentials(moto.credentials.access_key_id, "wrong")

    async with client(moto, wrong) as caller:
        with pytest.raises(ServiceError) as caught:
            await caller.invoke_endpoint(endpoint_name="anything", body="text")

    assert 403 == caught.value.http_status
    assert isinstance(caught.value, UnknownServiceError)
    # moto responds in XML, unlike the service
    assert b"SignatureDoesNotMatch" in caught.value.body


PROFILE = """
[default]
role_arn = arn:aws:iam::123456789012:role/invoker
source_profile = keys
role_session_name = me
region = us-east-1
[profile keys]
aws_access_key_id = {keys.access_key_id}
aws_secret_access_key = {keys.secret_access_key}
"""


async def test_moto_accepts_the_signature_of_an_assumed_role(
    moto: Moto, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(PROFILE.format(keys=moto.credentials))
    environ = {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_ENDPOINT_URL_STS": moto.url,
        "AWS_ENDPOINT_URL": moto.url,
    }
    tokens: list[str] = []

    def record_token(stack: Stack) -> None:
        @hook(FinalizeInput, id="RecordToken")
        def record(ctx: Context, input: FinalizeInput) -> None:
            tokens.append(input.request.headers["x-amz-security-token"])

        stack.finalize.insert(record, after="Signing")

    async with Client(environ=environ, api_options=[record_token]) as caller:
        output = await caller.invoke_endpoint(endpoint_name="anything", body="text")

    assert (200, b"body") == (output.http_status, output.body)
    assert len(tokens[0]) > 100
