from __future__ import annotations

import pytest

from tests.cli.running import MAIN, run_in_subprocess, variables

BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "{name}":
            raise ModuleNotFoundError("No module named " + name, name=name)

sys.meta_path.insert(0, Block())
"""


@pytest.mark.parametrize("name", ["cyclopts", "rich"])
async def test_a_missing_extra_is_reported_on_one_line(
    name: str,
) -> None:
    main = BLOCKED.format(name=name) + MAIN

    result = await run_in_subprocess("demo", environ=variables(), main=main)

    assert (1, b"") == (result.code, result.out)
    assert 1 == len(result.err.splitlines())
    assert "python -m pip install 'sagemaker-rt[cli]'" in result.err


async def test_another_missing_module_is_not_reported_as_the_extra() -> None:
    main = BLOCKED.format(name="aiohttp") + MAIN

    result = await run_in_subprocess("emulator", environ=variables(), main=main)

    assert "No module named aiohttp" in result.err
    assert "pip install" not in result.err
