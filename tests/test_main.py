from __future__ import annotations

from sagemaker_rt import __version__
from tests.cli.running import run_in_subprocess, variables

MAIN = "import runpy; runpy.run_module('sagemaker_rt', run_name='__main__')"


async def test_the_package_runs_as_the_command_line() -> None:
    result = await run_in_subprocess("--version", environ=variables(), main=MAIN)

    assert (0, __version__) == (result.code, result.out.decode().strip())
