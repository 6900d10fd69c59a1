from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt import Client, Credentials
from sagemaker_rt.errors import CertificateError, OptionsError
from sagemaker_rt.options import Options
from sagemaker_rt.options.tls import TLSOptions
from tests.transport.certificates import self_signed
from tests.transport.servers import serve


def test_by_default_the_system_decides_whom_to_trust() -> None:
    assert TLSOptions().ssl_context is None


def test_a_context_is_taken_as_it_is() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    assert context is Options(ssl_context=context).tls.ssl_context


def test_a_path_is_no_context() -> None:
    with pytest.raises(OptionsError) as caught:
        TLSOptions(ssl_context="ca.pem")  # type: ignore[arg-type] # what is tested

    assert "ssl_context must be an object with a method wrap_bio(): 'ca.pem'" == str(
        caught.value
    )


async def test_a_bundle_is_trusted_instead_of_the_system(tmp_path: Path) -> None:
    server_context, _ = self_signed(tmp_path)
    bundle = str(tmp_path / "127.0.0.1.pem")
    fields: dict[str, Any] = {
        "region": "us-east-1",
        "credentials": Credentials("AKID", "hush"),
        "max_attempts": 1,
    }
    async with serve(context=server_context) as server:
        url = f"https://127.0.0.1:{server.port}"
        for options in (
            {"environ": {}, "ca_bundle": bundle},
            {"environ": {"AWS_CA_BUNDLE": bundle}},
        ):
            async with Client(endpoint_url=url, **fields | options) as client:
                answer = await client.invoke_endpoint(endpoint_name="m", body=b"")
            assert b"hello" == answer.body
        async with Client(endpoint_url=url, environ={}, **fields) as client:
            with pytest.raises(CertificateError):
                await client.invoke_endpoint(endpoint_name="m", body=b"")


def test_a_bundle_may_be_a_folder(tmp_path: Path) -> None:
    assert TLSOptions(ca_bundle=str(tmp_path)).context() is not None
    assert TLSOptions().context() is None


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_bundle_that_cannot_be_read_is_named(
    tmp_path: Path, text: str | None
) -> None:
    bundle = tmp_path / "ca.pem"
    if text is not None:
        bundle.write_text(text)

    with pytest.raises(OptionsError) as caught:
        TLSOptions(ca_bundle=str(bundle)).context()

    assert str(caught.value).startswith(f"ca_bundle {bundle} cannot be read: ")


def test_a_context_has_a_trust_of_its_own() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    with pytest.raises(OptionsError, match="ssl_context has its own trust; give it or"):
        TLSOptions(ssl_context=context, ca_bundle="/ca.pem").context()
