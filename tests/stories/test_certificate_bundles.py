"""A configured CA bundle applies to the requests for credentials as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt import Client
from sagemaker_rt.errors import CredentialsError
from tests.doubles import ScriptedHTTPClient, response
from tests.transport.certificates import Authority
from tests.transport.servers import Server, reply, serve

CONFIG: Final = "[default]\nregion = eu-west-1\n"
DOCUMENT: Final = {
    "AccessKeyId": "ASIACONTAINER",
    "SecretAccessKey": "hush",
    "Token": "hush",
    "Expiration": "2100-01-01T00:00:00Z",
}
BUNDLES: Final[dict[str, tuple[str, dict[str, str], dict[str, Any]]]] = {
    "variable": (CONFIG, {"AWS_CA_BUNDLE": "{bundle}"}, {}),
    "variable with ~": (CONFIG, {"AWS_CA_BUNDLE": "~/authority.pem"}, {}),
    "variable of requests": (CONFIG, {"REQUESTS_CA_BUNDLE": "$HOME/authority.pem"}, {}),
    "profile": (f"{CONFIG}ca_bundle = {{bundle}}", {}, {}),
    "profile with ~": (f"{CONFIG}ca_bundle = ~/authority.pem", {}, {}),
    "option": (CONFIG, {}, {"ca_bundle": "{bundle}"}),
    "option with ~": (CONFIG, {}, {"ca_bundle": "~/authority.pem"}),
}
"""For each place of a CA bundle: config file, environment, options."""


def environment(home: Path, server: Server, text: str) -> dict[str, str]:
    """Return an environment with a config file and a container endpoint."""
    (home / "config").write_text(text)
    return {
        "HOME": str(home),
        "AWS_CONFIG_FILE": "~/config",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"https://127.0.0.1:{server.port}/keys",
    }


@pytest.mark.parametrize("place", BUNDLES)
async def test_a_ca_bundle_reaches_a_container_endpoint(
    tmp_path: Path, place: str
) -> None:
    text, variables, options = BUNDLES[place]
    authority = Authority(tmp_path)
    bundle = str(authority.file)
    answer = reply(json.dumps(DOCUMENT).encode())
    http_client = ScriptedHTTPClient(response())
    async with serve(answer, context=authority.server()) as server:
        environ = environment(tmp_path, server, text.format(bundle=bundle))
        environ |= {k: v.format(bundle=bundle) for k, v in variables.items()}
        options = {k: v.format(bundle=bundle) for k, v in options.items()}
        async with Client(
            http_client=http_client, environ=environ, **options
        ) as client:
            await client.invoke_endpoint(endpoint_name="a", body=b"")

    (request,) = http_client.requests
    assert "ASIACONTAINER" in request.headers["authorization"]


async def test_without_a_bundle_the_certificate_is_rejected(tmp_path: Path) -> None:
    async with serve(context=Authority(tmp_path).server()) as server:
        environ = environment(tmp_path, server, CONFIG)
        http_client = ScriptedHTTPClient(response())
        async with Client(http_client=http_client, environ=environ) as client:
            with pytest.raises(CredentialsError, match="certificate"):
                await client.invoke_endpoint(endpoint_name="a", body=b"")

    assert [] == http_client.requests


@pytest.mark.parametrize("name", ["config", "credentials"])
async def test_a_folder_in_place_of_a_shared_file_does_not_matter(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / ".aws" / name).mkdir(parents=True)
    environ = {
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "hush",
    }
    http_client = ScriptedHTTPClient(response())

    async with Client(
        region="eu-west-1", http_client=http_client, environ=environ
    ) as client:
        await client.invoke_endpoint(endpoint_name="a", body=b"")

    assert 1 == len(http_client.requests)
