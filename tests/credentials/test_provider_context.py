from __future__ import annotations

from pathlib import Path

import pytest

from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.transport.pooled_client import PooledClient
from tests.credentials.services import make_context


def test_aws_paths_are_in_the_home_folder() -> None:
    assert Path("/h/.aws/sso/a") == make_context(HOME="/h").aws_path("sso", "a")
    assert Path("/u/.aws/x") == make_context(USERPROFILE="/u").aws_path("x")
    with pytest.raises(CredentialsError, match="HOME"):
        make_context().aws_path("sso", "a")


def test_paths_are_expanded() -> None:
    context = make_context(HOME="/h", DIR="/d")

    assert Path("/h/token") == context.path("~/token")
    assert Path("/d/token") == context.path("$DIR/token")


async def test_certificates_are_only_read_for_tls() -> None:
    read: list[bool] = []
    context = ProviderContext(environ={}, make_ssl_context=lambda: read.append(True))

    context.http_client(is_local=True, uses_tls=False)
    assert [] == read
    context.http_client(is_local=True)
    assert [True] == read


async def test_each_request_has_a_new_client() -> None:
    context = ProviderContext(environ={"SECRET": "hush"})

    client = context.make_http_client()

    assert isinstance(client, PooledClient)
    assert client is not context.make_http_client()
    assert "hush" not in repr(context)


async def test_a_client_for_public_services_may_use_a_proxy() -> None:
    context = ProviderContext(environ={}, proxies=Proxies(http="http://me:hush@a:1"))

    clients = [context.http_client(is_local=is_local) for is_local in (True, False)]

    assert all(isinstance(client, PooledClient) for client in clients)
    assert "hush" not in repr(context)
