from __future__ import annotations

import ast

from tests.generators.declarations import declarations
from tests.generators.option_fields import FIELDS, fields
from tests.generators.options_table import README, with_table


def imported(source: str) -> set[tuple[str | None, str]]:
    return {
        (node.module, alias.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def members(source: str) -> list[str]:
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.AnnAssign)
    ]


def test_the_fields_are_current() -> None:
    """The formatter has changed white space only."""
    expected, written = fields(), FIELDS.read_text(encoding="utf-8")

    advice = "run python -m tests --fix"
    assert imported(expected) == imported(written), advice
    assert members(expected) == members(written), advice


def test_the_table_of_options_is_current() -> None:
    text = README.read_text(encoding="utf-8")

    assert with_table(text) == text, "run python -m tests --fix"


def test_each_option_has_a_sentence() -> None:
    assert [] == [o.name for o in declarations() if not o.text.endswith((".", ")"))]


def test_each_option_is_declared_once() -> None:
    names = [option.name for option in declarations()]

    assert len(names) > 80
    assert sorted(set(names)) == sorted(names)
