"""Write `sagemaker_rt/__init__.pyi`, the exports as type checkers read them.

The one list of exports is in ``sagemaker_rt/__init__.py``. ``python -m tests --fix``
writes the stub from it, and a test compares the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sagemaker_rt

__all__ = ["STUB", "stub_text", "write_stub"]

STUB: Final = Path(__file__).parent.parent / "sagemaker_rt" / "__init__.pyi"


def stub_text() -> str:
    """Return the stub that matches the list of exports."""
    exports: dict[str, tuple[str, ...]] = vars(sagemaker_rt)["_EXPORTS"]
    lines = ["# Written by `python -m tests --fix` from the list in __init__.py.", ""]
    for module, names in sorted(exports.items()):
        lines.append(f"from sagemaker_rt.{module} import (")
        lines += [f"    {name} as {name}," for name in names]
        lines.append(")")
    names = sorted(name for module in exports.values() for name in module)
    lines += ["", "__all__ = [", *(f'    "{name}",' for name in names), "]"]
    return "\n".join([*lines, ""])


def write_stub() -> None:
    """Write the stub anew."""
    STUB.write_text(stub_text(), encoding="utf-8")


if __name__ == "__main__":
    write_stub()
