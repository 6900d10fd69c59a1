from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.s3_parts import UploadPart, upload_parts

MIB = 1 << 20


def test_the_last_part_is_smaller() -> None:
    parts = [UploadPart(1, 0, 4), UploadPart(2, 4, 4), UploadPart(3, 8, 1)]

    assert parts == list(upload_parts(9, 4))
    assert parts[:2] == list(upload_parts(8, 4))


def test_a_large_file_has_larger_parts() -> None:
    parts = list(upload_parts(10_000 * 16 * MIB + 1, 16 * MIB))

    assert (16 * MIB + 1, 10_000) == (parts[0].size, len(parts))


@given(st.integers(1, 50 * 10**12), st.integers(5 * MIB, 64 * MIB))
def test_parts_cover_the_object_within_the_limits_of_s3(size: int, least: int) -> None:
    parts = list(upload_parts(size, least))

    assert [*range(1, len(parts) + 1)] == [part.number for part in parts]
    assert size == sum(part.size for part in parts)
    assert all(a.start + a.size == b.start for a, b in zip(parts, parts[1:]))  # noqa: B905, RUF007 - neighbours
    assert len(parts) <= 10_000
    assert all(5 * MIB <= part.size <= 5 << 30 for part in parts[:-1])
