from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagemaker_rt.emulator import (
    HANG_UP,
    CutStream,
    Emulator,
    internal_failure,
    slow,
)
from tests.cli.running import (
    Result,
    assert_failed,
    run,
    run_in_subprocess,
    start,
    variables,
)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(models={"slow-endpoint": slow(60)}) as emulator:
        yield emulator


async def test_a_body_comes_from_the_argument(emulator: Emulator) -> None:
    result = await run(
        "invoke",
        "echo",
        "Hello",
        "--content-type=text/plain",
        "--custom-attributes=a=b",
        "--target-variant=AllTraffic",
        environ=variables(emulator),
    )

    assert Result(0, b"Hello", "") == result
    sent = emulator.requests[-1].headers
    assert ("text/plain", "a=b", "AllTraffic") == (
        sent["content-type"],
        sent["x-amzn-sagemaker-custom-attributes"],
        sent["x-amzn-sagemaker-target-variant"],
    )


async def test_a_body_comes_from_a_file(emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"\x00\xff")

    result = await run(
        "invoke", "echo", "--file", str(file), environ=variables(emulator)
    )

    assert Result(0, b"\x00\xff", "") == result


async def test_a_body_comes_from_standard_input(emulator: Emulator) -> None:
    result = await run_in_subprocess(
        "invoke", "echo", stdin=b"\x00\r\n\xff", environ=variables(emulator)
    )

    assert Result(0, b"\x00\r\n\xff", "") == result


async def test_verbose_prints_the_other_members_to_standard_error(
    emulator: Emulator,
) -> None:
    result = await run("invoke", "echo", "x", "--verbose", environ=variables(emulator))

    members = json.loads(result.err)
    assert b"x" == result.out
    assert 200 == members["metadata"]["http_status"]
    assert "body" not in members


async def test_a_stream_is_printed(emulator: Emulator) -> None:
    result = await run("stream", "tokens", "a b c", environ=variables(emulator))

    assert Result(0, b"a b c", "") == result


async def test_a_truncated_stream_is_printed_up_to_its_end(emulator: Emulator) -> None:
    emulator.fail_next(CutStream())

    result = await run("stream", "tokens", "a b c", environ=variables(emulator))

    assert 6 == result.code
    assert b"a " == result.out
    assert "TruncatedBodyError" in result.err
    assert "(the model may have run)" in result.err


async def test_an_async_call_can_wait_for_its_output(
    emulator: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "body"
    file.write_bytes(bytes(200_000))

    result = await run(
        "invoke-async",
        "echo",
        f"--file={file}",
        "--upload-to=s3://bucket/in",
        "--wait",
        "--timeout=60",
        environ=variables(emulator),
    )

    assert (0, bytes(200_000)) == (result.code, result.out)
    location = json.loads(result.err)["output_location"]
    assert bytes(200_000) == emulator.objects[location]


@pytest.mark.parametrize(
    ("endpoint", "arguments", "code", "text"),
    [
        ("failing", ["--wait"], 5, "AsyncInferenceError"),
        ("slow-endpoint", ["--wait", "--timeout=0"], 6, "AsyncJobTimeoutError"),
        ("echo", ["--timeout=1"], 2, "--timeout needs --wait"),
        ("echo", ["--upload-to=bucket"], 2, "'bucket' is not an S3 prefix"),
    ],
)
async def test_an_async_call_may_fail(
    emulator: Emulator, endpoint: str, arguments: list[str], code: int, text: str
) -> None:
    result = await run(
        "invoke-async", endpoint, "x", *arguments, environ=variables(emulator)
    )

    assert (code, b"") == (result.code, result.out)
    error = result.err.splitlines()[-1]
    assert error.startswith("sagemaker-rt: error: ")
    assert text in error


@pytest.mark.parametrize("seconds", ["-1", "nan", "1e10"])
async def test_an_invalid_timeout_is_refused_before_the_call(
    emulator: Emulator, seconds: str
) -> None:
    result = await run(
        "invoke-async",
        "echo",
        "x",
        "--wait",
        f"--timeout={seconds}",
        environ=variables(emulator),
    )

    assert 2 == result.code
    assert [] == [*emulator.requests]


@pytest.mark.parametrize(
    "input_arguments", [["text"], ["--input-location=s3://bucket/input"]]
)
async def test_an_async_call_prints_its_output_location(
    emulator: Emulator, input_arguments: list[str]
) -> None:
    emulator.objects["s3://bucket/input"] = b"text"

    result = await run(
        "invoke-async",
        "echo",
        *input_arguments,
        "--filename=f",
        environ=variables(emulator),
    )

    assert (0, "") == (result.code, result.err)
    location = json.loads(result.out)["output_location"]
    await emulator.finish_jobs()
    assert b"text" == emulator.objects[location]


async def test_an_invalid_endpoint_name_exits_with_2(emulator: Emulator) -> None:
    result = await run("invoke", "no/name", "x", environ=variables(emulator))

    assert_failed(result, 2, "'no/name'")
    assert 0 == len(emulator.requests)


async def test_an_unknown_command_exits_with_2() -> None:
    result = await run("invok", environ=variables())

    assert_failed(result, 2, 'Did you mean "invoke"?')


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ["echo", "x", "y"],
            "unexpected arguments: y (see sagemaker-rt invoke --help)",
        ),
        (["echo", "--no-verbose"], "Did you mean --verbose? (see sagemaker-rt invoke"),
        (["echo", "--http-client=curl"], '"auto", "native", "aiohttp"'),
    ],
)
async def test_invalid_arguments_exit_with_2(arguments: list[str], text: str) -> None:
    result = await run("invoke", *arguments, environ=variables())

    assert_failed(result, 2, text)


async def test_help_has_no_defaults_of_what_is_not_set() -> None:
    result = await run("invoke", "--help", environ=variables())

    assert 0 == result.code
    assert b"[default: auto]" in result.out
    assert b"[default: None]" not in result.out
    assert b"[default: False]" not in result.out


async def test_missing_credentials_exit_with_3(emulator: Emulator) -> None:
    environ = variables(emulator)
    del environ["AWS_ACCESS_KEY_ID"]

    result = await run("invoke", "echo", "x", environ=environ)

    assert_failed(result, 3, "CredentialsError")


async def test_a_wrong_secret_key_exits_with_4(emulator: Emulator) -> None:
    environ = variables(emulator, AWS_SECRET_ACCESS_KEY="wrong")

    result = await run_in_subprocess("invoke", "echo", "x", environ=environ)

    assert_failed(result, 4, "InvalidSignatureException: ")


async def test_a_failed_model_exits_with_5(emulator: Emulator) -> None:
    result = await run("invoke", "failing", "x", environ=variables(emulator))

    assert_failed(result, 5, "ModelError: ")


async def test_a_failed_service_exits_with_5(emulator: Emulator) -> None:
    emulator.fail_next(internal_failure())

    result = await run(
        "invoke", "echo", "x", "--max-attempts=1", environ=variables(emulator)
    )

    assert_failed(result, 5, "InternalFailure: ")


async def test_a_lost_connection_exits_with_6(emulator: Emulator) -> None:
    emulator.fail_next(HANG_UP)

    result = await run("invoke", "echo", "x", environ=variables(emulator))

    assert_failed(result, 6, "(the model may have run)")


async def test_an_interrupt_exits_with_130_and_prints_nothing(
    emulator: Emulator,
) -> None:
    process = await start("invoke", "slow-endpoint", "x", environ=variables(emulator))
    while not emulator.requests:  # noqa: ASYNC110 - another process sends it
        await asyncio.sleep(0.01)

    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()

    assert (130, b"", b"") == (process.returncode, out, err)
