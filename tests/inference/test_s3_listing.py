"""Lists of objects, with scripted responses; moto's are in tests/conformance."""

from __future__ import annotations

import pytest

from sagemaker_rt.errors import DeserializationError, S3Error
from sagemaker_rt.inference.s3_listing import list_objects
from sagemaker_rt.sansio.s3_addresses import S3Location
from sagemaker_rt.sansio.s3_documents import ListedObject
from tests.doubles import ManualClock, ScriptedHTTPClient, response
from tests.inference.s3_answers import failure, s3_client, scope_of

PREFIX = S3Location("bucket", "in put/")


def page(key: str, more: str = "") -> bytes:
    contents = f"<Contents><Key>{key}</Key><Size>3</Size></Contents>"
    return f"<ListBucketResult>{more}{contents}</ListBucketResult>".encode()


MORE = (
    "<IsTruncated>true</IsTruncated><NextContinuationToken>a+/</NextContinuationToken>"
)


async def test_all_pages_are_listed_and_a_failed_one_is_repeated() -> None:
    http_client = ScriptedHTTPClient(
        response(200, {}, page("in put/a", MORE)),
        failure(503, "SlowDown"),
        response(200, {}, page("in put/b")),
    )
    s3 = await s3_client(http_client, ManualClock())

    pages = [found async for found in list_objects(s3, PREFIX, page_size=1)]

    assert [[ListedObject("in put/a", 3)], [ListedObject("in put/b", 3)]] == pages
    bucket = "https://bucket.s3.eu-west-1.amazonaws.com/"
    query = "encoding-type=url&list-type=2&max-keys=1&prefix=in%20put%2F"
    token = "continuation-token=a%2B%2F&"
    urls = [one.url for one in http_client.requests]
    assert [f"{bucket}?{q}" for q in (query, token + query, token + query)] == urls
    assert ("eu-west-1", "s3") == scope_of(http_client.requests[0])


async def test_a_denied_list_is_an_error() -> None:
    s3 = await s3_client(ScriptedHTTPClient(failure(403, "AccessDenied")))

    with pytest.raises(S3Error) as raised:
        await anext(list_objects(s3, PREFIX))

    assert ("AccessDenied", "ListObjectsV2") == (
        raised.value.code,
        raised.value.operation,
    )


async def test_a_list_that_cannot_be_read_is_an_error() -> None:
    s3 = await s3_client(ScriptedHTTPClient(response(200, {}, b"<html>")))

    with pytest.raises(DeserializationError):
        await anext(list_objects(s3, PREFIX))
