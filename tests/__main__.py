"""The one command: format, lint, types, floors, tests and their coverage.

``python -m tests`` stops at the first red; ``--fix`` first mends what can be mended.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parent.parent
_LINT_IMPORTS: Final = "from importlinter.cli import lint_imports_command as c; c()"

MENDING: Final = (
    ("-m", "ruff", "check", "--fix-only"),
    ("-m", "ruff", "format"),
)
CHECKS: Final = (
    ("-m", "ruff", "format", "--check"),
    ("-m", "ruff", "check"),
    ("-m", "mypy", "."),
    ("-m", "basedpyright", "--pythonpath", sys.executable),
    ("-c", _LINT_IMPORTS, "--no-logo"),
    ("-m", "pytest", "--cov", "--cov-fail-under=95"),
)
"""Python's arguments, step by step; pytest stands last, since its summary does."""


def main() -> int:
    """Run the steps, and return the first exit status that is not 0."""
    parser = ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument("--fix", action="store_true", help="mend what can be mended")
    steps = MENDING + CHECKS if parser.parse_args().fix else CHECKS
    for step in steps:
        print("──", "python", *step, flush=True)
        done = subprocess.run([sys.executable, *step], cwd=_ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
