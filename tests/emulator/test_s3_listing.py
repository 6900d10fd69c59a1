from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sagemaker_rt.emulator import Emulator
from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.emulator.s3_listing import listing
from tests.doubles import ManualClock

KEYS = ["a+b c", "a/b", "b<&>", "é", "😀\x01"]


def store() -> ObjectStore:
    objects = ObjectStore(ManualClock(0))
    for uri in ["s3://other/a", "s3://b/z", *[f"s3://b/in/{key}" for key in KEYS]]:
        objects[uri] = b"xx"
    return objects


@pytest.mark.parametrize(
    "query",
    ["", "list-type=1", "list-type=2&delimiter=%2F", "list-type=2&max-keys=x"],
)
def test_other_operations_are_not_answered(query: str) -> None:
    assert listing("b", query, store()) is None


def test_a_page_is_xml_as_that_of_s3() -> None:
    document = listing("b", "list-type=2&max-keys=1&prefix=in/b", store())

    assert (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        b"<Name>b</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>"
        b"<Contents><Key>in/b&lt;&amp;&gt;</Key>"
        b"<LastModified>1970-01-01T00:00:00.000Z</LastModified>"
        b'<ETag>"9336ebf25087d91c818ee6e9ec29f8c1"</ETag><Size>2</Size>'
        b"<StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"
    ) == document


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        emulator.objects.update(store())
        yield emulator


def listed(emulator: Emulator, **members: Any) -> list[str]:
    """Return the keys that boto3 finds, two at a time."""
    s3: Any = boto3.client(
        "s3",
        region_name=emulator.region,
        endpoint_url=emulator.s3_url,
        aws_access_key_id=emulator.credentials.access_key_id,
        aws_secret_access_key=emulator.credentials.secret_access_key,
    )
    with closing(s3):
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket="b", PaginationConfig={"PageSize": 2}, **members
        )
        return [one["Key"] for page in pages for one in page.get("Contents", [])]


async def test_boto3_lists_all_pages(emulator: Emulator) -> None:
    found = await asyncio.to_thread(listed, emulator, Prefix="in/")
    rest = await asyncio.to_thread(listed, emulator, StartAfter="in/a/b", Prefix="in/")

    assert [f"in/{key}" for key in KEYS] == found
    assert found[2:] == rest


async def test_boto3_learns_what_is_not_supported(emulator: Emulator) -> None:
    with pytest.raises(ClientError, match="NotImplemented"):
        await asyncio.to_thread(listed, emulator, Delimiter="/")
