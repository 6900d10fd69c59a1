"""Write the table of features into the README: ``python -m tests.features``."""

from __future__ import annotations

from tests.features.table import README, rewritten

if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8")
