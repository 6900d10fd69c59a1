"""Certificate files are read when the first connection by TLS needs them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from sagemaker_rt import Client, Credentials, with_options
from sagemaker_rt.errors import OptionsError
from tests.stories.http_clients import CHOSEN, each_http_client
from tests.transport.certificates import Authority
from tests.transport.servers import Server, serve

__all__ = ["each_http_client"]

CREDENTIALS: Final = Credentials("AKID", "hush")
VARIABLES: Final = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


def url(server: Server, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{server.port}"


@pytest.fixture(params=["missing", "broken"])
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    file = tmp_path / "authorities.pem"
    if request.param == "broken":
        file.write_text("not a certificate")
    return str(file)


def client_of(server: Server, **environ: str) -> Client:
    return Client(
        region="eu-west-1",
        endpoint_url=url(server),
        credentials=CREDENTIALS,
        environ=environ,
        **CHOSEN,
    )


@pytest.mark.parametrize("variable", VARIABLES)
async def test_plain_calls_do_not_read_certificate_files(
    unusable: str, variable: str
) -> None:
    async with serve() as server, client_of(server, **{variable: unusable}) as client:
        output = await client.invoke_endpoint(endpoint_name="a", body=b"")

    assert b"hello" == output.body


@pytest.mark.parametrize("variable", VARIABLES)
async def test_the_first_tls_connection_reads_certificate_files(
    tmp_path: Path, variable: str
) -> None:
    authority = Authority(tmp_path)
    environ = {variable: str(authority.file)}
    async with (
        serve() as plain,
        serve(context=authority.server()) as secure,
        client_of(plain, **environ) as client,
    ):
        to_secure = with_options(endpoint_url=url(secure, "https"))
        await client.invoke_endpoint(endpoint_name="a", body=b"")
        output = await client.invoke_endpoint(to_secure, endpoint_name="a", body=b"")
        authority.file.unlink()
        again = await client.invoke_endpoint(to_secure, endpoint_name="a", body=b"")

    assert b"hello" == output.body == again.body
    assert 1 == len(plain.requests)
    assert 2 == len(secure.requests)


async def test_a_later_call_by_tls_names_an_unusable_file(unusable: str) -> None:
    async with (
        serve() as plain,
        serve() as secure,
        client_of(plain, AWS_CA_BUNDLE=unusable) as client,
    ):
        to_secure = with_options(endpoint_url=url(secure, "https"))
        await client.invoke_endpoint(endpoint_name="a", body=b"")
        with pytest.raises(OptionsError) as caught:
            await client.invoke_endpoint(to_secure, endpoint_name="a", body=b"")

    assert unusable in str(caught.value)
    assert "AWS_CA_BUNDLE" in str(caught.value)
    assert 1 == caught.value.attempts
    assert not caught.value.request_sent
    assert 0 == secure.connections


async def test_a_client_for_tls_names_an_unusable_file_before_any_request(
    unusable: str,
) -> None:
    asked = []

    class Provider:
        async def retrieve(self) -> Credentials:
            asked.append(True)
            return CREDENTIALS

    async with Client(
        region="eu-west-1",
        credentials=Provider(),
        environ={"AWS_CA_BUNDLE": unusable},
        **CHOSEN,
    ) as client:
        with pytest.raises(OptionsError, match="AWS_CA_BUNDLE"):
            await client.invoke_endpoint(endpoint_name="a", body=b"")

    assert [] == asked
