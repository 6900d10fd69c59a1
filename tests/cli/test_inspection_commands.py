from __future__ import annotations

from pathlib import Path

from tests.cli.running import assert_failed, run, variables


async def test_the_stack_is_printed() -> None:
    result = await run("stack", "InvokeEndpoint", environ=variables())

    assert (0, "") == (result.code, result.err)
    assert result.out.startswith(b"initialize\n  OperationInputValidation\n")
    assert b"left out" in result.out


async def test_an_unknown_operation_exits_with_2() -> None:
    result = await run("stack", "InvokeEndpont", environ=variables())

    assert_failed(result, 2, "'InvokeEndpoint'")


async def test_config_prints_values_and_their_sources(tmp_path: Path) -> None:
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


async def test_credentials_prints_the_provider_that_is_used(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    keys = "aws_access_key_id = AKID\naws_secret_access_key = hush\n"
    (tmp_path / ".aws" / "credentials").write_text(f"[p]\n{keys}")
    environ = variables(HOME=str(tmp_path), AWS_ACCESS_KEY_ID="AKID")

    plain = await run("credentials", environ=environ)
    other = await run("credentials", "--profile", "p", environ=environ)

    assert b"environment: used\n" == plain.out
    lines = other.out.decode().splitlines()
    assert "environment: a profile was named explicitly" == lines[0]
    assert "shared files: used" == lines[-1]
    assert b"hush" not in other.out
