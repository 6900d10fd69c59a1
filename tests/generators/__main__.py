"""Write all generated files: ``python -m tests.generators``.

Tests compare each file with its source. The linter and the formatter then put imports
and lines in order.
"""

from __future__ import annotations

import subprocess
import sys

from tests.generators.exports import PACKAGES, stub_of, stub_text
from tests.generators.option_fields import FIELDS, fields
from tests.generators.options_table import README, with_table


def main() -> None:
    """Write the files, and format the Python files among them."""
    python_files = {stub_of(package): stub_text(package) for package in PACKAGES}
    python_files[FIELDS] = fields()
    for file, text in python_files.items():
        file.write_text(text, encoding="utf-8")
    README.write_text(with_table(README.read_text("utf-8")), encoding="utf-8")
    for command in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *command]
        subprocess.run([*ruff, *map(str, python_files)], check=True)


if __name__ == "__main__":
    main()
