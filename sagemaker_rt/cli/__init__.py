"""The command line: ``sagemaker-rt``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    try:
        from sagemaker_rt.cli.commands import run  # noqa: PLC0415 - an extra brings it
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"cyclopts", "rich"}:
            raise
        sys.exit(
            f"sagemaker-rt: error: the command line needs {error.name}; "
            "install it with: python -m pip install 'sagemaker-rt[cli]'"
        )
    sys.exit(run(sys.argv[1:]))
