"""Expansion of ``~`` and variables in paths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["expand_path", "home_folder"]

_VARIABLE: Final = r"(?a)\$(?:(\w+)|\{([^}]*)\})"
_HOME: Final = ("HOME", "USERPROFILE")


def home_folder(environ: Mapping[str, str]) -> str | None:
    """Return the home folder that *environ* names; None if there is none."""
    return next((environ[name] for name in _HOME if environ.get(name)), None)


def expand_path(
    path: str, environ: Mapping[str, str], *, home: str | None = None
) -> str:
    """Return *path* with variables and a leading ``~`` replaced, as by the AWS CLI.

    Variables have the form ``$NAME`` or ``${NAME}``. What cannot be replaced stays: an
    unknown variable, ``~`` without a home folder, and ``~name``.

    Args:
        home: The home folder, if *environ* does not name one.
    """
    if "$" in path:
        path = re.sub(
            _VARIABLE,
            lambda found: environ.get(found[1] or found[2] or "", found[0]),
            path,
        )
    home = home_folder(environ) or home
    if home and (path == "~" or path.startswith(("~/", "~\\"))):
        return home.rstrip("/") + path[1:] or "/"
    return path
