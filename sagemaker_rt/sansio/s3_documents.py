"""XML documents of S3: pages of lists of objects, and uploads in several parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import quote, unquote_plus
from xml.etree import ElementTree as ET

from sagemaker_rt.errors import DeserializationError

__all__ = [
    "ListedObject",
    "ListedPage",
    "StoredPart",
    "completion",
    "listed_page",
    "listing_query",
    "upload_id",
]

_CHECKSUM: Final = "ChecksumSHA256"


class ListedObject(NamedTuple):
    """An object in a list."""

    key: str
    size: int


class ListedPage(NamedTuple):
    """Up to 1000 objects."""

    objects: list[ListedObject]
    next_token: str | None
    """The token of the next page; None for the last page."""


class StoredPart(NamedTuple):
    """A part of an upload that S3 has stored."""

    number: int
    etag: str
    checksum: str | None
    """The SHA-256 that S3 has computed, in Base64; None if it was not sent."""


def listing_query(prefix: str, token: str | None, page_size: int) -> str:
    """Return the query of a request for a page of the objects below *prefix*.

    Args:
        token: The token of the page before; None for the first page.
        page_size: The number of objects of a page, at most 1000.
    """
    # XML cannot represent all characters of keys, so that they are percent-encoded
    query = f"encoding-type=url&list-type=2&max-keys={page_size}"
    query += f"&prefix={quote(prefix, safe='')}"
    return (
        query
        if token is None
        else f"continuation-token={quote(token, safe='')}&{query}"
    )


def listed_page(document: bytes) -> ListedPage:
    """Return the page in a response of ListObjectsV2.

    Raises:
        DeserializationError: *document* is not such a response.
    """
    root = _parse(document)
    is_encoded = _text(root, "EncodingType", "") == "url"
    try:
        objects = [
            ListedObject(
                _decoded(_text(one, "Key"), is_encoded=is_encoded),
                int(_text(one, "Size")),
            )
            for one in root.iterfind("{*}Contents")
        ]
    except ValueError as error:
        problem = f"an object is invalid: {error}"
        raise _invalid(problem) from error
    is_last = _text(root, "IsTruncated", "false") != "true"
    # a missing token would end the list too early
    token = None if is_last else _text(root, "NextContinuationToken")
    return ListedPage(objects, token)


def upload_id(document: bytes) -> str:
    """Return the ID in a response of CreateMultipartUpload.

    Raises:
        DeserializationError: *document* is not such a response.
    """
    return _text(_parse(document), "UploadId")


def completion(parts: Iterable[StoredPart]) -> bytes:
    """Return the body of a request of CompleteMultipartUpload."""
    root = ET.Element("CompleteMultipartUpload")
    root.set("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/")
    for part in parts:
        element = ET.SubElement(root, "Part")
        ET.SubElement(element, "ETag").text = part.etag
        if part.checksum is not None:
            ET.SubElement(element, _CHECKSUM).text = part.checksum
        ET.SubElement(element, "PartNumber").text = str(part.number)
    document: bytes = ET.tostring(root)
    return document


def _parse(document: bytes) -> ET.Element:
    try:
        # decoded first: the parser would honour another encoding, and with it a DTD
        # that the check does not see
        text = document.decode()
        if "<!" not in text.replace("<![CDATA[", ""):
            return ET.fromstring(text)  # noqa: S314 - without a DTD
    except (ET.ParseError, ValueError):
        pass
    problem = "expected XML in UTF-8 without a DTD"
    raise _invalid(problem)


def _text(element: ET.Element, name: str, default: str | None = None) -> str:
    found = element.findtext(f"{{*}}{name}") or default
    if found is None:
        problem = f"it has no {name}"
        raise _invalid(problem)
    return found


def _decoded(key: str, *, is_encoded: bool) -> str:
    return unquote_plus(key, errors="strict") if is_encoded else key


def _invalid(problem: str) -> DeserializationError:
    return DeserializationError(f"the response of S3 cannot be read: {problem}")
