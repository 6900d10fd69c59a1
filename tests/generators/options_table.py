"""The table in ``sagemaker_rt/options/README.md``: every option with its default."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sagemaker_rt.config.option_sources import OPTION_SOURCES, OptionSource
from tests.generators.declarations import FOLDER, Declaration, declarations

__all__ = ["README", "with_table"]

README: Final[Path] = FOLDER / "README.md"
_BEGIN: Final = "<!-- `python -m tests --fix` writes this table -->\n"
_END: Final = "<!-- end of the table -->\n"
_SOURCES: Final[Mapping[str, OptionSource]] = {s.option: s for s in OPTION_SOURCES}


def with_table(text: str) -> str:
    """Return *text* with the table between its two marks."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return f"{before}{begin}{_table()}{end}{after}"


def _table() -> str:
    lines = ["| option | type | default | meaning |", "|---|---|---|---|"]
    group = ""
    for option in declarations():
        if option.module != group:
            group = option.module
            lines.append(f"| **{_title(group)}** | | | |")
        lines.append(_row(option))
    return "".join(f"{line}\n" for line in lines)


def _title(module: str) -> str:
    return {"options": "general", "http": "HTTP", "tls": "TLS"}.get(module, module)


def _row(option: Declaration) -> str:
    dagger = " †" if option.is_client_only else ""
    accepts = ast.unparse(option.accepts)
    if option.default == "None":
        accepts = accepts.removesuffix(" | None")
    meaning = re.sub(r"``|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)", "`", option.text)
    cells = (
        f"`{option.name}`{dagger}",
        f"`{accepts}`",
        f"`{option.default}`",
        f"{meaning}{_settings(option.name)}",
    )
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def _settings(name: str) -> str:
    """Return the environment variables and the profile property of an option."""
    source = _SOURCES.get(name)
    if source is None:
        return ""
    settings = [f"`{variable}`" for variable in source.variables]
    if source.key is not None:
        settings.append(f"profile `{source.key}`")
    settings += [f"`{variable}`" for variable in source.last_variables]
    return f" ({', '.join(settings)})"
