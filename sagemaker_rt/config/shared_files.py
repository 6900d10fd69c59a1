"""Finds and reads the shared files, ``config`` and ``credentials``.

A file that does not exist is skipped. A file that cannot be opened, such as the folder
that docker makes for a missing mount, is skipped with one warning, unless a profile was
named: its content may be in that file.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Mapping
from typing import Final, NamedTuple

from sagemaker_rt.errors import SharedConfigError
from sagemaker_rt.sansio.paths import expand_path, home_folder
from sagemaker_rt.sansio.shared_config import FileKind, Profiles, merge, parse

__all__ = ["SharedFiles", "expand_in", "read_shared_files"]

_log = logging.getLogger(__name__)

_CONFIG: Final = ("AWS_CONFIG_FILE", "~/.aws/config")
_CREDENTIALS: Final = ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")


class SharedFiles(NamedTuple):
    """The shared files, as they were read."""

    profiles: Profiles
    paths: tuple[str, ...]
    """The paths, whether there are such files or not."""
    ignored: Mapping[str, str]
    """The paths of files that cannot be opened, and why."""


def read_shared_files(
    environ: Mapping[str, str], *, profile: str | None
) -> SharedFiles:
    """Read the shared files. It blocks.

    Args:
        profile: The name of the requested profile; None if none was named.

    Raises:
        SharedConfigError: A file cannot be parsed; or it cannot be opened, and
            *profile* is set.
    """
    config, credentials = (_path(environ, *names) for names in (_CONFIG, _CREDENTIALS))
    ignored: dict[str, str] = {}
    profiles = merge(
        _read(config, "config", profile, ignored),
        _read(credentials, "credentials", profile, ignored),
    )
    paths = tuple(path for path in (config, credentials) if path is not None)
    return SharedFiles(profiles, paths, ignored)


def expand_in(environ: Mapping[str, str], path: str) -> str:
    """Return *path* with variables of *environ* and a leading ``~`` replaced."""
    home: str | None = None
    if environ is os.environ and path.startswith("~") and not home_folder(environ):
        home = os.path.expanduser("~")  # noqa: PTH111 - importing pathlib is slow
    return expand_path(path, environ, home=home)


# `os` and `open`: importing `pathlib` takes as long as reading all files here
def _path(environ: Mapping[str, str], variable: str, default: str) -> str | None:
    """Return the path of a shared file; None without a home folder."""
    path = expand_in(environ, environ.get(variable) or default)
    return None if path.startswith(("~/", "~\\")) else path


def _read(
    path: str | None, kind: FileKind, profile: str | None, ignored: dict[str, str]
) -> Profiles:
    """Return the profiles in the file at *path*; none if it does not exist.

    If it cannot be opened, the reason is added to *ignored*.
    """
    if path is None:
        return Profiles()
    try:
        text = _text_of(path, kind)
    except (FileNotFoundError, NotADirectoryError):
        return Profiles()
    except ValueError as error:
        is_read = isinstance(error, UnicodeDecodeError)
        reason = "it is not valid UTF-8" if is_read else "the path is not valid"
        message = f"{path} cannot be read: {reason}"
        raise SharedConfigError(message) from None
    except OSError as error:
        if profile is not None:
            message = (
                f"{path} cannot be read, and may have profile {profile!r}: "
                f"{error.strerror}"
            )
            raise SharedConfigError(message) from None
        ignored[path] = str(error.strerror)
        _warn_once(path, f"cannot be read and is ignored: {error.strerror}")
        return Profiles()
    return parse(text, kind=kind, file=path)


def _text_of(path: str, kind: FileKind) -> str:
    mode = os.stat(path).st_mode  # noqa: PTH116 - importing pathlib is slow
    if stat.S_ISFIFO(mode):  # opening one would wait for a writer
        raise OSError(errno.EINVAL, "it is a named pipe")
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - importing pathlib is slow
        text = file.read()
    is_open = stat.S_ISREG(mode) and mode & (stat.S_IROTH | stat.S_IWOTH)
    if kind == "credentials" and is_open and os.name == "posix":
        _warn_once(path, "can be read by other users; set its mode to 600")
    return text


_warned: Final[set[str]] = set()


def _warn_once(path: str, problem: str) -> None:
    """Log one warning for each file."""
    if path not in _warned:
        _warned.add(path)
        _log.warning("%s %s", path, problem)
