from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import sys
from pathlib import Path

import pytest

from sagemaker_rt.credentials.process import ProcessCredentials
from sagemaker_rt.errors import CredentialsError
from tests.credentials.shown import shown
from tests.transport.servers import open_files

WHOLE = {
    "Version": 1,
    "AccessKeyId": "AKID",
    "SecretAccessKey": "hush",
    "SessionToken": "a-token",
    "Expiration": "2023-11-14T22:13:20Z",
}

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="commands are quoted as here"
)


def running(program: str, *, timeout: float = 60.0) -> ProcessCredentials:
    command = shlex.join([sys.executable, "-c", program])
    return ProcessCredentials(command, timeout=timeout)


def printing(text: str) -> ProcessCredentials:
    return running(f"print({text!r})")


async def test_a_program_prints_credentials() -> None:
    found = await printing(json.dumps(WHOLE)).retrieve()

    assert ("AKID", "hush", "a-token") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
    )
    assert found.expires_at is not None


async def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    made = tmp_path / "made"
    command = f"{shlex.join([sys.executable, '-c', 'pass'])}; touch {made}"

    with pytest.raises(CredentialsError):
        await ProcessCredentials(command).retrieve()

    assert not made.exists()


async def test_its_standard_input_is_closed() -> None:
    program = f"import sys; assert sys.stdin.read() == ''; print({json.dumps(WHOLE)!r})"

    assert "AKID" == (await running(program).retrieve()).access_key_id


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        (printing("hush"), "gave 5 bytes that are no JSON object"),
        (printing("{}"), "gave version NoneType; it must be the number 1"),
        (printing('{"Version": 2}'), "gave version 2; it must be the number 1"),
        (printing('{"Version": 1}'), "gave no AccessKeyId and no SecretAccessKey"),
        (printing("x" * 70_000), "printed more than 65536 bytes"),
        (running("import sys; print('hush'); sys.exit(3)"), "ended with status 3"),
        (ProcessCredentials("/not/there"), "cannot be run: "),
        (ProcessCredentials("'not closed"), "cannot be run: No closing quotation"),
        (ProcessCredentials(""), "cannot be run: "),
    ],
)
async def test_what_goes_wrong_is_said_without_what_was_printed(
    provider: ProcessCredentials, message: str
) -> None:
    with pytest.raises(CredentialsError) as caught:
        await provider.retrieve()

    assert str(caught.value).startswith(f"credential_process {message}")
    assert "hush" not in str(caught.value)
    assert "ProcessCredentials()" == repr(provider)


@pytest.mark.parametrize(
    "member",
    ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"],
)
async def test_nothing_that_was_printed_is_shown(member: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        await printing(json.dumps(WHOLE | {member: "hush hush"})).retrieve()

    assert not re.search("hush|a-token", shown(caught.value))


FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({path!r}, "w").write(str(child.pid))
time.sleep(60)
"""


def text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def stat_of(number: int) -> str:
    return Path(f"/proc/{number}/stat").read_text().split()[2]


async def is_gone(path: Path) -> bool:
    """Tell whether the process that *path* names ends in time."""
    number = int(text_of(path))
    for _ in range(200):
        try:
            state = stat_of(number)
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        await asyncio.sleep(0.01)
    return False


async def begun(path: Path) -> None:
    while not text_of(path):  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
async def test_a_program_that_hangs_is_killed_with_what_it_started(
    tmp_path: Path,
) -> None:
    path = tmp_path / "child"

    with pytest.raises(CredentialsError, match="did not end within 1 s"):
        await running(FAMILY.format(path=str(path)), timeout=1.0).retrieve()

    assert await is_gone(path)


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
async def test_so_is_one_whose_question_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "child"
    task = asyncio.create_task(running(FAMILY.format(path=str(path))).retrieve())
    await begun(path)

    task.cancel()
    await asyncio.wait((task,))

    assert task.cancelled()
    assert await is_gone(path)


ORPHAN = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({path!r}, "w").write(str(child.pid))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
async def test_what_a_program_leaves_behind_is_killed_where_it_may_still_print(
    tmp_path: Path,
) -> None:
    path = tmp_path / "child"

    with pytest.raises(CredentialsError, match="did not end within 1 s"):
        await running(ORPHAN.format(path=str(path)), timeout=1.0).retrieve()

    assert await is_gone(path)


DAEMON = """
import subprocess, sys, time
program = "import time; time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
open({path!r}, "w").write(str(child.pid))
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
async def test_what_has_left_the_group_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "child"
    before = open_files()
    try:
        async with asyncio.timeout(10):
            with pytest.raises(CredentialsError, match="did not end within 1 s"):
                await running(DAEMON.format(path=str(path)), timeout=1.0).retrieve()
    finally:
        os.kill(int(text_of(path)), signal.SIGKILL)

    await asyncio.sleep(0)
    assert before == open_files()


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("insists", [False, True])
async def test_a_question_may_be_cancelled_while_its_program_starts(
    turns: int, *, insists: bool
) -> None:
    before = open_files()
    task = asyncio.create_task(running("import time; time.sleep(60)").retrieve())
    for _ in range(turns):
        await asyncio.sleep(0)

    async with asyncio.timeout(10):
        task.cancel()
        if insists:
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait((task,))

    assert task.cancelled()
    for _ in range(200):
        if before == open_files():
            break
        await asyncio.sleep(0.01)
    assert before == open_files()


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
async def test_a_program_has_exited_even_if_the_call_is_cancelled_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "pid"
    program = f"""
import os, time
open({str(path)!r}, "w").write(str(os.getpid()))
time.sleep(60)
"""
    task = asyncio.create_task(running(program).retrieve())
    await begun(path)

    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))

    assert task.cancelled()
    with pytest.raises(FileNotFoundError):
        stat_of(int(text_of(path)))
