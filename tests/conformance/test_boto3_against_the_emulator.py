"""boto3, which knows nothing of us, against the emulator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, closing
from typing import Any, Final

import boto3
import pytest
from botocore.config import Config
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EventStreamError,
    ResponseStreamingError,
)

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
from sagemaker_rt.identity import Credentials

ONCE: Final = {"total_max_attempts": 1}
THRICE: Final = {"total_max_attempts": 3, "mode": "standard"}

Answer = dict[str, Any]
"""What boto3 returns, whose members have no types."""


class Boto:
    """boto3's clients of one emulator, called in threads."""

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

    async def ask(self, emulator: Emulator, **members: object) -> Answer:
        """Call ``invoke_endpoint`` once, and read the body."""
        client = self.client("sagemaker-runtime", emulator)
        members = {"EndpointName": "echo", "Body": b"", **members}
        return await asyncio.to_thread(invoked, client, **members)

    async def stream(self, emulator: Emulator, **members: object) -> Answer:
        """Call ``invoke_endpoint_with_response_stream``, and read the events."""
        client = self.client("sagemaker-runtime", emulator)
        members = {"EndpointName": "echo", "Body": b"", **members}
        return await asyncio.to_thread(streamed, client, **members)

    async def queue(self, emulator: Emulator, **members: object) -> Answer:
        """Call ``invoke_endpoint_async``, and wait for the job to end."""
        client = self.client("sagemaker-runtime", emulator)
        members = {"EndpointName": "echo", **members}
        answer: Answer = await asyncio.to_thread(
            client.invoke_endpoint_async, **members
        )
        await emulator.finish_jobs()
        return answer


def invoked(client: Any, **members: object) -> Answer:
    answer: Answer = client.invoke_endpoint(**members)
    return {**answer, "Body": answer["Body"].read()}


def streamed(client: Any, **members: object) -> Answer:
    answer: Answer = client.invoke_endpoint_with_response_stream(**members)
    with closing(answer["Body"]) as body:
        return {**answer, "Body": [event["PayloadPart"]["Bytes"] for event in body]}


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session()


@pytest.fixture
def boto(session: boto3.Session) -> Iterator[Boto]:
    with ExitStack() as stack:
        yield Boto(session, stack)


def seeing(seen: list[InvocationRequest]) -> Any:
    """Return a model that keeps what it is asked, and says what can be said."""

    async def model(request: InvocationRequest) -> ModelResponse:
        seen.append(request)
        return ModelResponse(
            b"answer", content_type="text/plain", custom_attributes="added"
        )

    return model


async def test_a_whole_answer_has_all_its_members(boto: Boto) -> None:
    seen: list[InvocationRequest] = []
    async with Emulator() as emulator:
        emulator.deploy(
            "m",
            inference_components={"part": seeing(seen)},
            variants=("blue", "green"),
        )

        answer = await boto.ask(
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
    assert b"answer" == answer["Body"]
    assert "text/plain" == answer["ContentType"]
    assert "green" == answer["InvokedProductionVariant"]
    assert "added" == answer["CustomAttributes"]
    assert session.announcement == answer["NewSessionId"]
    assert 36 == len(answer["ResponseMetadata"]["RequestId"])


async def test_a_streamed_answer_has_all_its_members(boto: Boto) -> None:
    seen: list[InvocationRequest] = []
    async with Emulator() as emulator:
        emulator.deploy("m", inference_components={"part": seeing(seen)})
        opened = await boto.ask(
            emulator,
            EndpointName="m",
            InferenceComponentName="part",
            SessionId="NEW_SESSION",
        )
        session_id = opened["NewSessionId"].partition(";")[0]

        answer = await boto.stream(
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

    asked = seen[1]
    assert seen[0].session is asked.session
    assert (b"data", "text/csv") == (asked.body, asked.content_type)
    assert ("text/plain", "c=1") == (asked.accept, asked.custom_attributes)
    assert ("host", "id") == (asked.target_container_hostname, asked.inference_id)
    assert "prefix" == asked.prefix_aware_id
    assert [b"answer"] == answer["Body"]
    assert "text/plain" == answer["ContentType"]
    assert "AllTraffic" == answer["InvokedProductionVariant"]
    assert "added" == answer["CustomAttributes"]


async def test_a_queued_answer_is_found_by_a_client_of_s3(boto: Boto) -> None:
    seen: list[InvocationRequest] = []
    async with Emulator(models={"m": seeing(seen)}) as emulator:
        s3 = boto.client("s3", emulator)
        await asyncio.to_thread(
            s3.put_object,
            Bucket="in",
            Key="a folder/ü.csv",
            Body=b"1,2",
            ContentType="text/csv",
        )

        answer = await boto.queue(
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
        found = await asyncio.to_thread(got, s3, answer["OutputLocation"])

    assert (b"1,2", "text/csv") == (seen[0].body, seen[0].content_type)
    assert ("text/plain", "c=1") == (seen[0].accept, seen[0].custom_attributes)
    assert 202 == answer["ResponseMetadata"]["HTTPStatusCode"]
    assert "mine" == answer["InferenceId"]
    assert "s3://emulator/output/team/a/answer.txt" == answer["OutputLocation"]
    assert (b"answer", "text/plain") == (found["Body"], found["ContentType"])


def got(s3: Any, location: str) -> Answer:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    answer: Answer = s3.get_object(Bucket=bucket, Key=key)
    return {**answer, "Body": answer["Body"].read()}


async def test_an_inline_request_that_fails_leaves_its_error(boto: Boto) -> None:
    async with Emulator() as emulator:
        s3 = boto.client("s3", emulator)

        answer = await boto.queue(
            emulator, EndpointName="failing", Body=b"data", ContentType="text/csv"
        )
        failure = await asyncio.to_thread(got, s3, answer["FailureLocation"])
        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(got, s3, answer["OutputLocation"])

    assert 36 == len(answer["InferenceId"])
    assert b"Received server error (500)" in failure["Body"]
    assert "NoSuchKey" == caught.value.response["Error"]["Code"]


async def test_the_object_store_knows_heads(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.objects["s3://b/k"] = b"content"
        s3 = boto.client("s3", emulator)

        head = await asyncio.to_thread(s3.head_object, Bucket="b", Key="k")
        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(s3.head_object, Bucket="b", Key="other")

    assert 7 == head["ContentLength"]
    assert "404" == caught.value.response["Error"]["Code"]


async def test_a_session_is_opened_joined_and_closed(boto: Boto) -> None:
    async def model(request: InvocationRequest) -> bytes:
        if request.session is not None and request.body == b"bye":
            request.session.close()
        return b""

    async with Emulator(models={"m": model}) as emulator:
        opened = await boto.ask(emulator, EndpointName="m", SessionId="NEW_SESSION")
        id, _, end = opened["NewSessionId"].partition("; Expires=")
        joined = await boto.ask(emulator, EndpointName="m", SessionId=id)
        closed = await boto.ask(emulator, EndpointName="m", SessionId=id, Body=b"bye")
        with pytest.raises(ClientError, match=f"Session {id} of endpoint m not found"):
            await boto.ask(emulator, EndpointName="m", SessionId=id)

    assert end.endswith("Z")
    assert "NewSessionId" not in joined
    assert "ClosedSessionId" not in joined
    assert id == closed["ClosedSessionId"]


@pytest.mark.parametrize("write_bytes", [None, 1, 7, 1000])
async def test_a_stream_is_read_however_it_is_written(
    boto: Boto, write_bytes: int | None
) -> None:
    async with Emulator(chunking=Chunking(write_bytes=write_bytes)) as emulator:
        answer = await boto.stream(
            emulator, EndpointName="tokens", Body=b"one two three"
        )

    assert [b"one ", b"two ", b"three"] == answer["Body"]


async def test_a_dripping_answer_arrives_whole(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(SlowDrip(size=3, pause=0.001))

        answer = await boto.ask(emulator, Body=b"drop by drop")

    assert b"drop by drop" == answer["Body"]


async def test_a_model_error_tells_what_the_container_said(boto: Boto) -> None:
    async with Emulator() as emulator:
        with pytest.raises(ClientError) as caught:
            await boto.ask(emulator, EndpointName="failing")

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
async def test_a_failure_of_the_service_has_its_class(
    boto: Boto, fault: Fault, name: str, status: int
) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(fault)

        with pytest.raises(ClientError) as caught:
            await boto.ask(emulator)

    assert name == type(caught.value).__name__
    assert status == caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


async def test_an_unknown_endpoint_is_a_validation_error(boto: Boto) -> None:
    async with Emulator() as emulator:
        with pytest.raises(ClientError) as caught:
            await boto.ask(emulator, EndpointName="nowhere")

    assert "ValidationError" == type(caught.value).__name__
    expected = "Endpoint nowhere of account 000000000000 not found."
    assert expected == caught.value.response["Error"]["Message"]


async def test_a_cold_model_is_not_ready(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.deploy("m", seeing([]), cold_start=1)

        with pytest.raises(ClientError) as caught:
            await boto.ask(emulator, EndpointName="m", TargetModel="a.tar.gz")
        answer = await boto.ask(emulator, EndpointName="m", TargetModel="a.tar.gz")

    assert "ModelNotReadyException" == type(caught.value).__name__
    assert 429 == caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert b"answer" == answer["Body"]


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
            await boto.ask(emulator)

    assert code == caught.value.response["Error"]["Code"]
    assert 1 == len(emulator.requests)


async def test_attempts_are_counted_as_the_client_counts_them(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(service_unavailable(), service_unavailable())
        client = boto.client("sagemaker-runtime", emulator, retries=THRICE)

        answer = await asyncio.to_thread(
            invoked, client, EndpointName="echo", Body=b"data"
        )

    assert b"data" == answer["Body"]
    assert [1, 2, 3] == [request.attempt for request in emulator.requests]


@pytest.mark.parametrize("fault", [RESET, HANG_UP])
async def test_a_connection_can_end_without_an_answer(boto: Boto, fault: Fault) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(fault)

        with pytest.raises(ConnectionClosedError):
            await boto.ask(emulator)


async def test_a_cut_body_is_noticed(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(CutBody(after=2))

        with pytest.raises(ResponseStreamingError):
            await boto.ask(emulator, Body=b"whole")


@pytest.mark.parametrize("in_prelude", [True, False])
async def test_a_wrong_checksum_is_noticed(boto: Boto, *, in_prelude: bool) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(CorruptChecksum(in_prelude=in_prelude))

        with pytest.raises(ChecksumMismatch):
            await boto.stream(emulator, Body=b"whole")


async def test_a_model_that_fails_in_its_stream_is_an_exception_in_it(
    boto: Boto,
) -> None:
    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"first"
        raise ModelFailure(500, "why")

    async with Emulator(models={"m": model}) as emulator:
        with pytest.raises(EventStreamError) as caught:
            await boto.stream(emulator, EndpointName="m")

    # botocore keeps no other member of the exception
    expected = {"Code": "ModelStreamError", "Message": "why"}
    assert expected == caught.value.response["Error"]


async def test_a_service_that_fails_in_a_stream_is_one_too(boto: Boto) -> None:
    async with Emulator() as emulator:
        emulator.fail_next(FailStream())

        with pytest.raises(EventStreamError) as caught:
            await boto.stream(emulator, EndpointName="tokens", Body=b"one two")

    assert "InternalStreamFailure" == caught.value.response["Error"]["Code"]


KEYS: Final = Credentials("AKIAKEY", "secret")
TOKENED: Final = Credentials("AKIAKEY", "secret", "token")


@pytest.mark.parametrize(
    ("held", "known", "code"),
    [
        (Credentials("AKIAKEY", "wrong"), KEYS, "InvalidSignatureException"),
        (Credentials("AKIAOTHER", "secret"), KEYS, "UnrecognizedClientException"),
        (KEYS, TOKENED, "UnrecognizedClientException"),
        (TOKENED, KEYS, "UnrecognizedClientException"),
    ],
    ids=["secret", "key", "no token", "token"],
)
async def test_only_the_right_credentials_are_served(
    boto: Boto, held: Credentials, known: Credentials, code: str
) -> None:
    async with Emulator(credentials=known) as emulator:
        client = boto.client("sagemaker-runtime", emulator, credentials=held)

        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(invoked, client, EndpointName="echo", Body=b"")

    assert code == caught.value.response["Error"]["Code"]
    assert 403 == caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


async def test_credentials_with_a_token_are_served(boto: Boto) -> None:
    async with Emulator(credentials=TOKENED) as emulator:
        answer = await boto.ask(emulator, Body=b"data")

    assert b"data" == answer["Body"]


async def test_a_signature_for_another_region_is_refused(boto: Boto) -> None:
    async with Emulator(region="eu-central-1") as emulator:
        client = boto.client("sagemaker-runtime", emulator, region="eu-west-1")

        with pytest.raises(ClientError, match="scoped to a valid region"):
            await asyncio.to_thread(invoked, client, EndpointName="echo", Body=b"")


async def test_the_object_store_serves_only_the_right_credentials(boto: Boto) -> None:
    async with Emulator() as emulator:
        held = Credentials(emulator.credentials.access_key_id, "wrong")
        s3 = boto.client("s3", emulator, credentials=held)

        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(got, s3, "s3://b/k")

    assert "SignatureDoesNotMatch" == caught.value.response["Error"]["Code"]


async def test_a_json_model_answers_json(boto: Boto) -> None:
    async with Emulator() as emulator:
        answer = await boto.ask(emulator, EndpointName="json", Body=b"[1, 2]")

    assert {"received": [1, 2]} == json.loads(answer["Body"])


async def test_a_large_body_comes_and_goes(boto: Boto) -> None:
    body = bytes(25 << 20)

    async with Emulator() as emulator:
        answer = await boto.ask(emulator, Body=body)

    assert body == answer["Body"]
