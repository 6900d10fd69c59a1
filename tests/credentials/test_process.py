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
    os.name != "posix", reason="the commands are quoted as a POSIX shell does"
)


def running(program: str, *, timeout: float = 60.0) -> ProcessCredentials:
    command = shlex.join([sys.executable, "-c", program])
    return ProcessCredentials(command, timeout=timeout)


def printing(text: str) -> ProcessCredentials:
    return running(f"print({text!r})")


async def test_printed_credentials_are_returned() -> None:
    found = await printing(json.dumps(WHOLE)).retrieve()

    assert ("AKID", "hush", "a-token") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
    )
    assert found.expires_at is not None


async def test_the_command_runs_without_a_shell(tmp_path: Path) -> None:
    made = tmp_path / "made"
    command = f"{shlex.join([sys.executable, '-c', 'pass'])}; touch {made}"

    with pytest.raises(CredentialsError):
        await ProcessCredentials(command).retrieve()

    assert not made.exists()


async def test_the_standard_input_is_closed() -> None:
    program = f"import sys; assert sys.stdin.read() == ''; print({json.dumps(WHOLE)!r})"

    assert "AKID" == (await running(program).retrieve()).access_key_id


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        (printing("hush"), ": 5 bytes are not a JSON object"),
        (printing("{}"), ": Version must be the number 1: NoneType"),
        (printing('{"Version": 2}'), ": Version must be the number 1: 2"),
        (printing('{"Version": 1}'), ": AccessKeyId and SecretAccessKey"),
        (printing("x" * 70_000), " printed more than 65536 bytes"),
        (running("import sys; print('hush'); sys.exit(3)"), " exited with status 3"),
        (ProcessCredentials("/not/there"), " cannot be started: "),
        (ProcessCredentials("'not closed"), " cannot be started: No closing quotation"),
        (ProcessCredentials(""), " cannot be started: "),
    ],
)
async def test_a_failure_is_described_without_the_output(
    provider: ProcessCredentials, message: str
) -> None:
    with pytest.raises(CredentialsError) as caught:
        await provider.retrieve()

    assert str(caught.value).startswith(f"credential_process{message}")
    assert "hush" not in str(caught.value)
    assert "ProcessCredentials()" == repr(provider)


@pytest.mark.parametrize(
    "member",
    ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"],
)
async def test_the_output_is_never_shown(member: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        await printing(json.dumps(WHOLE | {member: "hush hush"})).retrieve()

    assert not re.search("hush|a-token", shown(caught.value))


WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({path!r}, "w").write(str(child.pid))
time.sleep(60)
"""


def read_text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def state_of(number: int) -> str:
    return Path(f"/proc/{number}/stat").read_text().split()[2]


async def is_gone(path: Path) -> bool:
    """Return whether the process whose number is in *path* ends within seconds."""
    number = int(read_text(path))
    for _ in range(200):
        try:
            state = state_of(number)
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        await asyncio.sleep(0.01)
    return False


async def wait_for_start(path: Path) -> None:
    while not read_text(path):  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_program_that_hangs_is_killed_with_its_children(
    tmp_path: Path,
) -> None:
    path = tmp_path / "child"

    with pytest.raises(CredentialsError, match="within 1 s"):
        await running(WITH_CHILD.format(path=str(path)), timeout=1.0).retrieve()

    assert await is_gone(path)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_program_is_killed_on_cancellation(tmp_path: Path) -> None:
    path = tmp_path / "child"
    task = asyncio.create_task(running(WITH_CHILD.format(path=str(path))).retrieve())
    await wait_for_start(path)

    task.cancel()
    await asyncio.wait((task,))

    assert task.cancelled()
    assert await is_gone(path)


ORPHAN = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({path!r}, "w").write(str(child.pid))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_secret_is_redacted_before_the_text_is_cut() -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    for filler in range(980, 1030, 7):
        with pytest.raises(CredentialsError) as caught:
            await complaining(f"secret: {secret} {'x.' * (filler // 2)}").retrieve()

        assert secret[20:] not in str(caught.value)


async def test_a_child_that_holds_the_output_open_is_killed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "child"

    with pytest.raises(CredentialsError, match="within 1 s"):
        await running(ORPHAN.format(path=str(path)), timeout=1.0).retrieve()

    assert await is_gone(path)


DAEMON = """
import subprocess, sys, time
program = "import time; time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
open({path!r}, "w").write(str(child.pid))
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_process_outside_the_group_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "child"
    before = open_files()
    try:
        async with asyncio.timeout(10):
            with pytest.raises(CredentialsError, match="within 1 s"):
                await running(DAEMON.format(path=str(path)), timeout=1.0).retrieve()
    finally:
        os.kill(int(read_text(path)), signal.SIGKILL)

    await asyncio.sleep(0)
    assert before == open_files()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("insists", [False, True])
async def test_a_retrieval_can_be_cancelled_while_the_program_starts(
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


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
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
    await wait_for_start(path)

    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))

    assert task.cancelled()
    with pytest.raises(FileNotFoundError):
        state_of(int(read_text(path)))


def complaining(text: str, status: int = 3) -> ProcessCredentials:
    program = f"import sys; sys.stderr.write({text!r}); sys.exit({status})"
    return running(program)


async def test_the_end_of_the_standard_error_is_in_the_error() -> None:
    with pytest.raises(CredentialsError) as caught:
        await complaining("x" * 5000 + "\nyour login has expired\n").retrieve()

    text = str(caught.value)
    assert text.endswith("[redacted] | your login has expired")
    assert "exited with status 3: " in text


async def test_keys_and_control_characters_of_the_standard_error_are_not_shown() -> (
    None
):
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    with pytest.raises(CredentialsError) as caught:
        await complaining(f"bad key {secret}\x1b[31m\xff").retrieve()

    assert secret not in shown(caught.value)
    assert r"bad key [redacted]\x1b[31m" in str(caught.value)


async def test_a_child_that_holds_the_standard_error_open_does_not_delay() -> None:
    child = shlex.join([sys.executable, "-c", "import time; time.sleep(30)"])
    program = (
        "import shlex, subprocess, sys; sys.stderr.write('no login'); "
        "sys.stderr.flush(); "
        f"subprocess.Popen(shlex.split({child!r}), stdout=subprocess.DEVNULL); "
        "sys.exit(3)"
    )

    async with asyncio.timeout(10):
        with pytest.raises(CredentialsError, match="no login"):
            await running(program).retrieve()


async def test_the_standard_error_of_a_success_does_not_matter() -> None:
    program = f"import sys; sys.stderr.write('a warning'); print({json.dumps(WHOLE)!r})"

    assert "AKID" == (await running(program).retrieve()).access_key_id


async def test_the_account_is_that_of_the_document_or_else_the_given_one() -> None:
    command = shlex.join([sys.executable, "-c", f"print({json.dumps(WHOLE)!r})"])
    named = json.dumps(WHOLE | {"AccountId": "2"})
    other = shlex.join([sys.executable, "-c", f"print({named!r})"])

    assert (await ProcessCredentials(command).retrieve()).account_id is None
    given = ProcessCredentials(command, account_id="1")
    assert "1" == (await given.retrieve()).account_id
    assert (
        "2" == (await ProcessCredentials(other, account_id="1").retrieve()).account_id
    )
