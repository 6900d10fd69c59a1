"""The client of S3 against the server of moto, which verifies signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import boto3
import pytest

from sagemaker_rt import Client, Credentials, FileBody, S3Error
from sagemaker_rt.inference.s3_client import S3Client
from sagemaker_rt.sansio.s3_addresses import S3Location
from tests.conformance.moto_server import REGION, Moto, running_moto

KEYS = ["a/b.txt", "a b+c&d=é?#%41", "a//b/./c", "!'()*~-._"]


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    with running_moto() as server:
        s3 = boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=server.url,
            aws_access_key_id=server.credentials.access_key_id,
            aws_secret_access_key=server.credentials.secret_access_key,
        )
        s3.create_bucket(Bucket="jobs")
        s3.close()
        yield server


def client(moto: Moto, credentials: Credentials | None = None) -> Client:
    return Client(
        region=REGION,
        credentials=credentials or moto.credentials,
        environ={"AWS_ENDPOINT_URL_S3": moto.url},
    )


@pytest.fixture
async def s3(moto: Moto) -> AsyncIterator[S3Client]:
    async with client(moto) as caller:
        yield await S3Client.of(caller)


@pytest.mark.parametrize("key", KEYS)
async def test_an_object_is_stored_and_received(s3: S3Client, key: str) -> None:
    location = S3Location("jobs", key)

    stored = await s3.put(location, b"content", content_type="text/csv")
    received = await s3.get(location)

    assert b"content" == await received.read(100)
    assert ("text/csv", stored.etag) == (received.content_type, received.etag)


async def test_an_object_has_a_head(s3: S3Client) -> None:
    location = S3Location("jobs", "head")
    await s3.put(location, bytes(300_000))

    assert 300_000 == (await s3.head(location)).size


async def test_a_file_is_stored(
    s3: S3Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("files") / "input"
    path.write_bytes(bytes(300_000))
    location = S3Location("jobs", "file")

    with path.open("rb") as file:
        await s3.put(location, FileBody(file))

    assert bytes(300_000) == await (await s3.get(location)).read(300_000)


async def test_a_missing_object_is_an_expected_error(s3: S3Client) -> None:
    result = await s3.find(S3Location("jobs", "none"))

    assert isinstance(result, S3Error)
    assert ("NoSuchKey", 404) == (result.code, result.http_status)


async def test_a_missing_bucket_is_an_error(s3: S3Client) -> None:
    with pytest.raises(S3Error) as raised:
        await s3.find(S3Location("no-such-bucket", "none"))

    assert ("NoSuchBucket", 404) == (raised.value.code, raised.value.http_status)


@pytest.mark.parametrize(
    ("access_key_id", "code"),
    [(None, "SignatureDoesNotMatch"), ("AKIAUNKNOWN", "InvalidAccessKeyId")],
)
async def test_wrong_keys_are_refused(
    moto: Moto, access_key_id: str | None, code: str
) -> None:
    wrong = Credentials(access_key_id or moto.credentials.access_key_id, "wrong")

    async with client(moto, wrong) as caller:
        s3 = await S3Client.of(caller)
        with pytest.raises(S3Error) as raised:
            await s3.find(S3Location("jobs", "a/b.txt"))

    assert (code, 403) == (raised.value.code, raised.value.http_status)
