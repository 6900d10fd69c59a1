"""Lists the objects in a bucket."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from sagemaker_rt.inference.s3_client import S3Client
from sagemaker_rt.sansio.s3_addresses import S3Location
from sagemaker_rt.sansio.s3_documents import ListedObject, listed_page, listing_query

__all__ = ["list_objects"]


async def list_objects(
    s3: S3Client, prefix: S3Location, *, page_size: int = 1000
) -> AsyncGenerator[list[ListedObject]]:
    """Yield the objects whose keys start with that of *prefix*, *page_size* at a time.

    They are in the order of the UTF-8 bytes of their keys.

    Raises:
        S3Error: S3 responded with an error.
        TransportError: There was no response.
        DeserializationError: The response cannot be read.
    """
    bucket = S3Location(prefix.bucket, "", prefix.region)
    token: str | None = None
    while True:
        query = listing_query(prefix.key, token, page_size)
        document = await s3.send("ListObjectsV2", bucket, query=query, is_document=True)
        objects, token = listed_page(document)
        yield objects
        if token is None:
            return
