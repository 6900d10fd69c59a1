"""ListObjectsV2 of the emulator, without delimiters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote_plus, unquote_plus
from xml.sax.saxutils import escape

from sagemaker_rt.emulator.object_store import ObjectStore, StoredObject

__all__ = ["listing"]

_MOST: Final = 1000
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
)


def listing(bucket: str, query: str, objects: ObjectStore) -> bytes | None:
    """Return a page of the objects in *bucket* as XML; None for another operation.

    Args:
        query: The query of the request; its members are those of ListObjectsV2.
    """
    members = dict(parse_qsl(query, keep_blank_values=True))
    size = members.get("max-keys", f"{_MOST}")
    is_known = members.get("list-type") == "2" and "delimiter" not in members
    if not is_known or not size.isdecimal():
        return None
    start = f"s3://{bucket}/"
    keys = [uri.removeprefix(start) for uri in objects if uri.startswith(start)]
    prefix = members.get("prefix", "")
    after = unquote_plus(members.get("continuation-token", ""))
    after = after or members.get("start-after", "")
    left = sorted(key for key in keys if key.startswith(prefix) and key > after)
    page = left[: min(int(size), _MOST)]
    is_truncated = 0 < len(page) < len(left)
    parts = [
        f"<Name>{escape(bucket)}</Name><KeyCount>{len(page)}</KeyCount>",
        f"<IsTruncated>{str(is_truncated).lower()}</IsTruncated>",
    ]
    if is_truncated:  # the token is the last key of this page
        token = quote_plus(page[-1])
        parts.append(f"<NextContinuationToken>{token}</NextContinuationToken>")
    is_encoded = members.get("encoding-type") == "url"
    if is_encoded:
        parts.append("<EncodingType>url</EncodingType>")
    for key in page:
        name = quote_plus(key, safe="/") if is_encoded else escape(key)
        parts.append(_contents(name, objects.find(f"{start}{key}")))
    return f"{_HEAD}{''.join(parts)}</ListBucketResult>".encode()


def _contents(name: str, stored: StoredObject | None) -> str:
    assert stored is not None  # noqa: S101 - the event loop did not run since
    modified = datetime.fromtimestamp(stored.modified_at, UTC)
    return (
        f"<Contents><Key>{name}</Key>"
        f"<LastModified>{modified:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
        f"<ETag>{escape(stored.etag)}</ETag><Size>{len(stored.body)}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
    )
