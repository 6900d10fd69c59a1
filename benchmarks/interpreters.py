"""Finds or creates the Python interpreters that run the compared libraries.

A library that is installed in the running interpreter is used from there. For others, a
virtual environment is created once, below ``~/.cache`` or ``XDG_CACHE_HOME``, and
reused. ``--peer aiobotocore=/path/to/python`` selects an existing interpreter.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["CERTIFICATE", "NAMES", "environment", "python_for"]

CERTIFICATE: Final = "BENCHMARK_CERTIFICATE"
"""The variable with the path of the certificate of the server, if it has one."""

_ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True)
class _Peer:
    module: str
    """The module that the library installs."""
    requirements: tuple[str, ...]
    """Arguments of ``pip install``."""


# boto3 and aiobotocore require different versions of botocore
_PEERS: Final = {
    "sagemaker_rt": _Peer("sagemaker_rt", ("-e", str(_ROOT))),
    "boto3": _Peer("boto3", ("boto3",)),
    "aiobotocore": _Peer("aiobotocore", ("aiobotocore",)),
    "aws-requests-auth": _Peer("aws_requests_auth", ("aws-requests-auth",)),
}
NAMES: Final = tuple(_PEERS)
# variables that slow a process down
_SLOWING: Final = {
    "PYTHONASYNCIODEBUG",
    "PYTHONDEVMODE",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONWARNINGS",
    # they would be read, although the server of a benchmark needs none of them
    "AWS_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
}


def python_for(name: str, paths: Mapping[str, str]) -> str:
    """Return the path of the interpreter for a library.

    Args:
        paths: Interpreters from the command line, by library.
    """
    peer = _PEERS[name]
    if name in paths:
        return paths[name]
    if find_spec(peer.module) is not None:
        return sys.executable
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = cache / "sagemaker-rt-benchmarks" / f"{version}-{name}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not folder.exists():
        print(f"creating {folder}", file=sys.stderr)
        _create(folder, python, peer.requirements)
    return str(python)


def _create(folder: Path, python: Path, requirements: tuple[str, ...]) -> None:
    """Create a virtual environment; remove it if that fails."""
    try:
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", *requirements)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - venv and pip


def environment() -> dict[str, str]:
    """Return the environment of a variant, without AWS settings and proxies."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_")
        and not name.lower().endswith("_proxy")
        and name not in _SLOWING
    }
    if (certificate := os.environ.get(CERTIFICATE)) is not None:
        # botocore does not read the first one
        inherited |= {"SSL_CERT_FILE": certificate, "AWS_CA_BUNDLE": certificate}
    return inherited | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
