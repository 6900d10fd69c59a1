"""The emulator, called by boto3."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, closing
from typing import Any, Final

import aiohttp
import boto3
import botocore.loaders
import pytest
from botocore.config import Config
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EventStreamError,
    ResponseStreamingError,
)
from yarl import URL

from sagemaker_rt.emulator import (
    HANG_UP,
    RESET,
    Chunking,
    CorruptChecksum,
    CutBody,
    Emulator,
    FailStream,
    Fault,
    InvocationRequest,
    ModelFailure,
    ModelResponse,
    SlowDrip,
    html_error,
    internal_dependency,
    internal_failure,
    null_message,
    redirect,
    service_unavailable,
    throttle,
)
from sagemaker_rt.emulator.responses import _MODELLED
from sagemaker_rt.identity import Credentials
from tests.doubles import ManualClock

ONCE: Final = {"total_max_attempts": 1}
THRICE: Final = {"total_max_attempts": 3, "mode": "standard"}

BotoResponse = dict[str, Any]
"""A response of boto3, whose members are untyped."""


class Boto:
    """boto3 clients for one emulator, called in threads."""

    def __init__(self, session: boto3.Session, stack: ExitStack) -> None:
        self._session = session
        self._stack = stack

    def client(
        self,
        service: str,
        emulator: Emulator,
        *,
        credentials: Credentials | None = None,
        region: str | None = None,
        retries: Mapping[str, object] = ONCE,
    ) -> Any:
        credentials = credentials or emulator.credentials
        client = self._session.client(
            service,
            endpoint_url=emulator.s3_url if service == "s3" else emulator.url,
            region_name=region or emulator.region,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            config=Config(retries=dict(retries), proxies={}),
        )
        self._stack.callback(client.close)
        return client

    async def invoke(self, emulator: Emulator, **members: object) -> BotoResponse:
        """Call ``invoke_endpoint``, and read the body."""
        client = self.client("sagemaker-runtime", emulator)
        members = {"EndpointName": "echo", "Body": b"", **members}
        return await asyncio.to_thread(invoke, client, **members)

    async def stream(self, emulator: Emulator, **members: object) -> BotoResponse:
        """Call ``invoke_endpoint_with_response_stream``, and read the events."""
        client = self.client("sagemaker-runtime", emulator)
        members = {"EndpointName": "echo", "Body": b"", **members}
        return await asyncio.to_thread(stream, client, **members)

    async def invoke_async(self, emulator: Emulator, **members: object) -> BotoResponse:
        """Call ``invoke_endpoint_async``, and wait for the end of the job."""
        client = self.client("sagemaker-runtime", emulator)
        members = {"EndpointName": "echo", **members}
        output: BotoResponse = await asyncio.to_thread(
            client.invoke_endpoint_async, **members
        )
        await emulator.finish_jobs()
        return output


def invoke(client: Any, **members: object) -> BotoResponse:
    output: BotoResponse = client.invoke_endpoint(**members)
    return {**output, "Body": output["Body"].read()}


def stream(client: Any, **members: object) -> BotoResponse:
    output: BotoResponse = client.invoke_endpoint_with_response_stream(**members)
    with closing(output["Body"]) as body:
        return {**output, "Body": [event["PayloadPart"]["Bytes"] for event in body]}


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session()


@pytest.fixture
def boto(session: boto3.Session) -> Iterator[Boto]:
    with ExitStack() as stack:
        yield Boto(session, stack)


def recording(seen: list[InvocationRequest]) -> Any:
    """Return a model that records its requests, and sets all members it can."""

    async def model(request: InvocationRequest) -> ModelResponse:
        seen.append(request)
        return ModelResponse(
            b"answer", content_type="text/plain", custom_attributes="added"
        )

    return model


async def test_a_response_has_all_its_members(boto: Boto) -> None:
    seen: list[InvocationRequest] = []
    async with Emulator() as emulator:
        emulator.deploy(
            "m",
            inference_components={"part": recording(seen)},
            variants=("blue", "green"),
        )

        output = await boto.invoke(
            emulator,
            EndpointName="m",
            Body=b"data",
            ContentType="text/csv",
            Accept="text/plain",
            CustomAttributes="c=1",
            TargetModel="t.tar.gz",
            TargetVariant="green",
            TargetContainerHostname="host",
            InferenceId="i d",
            EnableExplanations="`true`",
            InferenceComponentName="part",
            SessionId="NEW_SESSION",
            PrefixAwareId="prefix",
        )

    session = seen[0].session
    assert session is not None
    assert [
        InvocationRequest(
            operation="InvokeEndpoint",
            endpoint_name="m",
            body=b"data",
            content_type="text/csv",
            accept="text/plain",
            custom_attributes="c=1",
            target_model="t.tar.gz",
            target_variant="green",
            target_container_hostname="host",
            inference_id="i d",
            enable_explanations="`true`",
            inference_component_name="part",
            prefix_aware_id="prefix",
            production_variant="green",
            session=session,
        )
    ] == seen
    assert b"answer" == output["Body"]
    assert "text/plain" == output["ContentType"]
    assert "green" == output["InvokedProductionVariant"]
    assert "added" == output["CustomAttributes"]
    assert session.announcement == output["NewSessionId"]
    assert 36 == len(output["ResponseMetadata"]["RequestId"])


async def test_a_streamed_response_has_all_its_members(boto: Boto) -> None:
    seen: list[InvocationRequest] = []
    async with Emulator() as emulator:
        emulator.deploy("m", inference_components={"part": recording(seen)})
        opened = await boto.invoke(
            emulator,
            EndpointName="m",
            InferenceComponentName="part",
            SessionId="NEW_SESSION",
        )
        session_id = opened["NewSessionId"].partition(";")[0]

        output = await boto.stream(
            emulator,
            EndpointName="m",
            Body=b"data",
            ContentType="text/csv",
            Accept="text/plain",
            CustomAttributes="c=1",
            TargetVariant="AllTraffic",
            TargetContainerHostname="host",
            InferenceId="id",
            InferenceComponentName="part",
            SessionId=session_id,
            PrefixAwareId="prefix",
        )

    request = seen[1]
    assert seen[0].session is request.session
    assert (b"data", "text/csv") == (request.body, request.content_type)
    assert ("text/plain", "c=1") == (request.accept, request.custom_attributes)
    assert ("host", "id") == (request.target_container_hostname, request.inference_id)
    assert "prefix" == request.prefix_aware_id
    assert [b"answer"] == output["Body"]
    assert "text/plain" == output["ContentType"]
    assert "AllTraffic" == output["InvokedProductionVariant"]
    assert "added" == output["CustomAttributes"]


async def test_an_asynchronous_response_is_read_from_s3(boto: Boto) -> None:
    seen: list[InvocationRequest] = []
    async with Emulator(models={"m": recording(seen)}) as emulator:
        s3 = boto.client("s3", emulator)
        await asyncio.to_thread(
            s3.put_object,
            Bucket="in",
            Key="a folder/ü.csv",
            Body=b"1,2",
            ContentType="text/csv",
        )

        output = await boto.invoke_async(
            emulator,
            EndpointName="m",
            InputLocation="s3://in/a folder/ü.csv",
            Accept="text/plain",
            CustomAttributes="c=1",
            InferenceId="mine",
            S3OutputPathExtension="team/a",
            Filename="answer.txt",
            RequestTTLSeconds=60,
            InvocationTimeoutSeconds=30,
        )
        found = await asyncio.to_thread(get_object, s3, output["OutputLocation"])

    assert (b"1,2", "text/csv") == (seen[0].body, seen[0].content_type)
    assert ("text/plain", "c=1") == (seen[0].accept, seen[0].custom_attributes)
    assert 202 == output["ResponseMetadata"]["HTTPStatusCode"]
    assert "mine" == output["InferenceId"]
    assert "s3://emulator/output/team/a/answer.txt" == output["OutputLocation"]
    assert (b"answer", "text/plain") == (found["Body"], found["ContentType"])


def get_object(s3: Any, location: str) -> BotoResponse:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    output: BotoResponse = s3.get_object(Bucket=bucket, Key=key)
    return {**output, "Body": output["Body"].read()}


async def test_a_failed_asynchronous_request_has_an_error_object(boto: Boto) -> None:
    async with Emulator() as emulator:
        s3 = boto.client("s3", emulator)

        output = await boto.invoke_async(
            emulator, EndpointName="failing", Body=b"data", ContentType="text/csv"
        )
        failure = await asyncio.to_thread(get_object, s3, output["FailureLocation"])
        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(get_object, s3, output["OutputLocation"])

    assert 36 == len(output["InferenceId"])
    assert b"Received server error (500)" in failure["Body"]
    assert "NoSuchKey" == caught.value.response["Error"]["Code"]


async def test_the_object_store_supports_head_requests(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.objects["s3://b/k"] = b"content"
        s3 = boto.client("s3", emulator)

        head = await asyncio.to_thread(s3.head_object, Bucket="b", Key="k")
        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(s3.head_object, Bucket="b", Key="other")

    assert 7 == head["ContentLength"]
    assert "404" == caught.value.response["Error"]["Code"]


@pytest.mark.parametrize("bucket", ["b", "results"])
async def test_the_object_store_has_the_buckets_of_its_objects_and_of_results(
    boto: Boto, bucket: str
) -> None:
    async with Emulator(output_path="s3://results/a") as emulator:
        emulator.objects["s3://b/k"] = b"content"
        s3 = boto.client("s3", emulator)

        head = await asyncio.to_thread(s3.head_bucket, Bucket=bucket)
        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(s3.head_bucket, Bucket=f"{bucket}b")

    assert emulator.region == head["BucketRegion"]
    assert "404" == caught.value.response["Error"]["Code"]


async def test_a_session_is_opened_continued_and_closed(boto: Boto) -> None:
    async def model(request: InvocationRequest) -> bytes:
        if request.session is not None and request.body == b"bye":
            request.session.close()
        return b""

    async with Emulator(models={"m": model}) as emulator:
        opened = await boto.invoke(emulator, EndpointName="m", SessionId="NEW_SESSION")
        id, _, end = opened["NewSessionId"].partition("; Expires=")
        continued = await boto.invoke(emulator, EndpointName="m", SessionId=id)
        closed = await boto.invoke(
            emulator, EndpointName="m", SessionId=id, Body=b"bye"
        )
        with pytest.raises(ClientError, match=f"Session {id} of endpoint m not found"):
            await boto.invoke(emulator, EndpointName="m", SessionId=id)

    assert end.endswith("Z")
    assert "NewSessionId" not in continued
    assert "ClosedSessionId" not in continued
    assert id == closed["ClosedSessionId"]


@pytest.mark.parametrize("write_bytes", [None, 1, 7, 1000])
async def test_a_stream_is_read_in_any_chunking(
    boto: Boto, write_bytes: int | None
) -> None:
    async with Emulator(chunking=Chunking(write_bytes=write_bytes)) as emulator:
        output = await boto.stream(
            emulator, EndpointName="tokens", Body=b"one two three"
        )

    assert [b"one ", b"two ", b"three"] == output["Body"]


async def test_a_slow_response_is_complete(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(SlowDrip(size=3, pause=0.001))

        output = await boto.invoke(emulator, Body=b"drop by drop")

    assert b"drop by drop" == output["Body"]


async def test_a_model_error_has_the_message_of_the_container(boto: Boto) -> None:
    async with Emulator() as emulator:
        with pytest.raises(ClientError) as caught:
            await boto.invoke(emulator, EndpointName="failing")

    response = caught.value.response
    assert "ModelError" == type(caught.value).__name__
    assert "ModelError" == response["Error"]["Code"]
    assert 424 == response["ResponseMetadata"]["HTTPStatusCode"]
    assert 500 == response["OriginalStatusCode"]
    assert "the model failed" == response["OriginalMessage"]
    assert response["LogStreamArn"].startswith("arn:aws:logs:us-east-1:")


@pytest.mark.parametrize(
    ("fault", "name", "status"),
    [
        (internal_dependency(), "InternalDependencyException", 530),
        (internal_failure(), "InternalFailure", 500),
        (service_unavailable(), "ServiceUnavailable", 503),
    ],
)
async def test_a_service_error_has_its_class(
    boto: Boto, fault: Fault, name: str, status: int
) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(fault)

        with pytest.raises(ClientError) as caught:
            await boto.invoke(emulator)

    assert name == type(caught.value).__name__
    assert status == caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


async def test_an_unknown_endpoint_is_a_validation_error(boto: Boto) -> None:
    async with Emulator() as emulator:
        with pytest.raises(ClientError) as caught:
            await boto.invoke(emulator, EndpointName="nowhere")

    assert "ValidationError" == type(caught.value).__name__
    expected = "Endpoint nowhere of account 000000000000 not found."
    assert expected == caught.value.response["Error"]["Message"]


async def test_a_cold_model_is_not_ready(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.deploy("m", recording([]), cold_start=1)

        with pytest.raises(ClientError) as caught:
            await boto.invoke(emulator, EndpointName="m", TargetModel="a.tar.gz")
        output = await boto.invoke(emulator, EndpointName="m", TargetModel="a.tar.gz")

    assert "ModelNotReadyException" == type(caught.value).__name__
    assert 429 == caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert b"answer" == output["Body"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (throttle(), "ThrottlingException"),
        (null_message(), "400"),
        (redirect("http://127.0.0.1:9/"), "307"),
        (html_error(), "502"),
    ],
)
async def test_other_errors_have_a_code(boto: Boto, fault: Fault, code: str) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(fault)

        with pytest.raises(ClientError) as caught:
            await boto.invoke(emulator)

    assert code == caught.value.response["Error"]["Code"]
    assert 1 == len(emulator.requests)


async def test_the_emulator_records_the_attempt_numbers(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(service_unavailable(), service_unavailable())
        client = boto.client("sagemaker-runtime", emulator, retries=THRICE)

        output = await asyncio.to_thread(
            invoke, client, EndpointName="echo", Body=b"data"
        )

    assert b"data" == output["Body"]
    assert [1, 2, 3] == [request.attempt for request in emulator.requests]


@pytest.mark.parametrize("fault", [RESET, HANG_UP])
async def test_a_connection_may_end_without_a_response(
    boto: Boto, fault: Fault
) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(fault)

        with pytest.raises(ConnectionClosedError):
            await boto.invoke(emulator)


async def test_a_truncated_body_raises_an_error(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(CutBody(after=2))

        with pytest.raises(ResponseStreamingError):
            await boto.invoke(emulator, Body=b"whole")


@pytest.mark.parametrize("in_prelude", [True, False])
async def test_a_wrong_checksum_raises_an_error(
    boto: Boto, *, in_prelude: bool
) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(CorruptChecksum(in_prelude=in_prelude))

        with pytest.raises(ChecksumMismatch):
            await boto.stream(emulator, Body=b"whole")


async def test_a_model_failure_in_a_stream_is_an_exception_event(
    boto: Boto,
) -> None:
    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"first"
        raise ModelFailure(500, "why")

    async with Emulator(models={"m": model}) as emulator:
        with pytest.raises(EventStreamError) as caught:
            await boto.stream(emulator, EndpointName="m")

    # botocore drops all other members of the exception
    expected = {"Code": "ModelStreamError", "Message": "why"}
    assert expected == caught.value.response["Error"]


async def test_a_service_failure_in_a_stream_is_an_exception_event(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(FailStream())

        with pytest.raises(EventStreamError) as caught:
            await boto.stream(emulator, EndpointName="tokens", Body=b"one two")

    assert "InternalStreamFailure" == caught.value.response["Error"]["Code"]


KEYS: Final = Credentials("AKIAKEY", "secret")
WITH_TOKEN: Final = Credentials("AKIAKEY", "secret", "token")


@pytest.mark.parametrize(
    ("used", "accepted", "code"),
    [
        (Credentials("AKIAKEY", "wrong"), KEYS, "InvalidSignatureException"),
        (Credentials("AKIAOTHER", "secret"), KEYS, "UnrecognizedClientException"),
        (KEYS, WITH_TOKEN, "UnrecognizedClientException"),
        (WITH_TOKEN, KEYS, "UnrecognizedClientException"),
    ],
    ids=["secret", "key", "no token", "token"],
)
async def test_other_credentials_are_rejected(
    boto: Boto, used: Credentials, accepted: Credentials, code: str
) -> None:
    async with Emulator(credentials=accepted) as emulator:
        client = boto.client("sagemaker-runtime", emulator, credentials=used)

        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(invoke, client, EndpointName="echo", Body=b"")

    assert code == caught.value.response["Error"]["Code"]
    assert 403 == caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


async def test_credentials_with_a_token_are_accepted(boto: Boto) -> None:
    async with Emulator(credentials=WITH_TOKEN) as emulator:
        output = await boto.invoke(emulator, Body=b"data")

    assert b"data" == output["Body"]


async def test_a_signature_for_another_region_is_rejected(boto: Boto) -> None:
    async with Emulator(region="eu-central-1") as emulator:
        client = boto.client("sagemaker-runtime", emulator, region="eu-west-1")

        with pytest.raises(ClientError, match="scoped to a valid region"):
            await asyncio.to_thread(invoke, client, EndpointName="echo", Body=b"")


async def test_the_object_store_rejects_other_credentials(boto: Boto) -> None:
    async with Emulator() as emulator:
        used = Credentials(emulator.credentials.access_key_id, "wrong")
        s3 = boto.client("s3", emulator, credentials=used)

        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(get_object, s3, "s3://b/k")

    assert "SignatureDoesNotMatch" == caught.value.response["Error"]["Code"]


async def test_a_json_model_returns_json(boto: Boto) -> None:
    async with Emulator() as emulator:
        output = await boto.invoke(emulator, EndpointName="json", Body=b"[1, 2]")

    assert {"received": [1, 2]} == json.loads(output["Body"])


async def test_a_large_body_is_echoed(boto: Boto) -> None:
    body = bytes(25 << 20)

    async with Emulator() as emulator:
        output = await boto.invoke(emulator, Body=body)

    assert body == output["Body"]


def test_the_errors_with_a_capital_message_are_those_of_the_model() -> None:
    loaded = botocore.loaders.Loader().load_service_model(
        "sagemaker-runtime", "service-2"
    )
    errors = {
        name: sorted(shape["members"])
        for name, shape in loaded["shapes"].items()
        if shape.get("exception") and "error" in shape
    }

    assert errors.keys() == _MODELLED
    assert all("Message" in members for members in errors.values())
    assert errors["ModelError"] == [
        "LogStreamArn",
        "Message",
        "OriginalMessage",
        "OriginalStatusCode",
    ]


async def test_presigned_urls_of_objects_are_accepted_until_they_expire() -> None:
    # boto3 signs with the time of the machine
    clock = ManualClock(time.time())
    async with Emulator(clock=clock) as emulator, aiohttp.ClientSession() as session:
        keys = emulator.credentials
        s3 = boto3.client(
            "s3",
            endpoint_url=emulator.s3_url,
            region_name=emulator.region,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
        )
        with closing(s3):
            put, get = (
                URL(
                    s3.generate_presigned_url(
                        name, Params={"Bucket": "b", "Key": "k"}, ExpiresIn=60
                    ),
                    encoded=True,
                )
                for name in ("put_object", "get_object")
            )

        async with session.put(put, data=b"data") as stored:
            assert 200 == stored.status
        async with session.get(get) as found:
            assert b"data" == await found.read()
        async with session.get(
            URL(str(get).replace("/k?", "/l?"), encoded=True)
        ) as other:
            assert 403 == other.status
        clock.advance(120)
        async with session.get(get) as late:
            assert 403 == late.status
