"""Write all generated files: ``python -m tests.generators``."""

from __future__ import annotations

import subprocess
import sys

from tests.generators.option_fields import FIELDS, fields
from tests.generators.options_table import README, with_table


def main() -> None:
    """Write the files, and format them as the linter wants."""
    FIELDS.write_text(fields(), encoding="utf-8")
    README.write_text(with_table(README.read_text("utf-8")), encoding="utf-8")
    for command in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *command, str(FIELDS)], check=True
        )


if __name__ == "__main__":
    main()
