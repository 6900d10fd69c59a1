"""The final dot of a host name is for the look-up alone, wherever the URL is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt import Client, Credentials, endpoint_resolver_from_url
from sagemaker_rt.http import Endpoint
from sagemaker_rt.sansio.endpoint_parameters import EndpointParameters
from tests.doubles import ScriptedHTTPClient, response

KEYS: Final = Credentials("AKID", "hush")
ROUTES: Final = [
    "option",
    "variable",
    "variable of the service",
    "profile",
    "resolver",
    "second resolver",
]


class Resolver:
    """Resolves every call to one URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def resolve_endpoint(self, _: EndpointParameters) -> Endpoint:
        return Endpoint(self._url)


def client_of(route: str, url: str, folder: Path, **options: Any) -> Client:
    """Return a client with the endpoint *url*, which is set by *route*."""
    environ: dict[str, str] = {}
    if route == "option":
        options["endpoint_url"] = url
    elif route == "variable":
        environ["AWS_ENDPOINT_URL"] = url
    elif route == "variable of the service":
        environ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = url
    elif route == "profile":
        (folder / "config").write_text(f"[default]\nendpoint_url = {url}\n")
        environ["AWS_CONFIG_FILE"] = str(folder / "config")
    elif route == "resolver":
        options["endpoint_resolver"] = endpoint_resolver_from_url(url)
    else:
        options["endpoint_resolver_v2"] = Resolver(url)
    return Client(
        region="us-east-1",
        credentials=KEYS,
        clock=lambda: 1_700_000_000.0,
        environ=environ,
        **options,
    )


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("port", ["", ":8443"])
async def test_the_dot_is_in_neither_host_nor_signature(
    route: str, port: str, tmp_path: Path
) -> None:
    http_client = ScriptedHTTPClient(response())
    urls: list[str] = []
    for host in ("a.example.", "a.example"):
        async with client_of(
            route, f"https://{host}{port}/p", tmp_path, http_client=http_client
        ) as client:
            call = client.request("InvokeEndpoint", endpoint_name="e", body=b"x")
            urls.append(await call.presign())
            if host.endswith("."):
                await client.invoke_endpoint(endpoint_name="e", body=b"x")

    (request,) = http_client.requests
    assert request.endpoint is not None
    assert f"a.example{port}" == request.endpoint.host
    assert request.url.startswith(f"https://a.example.{port}/p/")
    assert urls[0] == urls[1]
    assert urls[0].startswith(f"https://a.example{port}/p/")
