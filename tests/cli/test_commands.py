from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagemaker_rt import errors
from sagemaker_rt.cli.commands import exit_code
from sagemaker_rt.emulator import (
    HANG_UP,
    CutStream,
    Emulator,
    internal_failure,
    slow,
)
from tests.cli.running import Finished, run, run_alone, start, variables


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(models={"sleepy": slow(60)}) as emulator:
        yield emulator


def assert_failed(done: Finished, code: int, text: str) -> None:
    """Hold that *done* ended with *code*, and one line that says *text*."""
    assert (code, b"") == (done.code, done.out)
    assert 1 == len(done.err.splitlines())
    assert text in done.err
    assert done.err.startswith("sagemaker-rt: error: ")


async def test_a_body_comes_from_the_argument(emulator: Emulator) -> None:
    done = await run(
        "invoke",
        "echo",
        "Hello",
        "--content-type=text/plain",
        "--custom-attributes=a=b",
        "--target-variant=AllTraffic",
        environ=variables(emulator),
    )

    assert Finished(0, b"Hello", "") == done
    sent = emulator.requests[-1].headers
    assert ("text/plain", "a=b", "AllTraffic") == (
        sent["content-type"],
        sent["x-amzn-sagemaker-custom-attributes"],
        sent["x-amzn-sagemaker-target-variant"],
    )


async def test_a_body_comes_from_a_file(emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"\x00\xff")

    done = await run("invoke", "echo", "--file", str(file), environ=variables(emulator))

    assert Finished(0, b"\x00\xff", "") == done


async def test_a_body_comes_from_standard_input(emulator: Emulator) -> None:
    done = await run_alone(
        "invoke", "echo", stdin=b"\x00\r\n\xff", environ=variables(emulator)
    )

    assert Finished(0, b"\x00\r\n\xff", "") == done


async def test_what_is_known_of_an_answer_goes_to_standard_error(
    emulator: Emulator,
) -> None:
    done = await run("invoke", "echo", "x", "--verbose", environ=variables(emulator))

    facts = json.loads(done.err)
    assert b"x" == done.out
    assert 200 == facts["metadata"]["http_status"]
    assert "body" not in facts


async def test_a_stream_is_printed_to_its_end(emulator: Emulator) -> None:
    done = await run("stream", "tokens", "a b c", environ=variables(emulator))

    assert Finished(0, b"a b c", "") == done


async def test_what_came_of_a_cut_stream_is_printed(emulator: Emulator) -> None:
    emulator.fail_next(CutStream())

    done = await run("stream", "tokens", "a b c", environ=variables(emulator))

    assert 6 == done.code
    assert b"a " == done.out
    assert "TruncatedBodyError" in done.err
    assert "(the model may have run)" in done.err


@pytest.mark.parametrize("given", [["text"], ["--input-location=s3://bucket/input"]])
async def test_a_queued_call_prints_where_its_answer_will_be(
    emulator: Emulator, given: list[str]
) -> None:
    emulator.objects["s3://bucket/input"] = b"text"

    done = await run(
        "invoke-async", "echo", *given, "--filename=f", environ=variables(emulator)
    )

    assert (0, "") == (done.code, done.err)
    location = json.loads(done.out)["output_location"]
    await emulator.finish_jobs()
    assert b"text" == emulator.objects[location]


async def test_the_stack_is_printed() -> None:
    done = await run("stack", "InvokeEndpoint", environ=variables())

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith(b"initialize\n  OperationInputValidation\n")
    assert b"left out" in done.out


async def test_an_operation_that_is_none_is_wrong_input() -> None:
    done = await run("stack", "InvokeEndpont", environ=variables())

    assert_failed(done, 2, "did you mean 'InvokeEndpoint'?")


async def test_a_name_that_cannot_be_is_wrong_input(emulator: Emulator) -> None:
    done = await run("invoke", "no/name", "x", environ=variables(emulator))

    assert_failed(done, 2, "endpoint_name 'no/name' must match")
    assert 0 == len(emulator.requests)


async def test_a_command_that_is_none_is_wrong_input() -> None:
    done = await run("invok", environ=variables())

    assert (2, b"") == (done.code, done.out)
    assert "invok" in done.err
    assert "Traceback" not in done.err


async def test_without_credentials_nothing_begins(emulator: Emulator) -> None:
    environ = variables(emulator)
    del environ["AWS_ACCESS_KEY_ID"]

    done = await run("invoke", "echo", "x", environ=environ)

    assert_failed(done, 3, "CredentialsError: AWS_ACCESS_KEY_ID")


async def test_a_key_that_is_refused_is_the_services_no(emulator: Emulator) -> None:
    environ = variables(emulator, AWS_SECRET_ACCESS_KEY="wrong")

    done = await run_alone("invoke", "echo", "x", environ=environ)

    assert_failed(done, 4, "InvalidSignatureException (HTTP 403")


async def test_a_model_that_fails_is_told_from_a_refusal(emulator: Emulator) -> None:
    done = await run("invoke", "failing", "x", environ=variables(emulator))

    assert_failed(done, 5, "ModelError (HTTP 424")


async def test_a_service_that_fails_is_told_from_a_refusal(emulator: Emulator) -> None:
    emulator.fail_next(internal_failure())

    done = await run(
        "invoke", "echo", "x", "--max-attempts=1", environ=variables(emulator)
    )

    assert_failed(done, 5, "InternalFailure (HTTP 500")


async def test_an_answer_that_does_not_come_is_told_apart(emulator: Emulator) -> None:
    emulator.fail_next(HANG_UP)

    done = await run("invoke", "echo", "x", environ=variables(emulator))

    assert_failed(done, 6, "(the model may have run)")


async def test_an_interrupt_is_quiet(emulator: Emulator) -> None:
    process = await start("invoke", "sleepy", "x", environ=variables(emulator))
    while not emulator.requests:  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)

    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()

    assert (130, b"", b"") == (process.returncode, out, err)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.OptionsError("x"), 2),
        (errors.SerializationError("x"), 2),
        (errors.EndpointResolutionError("x"), 3),
        (errors.ConnectTimeoutError("x"), 3),
        (errors.ValidationError("x"), 4),
        (errors.ServiceUnavailable("x"), 5),
        (errors.RequestTimeoutError("x"), 6),
        (errors.CorruptMessageError("x"), 6),
    ],
)
def test_a_script_can_tell_failures_apart(
    error: errors.SageMakerRuntimeError, code: int
) -> None:
    assert code == exit_code(error)


async def test_what_is_configured_is_printed_with_its_place(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    file = tmp_path / ".aws" / "config"
    file.write_text("[default]\nregion = eu-west-1\n[profile p]\nregion = us-east-1\n")
    environ = variables(HOME=str(tmp_path), AWS_MAX_ATTEMPTS="2")

    plain = await run("config", environ=environ)
    other = await run("config", "--profile", "p", environ=environ)
    unknown = await run("config", "--profile", "q", environ=environ)

    assert plain.out.decode().splitlines() == [
        f"profile: default ({file}, {file.parent}/credentials)",
        f"region: eu-west-1 (region in {file}, line 2)",
        "max_attempts: 2 (environment variable AWS_MAX_ATTEMPTS)",
    ]
    assert f"region: us-east-1 (region in {file}, line 4)" in other.out.decode()
    assert_failed(unknown, 2, "profile 'q'")


async def test_it_is_printed_who_is_asked_for_credentials(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    keys = "aws_access_key_id = AKID\naws_secret_access_key = hush\n"
    (tmp_path / ".aws" / "credentials").write_text(f"[p]\n{keys}")
    environ = variables(HOME=str(tmp_path), AWS_ACCESS_KEY_ID="AKID")

    plain = await run("credentials", environ=environ)
    other = await run("credentials", "--profile", "p", environ=environ)

    assert b"environment: used\n" == plain.out
    lines = other.out.decode().splitlines()
    assert "environment: a profile was named in code" == lines[0]
    assert "shared files: used" == lines[-1]
    assert b"hush" not in other.out
