"""Which Python runs what: the peers have virtual environments of their own.

A package that the running interpreter has is used from there. For any other, a virtual
environment is made with that interpreter and pip, once, below ``~/.cache`` (or what
``XDG_CACHE_HOME`` names), and found there again the next time. ``--peer
aiobotocore=/path/to/python`` names one that is there already.
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

__all__ = ["NAMES", "environment", "interpreter"]

_ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True)
class _Peer:
    module: str
    """What is looked for in the running interpreter."""
    requirements: tuple[str, ...]
    """What pip is asked for where it is not there."""


# boto3 and aiobotocore ask for different releases of botocore, so they live apart
_PEERS: Final = {
    "sagemaker_rt": _Peer("sagemaker_rt", ("-e", str(_ROOT))),
    "boto3": _Peer("boto3", ("boto3",)),
    "aiobotocore": _Peer("aiobotocore", ("aiobotocore",)),
    "aws-requests-auth": _Peer("aws_requests_auth", ("aws-requests-auth",)),
}
NAMES: Final = tuple(_PEERS)
_SLOWING: Final = {
    "PYTHONASYNCIODEBUG",
    "PYTHONDEVMODE",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONWARNINGS",
}


def interpreter(name: str, given: Mapping[str, str]) -> str:
    """Return the Python that runs peer *name*: a *given* one, ours, or one made now."""
    peer = _PEERS[name]
    if name in given:
        return given[name]
    if find_spec(peer.module) is not None:
        return sys.executable
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = cache / "sagemaker-rt-benchmarks" / f"{version}-{name}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not folder.exists():
        print(f"making {folder}", file=sys.stderr)
        _make(folder, python, peer.requirements)
    return str(python)


def _make(folder: Path, python: Path, requirements: tuple[str, ...]) -> None:
    """Make a virtual environment; what fails half-way is taken away again."""
    try:
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", *requirements)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - venv and pip


def environment() -> dict[str, str]:
    """Return the environment for variants: nothing in it sets or slows a peer."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_")
        and not name.lower().endswith("_proxy")
        and name not in _SLOWING
    }
    return kept | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
