from __future__ import annotations

import pytest

from tests.cli.running import MAIN, run_alone, variables

BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "{name}":
            raise ModuleNotFoundError("No module named " + name, name=name)

sys.meta_path.insert(0, Block())
"""


@pytest.mark.parametrize("name", ["cyclopts", "rich"])
async def test_without_the_extra_one_line_says_what_to_install(name: str) -> None:
    main = BLOCKED.format(name=name) + MAIN

    done = await run_alone("demo", environ=variables(), main=main)

    assert (1, b"") == (done.code, done.out)
    assert 1 == len(done.err.splitlines())
    assert "python -m pip install 'sagemaker-rt[cli]'" in done.err


async def test_a_module_of_ours_that_is_missing_is_no_missing_extra() -> None:
    main = BLOCKED.format(name="aiohttp") + MAIN

    done = await run_alone("emulator", environ=variables(), main=main)

    assert "No module named aiohttp" in done.err
    assert "pip install" not in done.err
