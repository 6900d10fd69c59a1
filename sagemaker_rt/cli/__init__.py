"""The ``sagemaker-rt`` command line."""

from __future__ import annotations

import io
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command in `sys.argv`, and exit with its exit code.

    Entry point of the ``sagemaker-rt`` script.
    """
    try:
        # imported here, so that a missing dependency is reported in one line
        from sagemaker_rt.cli.commands import run  # noqa: PLC0415 - reported below if it fails
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"cyclopts", "rich"}:
            raise
        sys.exit(
            f"sagemaker-rt: error: the command line needs {error.name}; "
            "install it with: python -m pip install 'sagemaker-rt[cli]'"
        )
    except KeyboardInterrupt:
        sys.exit(130)
    # a terminal that cannot show a character must not end the command
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
