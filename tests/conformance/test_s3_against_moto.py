"""The client of S3 against the server of moto, which verifies signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest

from sagemaker_rt import Client, Credentials, FileBody, S3Error
from sagemaker_rt.inference.s3_client import S3Client
from sagemaker_rt.inference.s3_listing import list_objects
from sagemaker_rt.inference.s3_uploads import store_file
from sagemaker_rt.sansio.s3_addresses import S3Location
from tests.conformance.moto_server import REGION, Moto, running_moto

KEYS = ["a/b.txt", "a b+c&d=é?#%41", "a//b/./c", "!'()*~-._"]


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    with running_moto() as server:
        with closing(boto_of(server)) as s3:
            s3.create_bucket(Bucket="jobs")
        yield server


def boto_of(moto: Moto) -> Any:
    return boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=moto.url,
        aws_access_key_id=moto.credentials.access_key_id,
        aws_secret_access_key=moto.credentials.secret_access_key,
    )


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


async def test_objects_with_odd_keys_are_listed_in_pages(s3: S3Client) -> None:
    keys = [f"in put/{key}" for key in [*KEYS, "", "<&>", "a+b%2B", "x\x01y", "日本😀"]]
    for key in keys:
        await s3.put(S3Location("jobs", key), key.encode())
    await s3.put(S3Location("jobs", "in put"), b"not below the prefix")

    prefix = S3Location("jobs", "in put/")
    pages = [page async for page in list_objects(s3, prefix, page_size=4)]

    assert [4, 4, 1] == [len(page) for page in pages]
    sizes = {one.key: one.size for page in pages for one in page}
    assert {key: len(key.encode()) for key in keys} == sizes


async def test_a_large_file_is_stored_in_parts(
    moto: Moto, s3: S3Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("files") / "output"
    part = 5 << 20  # S3 takes no smaller ones
    content = b"".join(bytes([n]) * part for n in range(4)) + b"end"
    path.write_bytes(content)
    location = S3Location("jobs", KEYS[1])

    await store_file(s3, location, path, content_type="text/csv", part_bytes=part)
    with pytest.raises(S3Error) as raised:
        await store_file(s3, location, path, part_bytes=part - 1)

    assert "EntityTooSmall" == raised.value.code
    stored = await s3.get(location)
    assert content == await stored.read(len(content))
    assert "text/csv" == stored.content_type
    assert not uploads_in(moto)


def uploads_in(moto: Moto) -> object:
    with closing(boto_of(moto)) as s3:
        return s3.list_multipart_uploads(Bucket="jobs").get("Uploads")


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
