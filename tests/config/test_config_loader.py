from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from sagemaker_rt.config.config import Config
from sagemaker_rt.config.config_loader import Groundwork
from sagemaker_rt.errors import OptionsError, ProfileNotFoundError
from sagemaker_rt.options import Options


def test_the_environment_is_that_of_the_process_unless_another_is_given() -> None:
    environ = {"AWS_REGION": "eu-west-1"}

    assert os.environ is Groundwork(Options()).environ
    assert environ is Groundwork(Options(environ=environ)).environ


async def test_files_are_read_once_however_many_calls_want_it(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("[default]\nregion = eu-west-1\n")
    groundwork = Groundwork(Options(environ={"AWS_CONFIG_FILE": str(file)}))

    await asyncio.gather(*(groundwork.configure() for _ in range(3)))
    first = groundwork.config
    file.write_text("[default]\nregion = eu-west-2\n")
    await groundwork.configure()

    assert groundwork.is_configured
    assert first is groundwork.config
    assert "eu-west-1" == groundwork.filled(Options()).region


async def test_what_is_known_already_is_not_read() -> None:
    given = Config({"AWS_REGION": "eu-west-1"})
    groundwork = Groundwork(Options(environ={"AWS_PROFILE": "not-there"}))

    await groundwork.configure(given)

    assert given is groundwork.config


async def test_files_that_cannot_be_read_are_tried_again() -> None:
    groundwork = Groundwork(Options(environ={"AWS_PROFILE": "not-there"}))

    for _ in range(2):
        with pytest.raises(ProfileNotFoundError):
            await groundwork.configure()

    assert not groundwork.is_configured


async def test_certificates_that_cannot_be_read_are_an_error_of_the_options(
    tmp_path: Path,
) -> None:
    bundle = str(tmp_path / "none.pem")
    groundwork = Groundwork(Options(ca_bundle=bundle, environ={}))

    with pytest.raises(OptionsError, match="ca_bundle"):
        await groundwork.configure()

    assert groundwork.ssl_context is None


def test_who_does_not_wait_for_files_reads_them_at_once(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("[default]\nregion = eu-west-1\nca_bundle = /ca.pem\n")
    groundwork = Groundwork(Options(environ={"AWS_CONFIG_FILE": str(file)}))

    assert "eu-west-1" == groundwork.filled(Options()).region
    assert "/ca.pem" == groundwork.of_connections.tls.ca_bundle
    assert groundwork.of_connections.region is None
