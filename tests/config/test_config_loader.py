from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.config.config import Config
from sagemaker_rt.config.config_loader import ConfigLoader
from sagemaker_rt.errors import OptionsError, ProfileNotFoundError
from sagemaker_rt.options import Options
from tests.transport.certificates import Authority


def test_the_default_environment_is_that_of_the_process() -> None:
    environ = {"AWS_REGION": "eu-west-1"}

    assert os.environ is ConfigLoader(Options()).environ
    assert environ is ConfigLoader(Options(environ=environ)).environ


async def test_files_are_read_once_for_concurrent_calls(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("[default]\nregion = eu-west-1\n")
    loader = ConfigLoader(Options(environ={"AWS_CONFIG_FILE": str(file)}))

    await asyncio.gather(*(loader.load() for _ in range(3)))
    first = loader.config
    file.write_text("[default]\nregion = eu-west-2\n")
    await loader.load()

    assert loader.is_loaded
    assert first is loader.config
    assert "eu-west-1" == loader.resolve(Options()).region


async def test_a_loaded_configuration_is_not_read_again() -> None:
    given = Config({"AWS_REGION": "eu-west-1"})
    loader = ConfigLoader(Options(environ={"AWS_PROFILE": "not-there"}))

    await loader.load(given)

    assert given is loader.config


async def test_a_failed_load_can_be_repeated() -> None:
    loader = ConfigLoader(Options(environ={"AWS_PROFILE": "not-there"}))

    for _ in range(2):
        with pytest.raises(ProfileNotFoundError):
            await loader.load()

    assert not loader.is_loaded


async def test_unreadable_certificates_are_an_options_error(
    tmp_path: Path,
) -> None:
    bundle = str(tmp_path / "none.pem")
    loader = ConfigLoader(Options(ca_bundle=bundle, environ={}))

    with pytest.raises(OptionsError, match="ca_bundle"):
        await loader.load()

    assert loader.ssl_context is None


async def test_certificates_are_read_once_and_only_for_tls(tmp_path: Path) -> None:
    bundle = str(Authority(tmp_path).file)
    fields: dict[str, Any] = {"ca_bundle": bundle, "environ": {}}
    loader = ConfigLoader(Options(endpoint_url="http://127.0.0.1:1", **fields))
    secure = ConfigLoader(Options(endpoint_url="https://127.0.0.1:1", **fields))

    await asyncio.gather(loader.load(), secure.load())
    before = loader.ssl_context
    contexts = await asyncio.gather(*(loader.load_ssl_context() for _ in range(3)))

    assert before is None
    assert secure.ssl_context is not None
    assert {loader.ssl_context} == set(contexts) != {None}


def test_options_resolve_without_load_by_reading_at_once(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("[default]\nregion = eu-west-1\nca_bundle = /ca.pem\n")
    loader = ConfigLoader(Options(environ={"AWS_CONFIG_FILE": str(file)}))

    assert "eu-west-1" == loader.resolve(Options()).region
    assert "/ca.pem" == loader.connection_options.tls.ca_bundle
    assert loader.connection_options.region is None
