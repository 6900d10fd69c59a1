from __future__ import annotations

import pytest

from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.errors import ParamValidationError
from tests.doubles import ManualClock

URI = "s3://bucket/folder/key"


def test_a_stored_object_is_found() -> None:
    objects = ObjectStore(ManualClock())

    objects[URI] = b"content"

    assert b"content" == objects[URI]
    assert [URI] == list(objects)
    assert 1 == len(objects)


def test_an_object_has_content_type_time_and_etag() -> None:
    objects = ObjectStore(ManualClock(5))

    objects.put(URI, b"", content_type="text/plain")

    stored = objects.find(URI)
    assert stored is not None
    assert "text/plain" == stored.content_type
    assert 5 == stored.modified_at
    assert '"d41d8cd98f00b204e9800998ecf8427e"' == stored.etag


def test_a_missing_object_is_a_key_error_or_none() -> None:
    objects = ObjectStore(ManualClock())

    with pytest.raises(KeyError):
        objects[URI]

    assert objects.find(URI) is None


def test_a_deleted_object_is_missing() -> None:
    objects = ObjectStore(ManualClock())
    objects[URI] = b"content"

    del objects[URI]

    assert URI not in objects


@pytest.mark.parametrize("uri", ["bucket/key", "s3://bucket", "s3:///key", ""])
def test_an_invalid_uri_is_rejected(uri: str) -> None:
    objects = ObjectStore(ManualClock())

    with pytest.raises(ParamValidationError):
        objects[uri] = b"content"


def test_the_repr_shows_keys_but_no_content() -> None:
    objects = ObjectStore(ManualClock())
    objects[URI] = b"content"

    assert f"ObjectStore(['{URI}'])" == repr(objects)
