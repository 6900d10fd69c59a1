from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from sagemaker_rt.config import shared_files
from sagemaker_rt.config.shared_files import expand_in, read_shared_files
from sagemaker_rt.errors import SharedConfigError

BOTH: Final = ["config", "credentials"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the ``.aws`` folder of the home folder *tmp_path*."""
    folder = tmp_path / ".aws"
    folder.mkdir()
    return folder


def make_folder(path: Path) -> None:
    path.mkdir()


def make_loop(path: Path) -> None:
    path.symlink_to(path)


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


UNREADABLE: Final[list[Callable[[Path], None]]] = [make_folder, make_loop, make_pipe]


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == shared_files.__name__]


def test_files_are_read_from_the_home_folder(folder: Path) -> None:
    (folder / "config").write_text("[default]\nx = 1\n")
    (folder / "credentials").write_text("[default]\ny = 2\n")
    (folder / "credentials").chmod(0o600)

    found = read_shared_files({"HOME": str(folder.parent)}, profile=None)

    assert {"x", "y"} == found.profiles.profiles["default"].keys()
    assert (str(folder / "config"), str(folder / "credentials")) == found.paths


@pytest.mark.parametrize("path", ["~/mine", "$HOME/mine", "${DIR}/mine"])
@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_paths_of_files_are_expanded(tmp_path: Path, variable: str, path: str) -> None:
    (tmp_path / "mine").write_text("[default]\nx = 1\n")
    (tmp_path / "mine").chmod(0o600)
    environ = {"HOME": str(tmp_path), "DIR": str(tmp_path), variable: path}

    found = read_shared_files(environ, profile=None)

    assert {"default"} == found.profiles.profiles.keys()
    assert str(tmp_path / "mine") in found.paths


def test_the_home_of_the_process_is_that_of_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HOME")

    assert str(Path("~/x").expanduser()) == expand_in(os.environ, "~/x")
    assert "~/x" == expand_in({}, "~/x")


def test_files_that_do_not_exist_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environ = {
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "file" / "none"),
    }

    found = read_shared_files(environ, profile="dev")

    assert {} == found.profiles.profiles


@pytest.mark.skipif(os.name != "posix", reason="other systems lack links and pipes")
@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("make", UNREADABLE)
def test_a_file_that_cannot_be_opened_is_skipped_with_one_warning(
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    make: Callable[[Path], None],
) -> None:
    make(folder / name)
    (other,) = set(BOTH) - {name}
    (folder / other).write_text("[default]\nx = 1\n")
    (folder / other).chmod(0o600)
    environ = {"HOME": str(folder.parent)}

    for _ in range(2):
        found = read_shared_files(environ, profile=None)

    assert {"default"} == found.profiles.profiles.keys()
    assert [str(folder / name)] == [*found.ignored]
    (message,) = messages(caplog)
    assert message.startswith(f"{folder / name} cannot be read and is ignored: ")


@pytest.mark.skipif(os.name != "posix", reason="other systems lack links and pipes")
@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("make", UNREADABLE)
def test_a_file_that_may_have_the_named_profile_must_be_readable(
    folder: Path, name: str, make: Callable[[Path], None]
) -> None:
    make(folder / name)

    with pytest.raises(SharedConfigError) as caught:
        read_shared_files({"HOME": str(folder.parent)}, profile="dev")

    assert str(folder / name) in str(caught.value)
    assert "'dev'" in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("profile", [None, "dev"])
def test_a_file_with_other_bytes_is_an_error(folder: Path, profile: str | None) -> None:
    (folder / "config").write_bytes(b"[default]\n\xff\xfe")

    with pytest.raises(SharedConfigError, match="not valid UTF-8") as caught:
        read_shared_files({"HOME": str(folder.parent)}, profile=profile)

    assert str(folder / "config") in str(caught.value)


def test_a_path_that_no_file_can_have_is_an_error() -> None:
    with pytest.raises(SharedConfigError, match="path is not valid"):
        read_shared_files({"AWS_CONFIG_FILE": "a\0b"}, profile=None)


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes elsewhere")
def test_a_readable_credentials_file_is_warned_about_once(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in BOTH:
        (folder / name).write_text("[default]\n")
        (folder / name).chmod(0o644)

    for _ in range(2):
        read_shared_files({"HOME": str(folder.parent)}, profile=None)

    (message,) = messages(caplog)
    assert str(folder / "credentials") in message
    assert "600" in message
