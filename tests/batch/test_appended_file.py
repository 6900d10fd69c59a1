from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sagemaker_rt.batch.appended_file import AppendedFile
from sagemaker_rt.errors import ParamValidationError


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond *size* bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_records_are_appended_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    for record in (b"one\n", b"two\n"):
        file = AppendedFile(path)
        file.append(record)
        file.sync()
        file.sync()
        file.close()

    assert b"one\ntwo\n" == path.read_bytes()


def test_a_record_is_in_the_file_at_once(tmp_path: Path) -> None:
    file = AppendedFile(tmp_path / "file")

    file.append(b"one\n")

    assert (4, b"one\n") == (file.size, file.path.read_bytes())
    assert b"ne" == file.read(1, 2)
    file.truncate(1)
    file.append(b"x")
    assert b"ox" == file.path.read_bytes()
    file.close()


def test_a_record_that_does_not_fit_is_removed(tmp_path: Path) -> None:
    file = AppendedFile(tmp_path / "file")
    file.append(b"123456")

    with full_disk(10), pytest.raises(OSError, match="too large") as caught:
        file.append(b"7890123")

    assert (errno.EFBIG, str(file.path)) == (caught.value.errno, caught.value.filename)
    assert (6, b"123456") == (file.size, file.path.read_bytes())
    file.close()


def test_a_file_in_use_is_refused(tmp_path: Path) -> None:
    file = AppendedFile(tmp_path / "file")

    with pytest.raises(ParamValidationError):
        AppendedFile(tmp_path / "file")

    file.close()
    AppendedFile(tmp_path / "file").close()


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParamValidationError):
        AppendedFile(tmp_path)
    with pytest.raises(ParamValidationError):
        AppendedFile(Path(os.devnull))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ParamValidationError):
        AppendedFile(tmp_path / "file" / "x")


def test_a_file_can_take_the_place_of_another(tmp_path: Path) -> None:
    old, new = AppendedFile(tmp_path / "old"), AppendedFile(tmp_path / "new")
    old.append(b"old")
    new.append(b"new")

    old.replace(new)

    assert [tmp_path / "old"] == list(tmp_path.iterdir())
    assert b"new" == (tmp_path / "old").read_bytes()
    old.close()
