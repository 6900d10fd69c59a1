from __future__ import annotations

import pytest

from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.errors import ParamValidationError
from tests.doubles import ManualClock

URI = "s3://bucket/folder/key"


def test_what_is_put_is_found() -> None:
    objects = ObjectStore(ManualClock())

    objects[URI] = b"content"

    assert b"content" == objects[URI]
    assert [URI] == list(objects)
    assert 1 == len(objects)


def test_an_object_knows_its_type_time_and_tag() -> None:
    objects = ObjectStore(ManualClock(5))

    objects.put(URI, b"", content_type="text/plain")

    stored = objects.find(URI)
    assert stored is not None
    assert "text/plain" == stored.content_type
    assert 5 == stored.modified_at
    assert '"d41d8cd98f00b204e9800998ecf8427e"' == stored.etag


def test_what_is_not_there_is_a_key_error_or_none() -> None:
    objects = ObjectStore(ManualClock())

    with pytest.raises(KeyError):
        objects[URI]

    assert objects.find(URI) is None


def test_what_is_deleted_is_gone() -> None:
    objects = ObjectStore(ManualClock())
    objects[URI] = b"content"

    del objects[URI]

    assert URI not in objects


@pytest.mark.parametrize("uri", ["bucket/key", "s3://bucket", "s3:///key", ""])
def test_a_place_that_is_none_is_refused(uri: str) -> None:
    objects = ObjectStore(ManualClock())

    with pytest.raises(ParamValidationError, match="give s3://bucket/key"):
        objects[uri] = b"content"


def test_the_repr_lists_the_keys_and_no_content() -> None:
    objects = ObjectStore(ManualClock())
    objects[URI] = b"content"

    assert f"ObjectStore(['{URI}'])" == repr(objects)
