"""The client against the server of moto, which verifies signatures.

moto supports neither empty nor binary bodies, and not the streaming operation; the
tests with the emulator cover those.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from attrs import frozen

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

REGION = "us-east-1"


@frozen
class Moto:
    """A running server, and the credentials of a user who may use SageMaker."""

    url: str
    credentials: Credentials


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            url = next(filter(None, map(_url_in, server.stderr)))
            credentials = _make_user(url)
            _post(f"{url}/moto-api/reset-auth", b"0")  # enables verification
            yield Moto(url, credentials)
        finally:
            server.terminate()


def _url_in(line: str) -> str | None:
    """Return the URL in a *line* of the server's log, or None."""
    found = re.search(r"http://127\.0\.0\.1:[0-9]+", line)
    return found.group() if found else None


def _post(url: str, body: bytes) -> None:
    text = {"Content-Type": "text/plain"}  # moto parses the default as a form
    request = urllib.request.Request(url, body, text)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - loopback
        pass


def _make_user(url: str) -> Credentials:
    iam = boto3.client(
        "iam",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id="setup",
        aws_secret_access_key="setup",
    )
    try:
        iam.create_user(UserName="caller")
        actions = ["sagemaker:*", "sts:AssumeRole"]
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        iam.put_user_policy(
            UserName="caller",
            PolicyName="sagemaker",
            PolicyDocument=json.dumps(document),
        )
        _make_role(iam, document)
        key = iam.create_access_key(UserName="caller")["AccessKey"]
    finally:
        iam.close()
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def _make_role(iam: Any, document: object) -> None:
    """Create a role that the user may assume, with the policy of the user."""
    trusted = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [trusted]}
    iam.create_role(RoleName="invoker", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(
        RoleName="invoker",
        PolicyName="sagemaker",
        PolicyDocument=json.dumps(document),
    )


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
