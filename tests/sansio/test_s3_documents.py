from __future__ import annotations

from urllib.parse import parse_qs, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.sansio.s3_documents import (
    ListedObject,
    ListedPage,
    StoredPart,
    completion,
    listed_page,
    listing_query,
    upload_id,
)

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def page(*keys: str, more: str = "", encoding: str = "") -> bytes:
    contents = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-11-28T00:00:00.000Z"
        f"</LastModified><ETag>&quot;e&quot;</ETag><Size>{size}</Size></Contents>"
        for size, key in enumerate(keys)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult {NAMESPACE}>'
        f"<Name>bucket</Name>{encoding}{more}{contents}</ListBucketResult>"
    ).encode()


TOKEN = (
    "<IsTruncated>false</IsTruncated>"
    "<NextContinuationToken>a+/=</NextContinuationToken>"
)
ENCODED = "<EncodingType>url</EncodingType>"
KEYS = ["a b", "a+b", "a%20b", "é/日本/😀", "<&>\"'", "a//b/../c", "\x01\n"]


def test_keys_are_decoded_once() -> None:
    found = listed_page(page(*map(quote_plus, KEYS), encoding=ENCODED))

    objects = [ListedObject(key, size) for size, key in enumerate(KEYS)]
    assert ListedPage(objects, None) == found


def test_keys_without_an_encoding_are_as_in_the_xml() -> None:
    keys = ["a+b%20c", "<&>", "é"]

    found = listed_page(page(*map(escape, keys)))

    assert keys == [one.key for one in found.objects]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
def test_all_keys_are_decoded(keys: list[str]) -> None:
    found = listed_page(page(*map(quote_plus, keys), encoding=ENCODED))

    assert keys == [one.key for one in found.objects]


def test_a_page_has_the_token_of_the_next_one() -> None:
    more = TOKEN.replace("false", "true")

    assert "a+/=" == listed_page(page("a", more=more)).next_token


def test_the_last_page_has_no_token() -> None:
    assert ListedPage([], None) == listed_page(page(more=TOKEN))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<ListBucketResult>",
        b"\xff",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        page(more="<IsTruncated>true</IsTruncated>"),
        page("%ff", encoding=ENCODED),
        page().replace(b"</List", b"<Contents><Size>1</Size></Contents></List"),
        page("a").replace(b"<Size>0</Size>", b"<Size>x</Size>"),
    ],
)
def test_other_documents_are_errors(document: bytes) -> None:
    with pytest.raises(DeserializationError):
        listed_page(document)


def test_the_query_names_prefix_and_token() -> None:
    first = listing_query("in put/é+&", None, 1000)
    second = listing_query("", "a+/=", 2)

    assert {
        "encoding-type": ["url"],
        "list-type": ["2"],
        "max-keys": ["1000"],
        "prefix": ["in put/é+&"],
    } == parse_qs(first)
    assert ["a+/="] == parse_qs(second)["continuation-token"]
    assert "+" not in first + second  # S3 reads it as a space


def test_the_id_of_an_upload_is_found() -> None:
    document = (
        f"<InitiateMultipartUploadResult {NAMESPACE}><Bucket>b</Bucket>"
        "<UploadId>a.b_c</UploadId></InitiateMultipartUploadResult>"
    )

    assert "a.b_c" == upload_id(document.encode())


def test_a_completion_lists_all_parts() -> None:
    parts = [StoredPart(1, '"e1"', None), StoredPart(2, '"<2>"', "c2=")]

    assert (
        f"<CompleteMultipartUpload {NAMESPACE}>"
        '<Part><ETag>"e1"</ETag><PartNumber>1</PartNumber></Part>'
        '<Part><ETag>"&lt;2&gt;"</ETag><ChecksumSHA256>c2=</ChecksumSHA256>'
        "<PartNumber>2</PartNumber></Part></CompleteMultipartUpload>"
    ).encode() == completion(parts)
