"""The objects that asynchronous invocations read and write, in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from hashlib import md5
from typing import Final

from attrs import field, frozen

from sagemaker_rt.errors import ParamValidationError

__all__ = ["ObjectStore", "StoredObject"]

_URI: Final = re.compile(r"s3://[^/]+/.+", re.DOTALL)


@frozen(kw_only=True)
class StoredObject:
    """The content and metadata of an object."""

    body: bytes = field(repr=False)
    content_type: str
    modified_at: float
    """Seconds since the epoch."""

    @property
    def etag(self) -> str:
        """Entity tag of the body, with quotation marks."""
        # S3 uses MD5 for objects that are not multipart uploads
        digest = md5(self.body, usedforsecurity=False).hexdigest()
        return f'"{digest}"'


class ObjectStore(MutableMapping[str, bytes]):
    """A mutable mapping from ``s3://bucket/key`` URIs to bodies.

    Buckets need not be created. Assignment raises ParamValidationError if a key is not
    such a URI.

    Args:
        clock: Returns the time of modifications.
        buckets: Names of buckets that exist without an object.
    """

    def __init__(
        self, clock: Callable[[], float], *, buckets: Iterable[str] = ()
    ) -> None:
        self._clock = clock
        self._buckets = frozenset(buckets)
        self._objects: dict[str, StoredObject] = {}

    def put(
        self, uri: str, body: bytes, *, content_type: str = "binary/octet-stream"
    ) -> StoredObject:
        """Store *body* at *uri*; an existing object is replaced.

        Raises:
            ParamValidationError: *uri* is not an ``s3://bucket/key`` URI.
        """
        if not _URI.fullmatch(uri):
            message = f"{uri!r} is not an object URI, such as s3://bucket/key"
            raise ParamValidationError(message)
        stored = StoredObject(
            body=body, content_type=content_type, modified_at=self._clock()
        )
        self._objects[uri] = stored
        return stored

    def find(self, uri: str) -> StoredObject | None:
        """Return the object at *uri* with its metadata, or None."""
        return self._objects.get(uri)

    def has_bucket(self, bucket: str) -> bool:
        """Return whether *bucket* exists: it has an object, or was named at first."""
        start = f"s3://{bucket}/"
        is_used = any(uri.startswith(start) for uri in self._objects)
        return is_used or bucket in self._buckets

    def __getitem__(self, uri: str) -> bytes:
        return self._objects[uri].body

    def __setitem__(self, uri: str, body: bytes) -> None:
        self.put(uri, body)

    def __delitem__(self, uri: str) -> None:
        del self._objects[uri]

    def __iter__(self) -> Iterator[str]:
        return iter(self._objects)

    def __len__(self) -> int:
        return len(self._objects)

    def __repr__(self) -> str:
        return f"ObjectStore({sorted(self._objects)})"
