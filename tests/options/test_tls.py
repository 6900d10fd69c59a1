from __future__ import annotations

import asyncio
import logging
import pickle
import ssl
import threading
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt import Client, Credentials
from sagemaker_rt.errors import CertificateError, OptionsError, TransportError
from sagemaker_rt.options import Options
from sagemaker_rt.options.tls import TLSOptions, _warn_once
from tests.transport.certificates import Authority, self_signed
from tests.transport.servers import Peer, Server, reply, serve

CONTEXT: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_by_default_there_is_no_custom_context() -> None:
    assert TLSOptions().ssl_context is None


def test_a_context_is_used_unchanged() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    assert context is Options(ssl_context=context).tls.ssl_context


def test_a_path_is_not_a_context() -> None:
    with pytest.raises(OptionsError, match="ssl_context"):
        TLSOptions(ssl_context="ca.pem")  # type: ignore[arg-type] # what is tested


async def test_a_bundle_replaces_the_certificates_of_the_system(tmp_path: Path) -> None:
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
def test_an_unreadable_bundle_is_named(tmp_path: Path, text: str | None) -> None:
    bundle = tmp_path / "ca.pem"
    if text is not None:
        bundle.write_text(text)

    with pytest.raises(OptionsError) as caught:
        TLSOptions(ca_bundle=str(bundle)).context()

    assert repr(str(bundle)) in str(caught.value)


PATHS: Final = ("ca_bundle", "ca_directory", "client_cert", "client_key")


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        *(
            ({"ssl_context": CONTEXT, name: "/a"}, ("ssl_context", name))
            for name in (*PATHS, "client_key_password")
        ),
        ({"ssl_context": CONTEXT, "verify_ssl": False}, ("ssl_context", "verify_ssl")),
        ({"client_key": "/a"}, ("client_key", "client_cert")),
        ({"client_key_password": "hush"}, ("client_key_password", "client_cert")),
        ({"ca_bundle": "/a", "verify_ssl": False}, ("ca_bundle", "verify_ssl")),
        ({"ca_directory": "/a", "verify_ssl": False}, ("ca_directory", "verify_ssl")),
    ],
    ids="-".join,
)
def test_contradicting_options_are_named(
    fields: dict[str, Any], names: tuple[str, str]
) -> None:
    with pytest.raises(OptionsError) as caught:
        TLSOptions(**fields).context()

    assert all(name in str(caught.value) for name in names)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [
        *({name: 1} for name in PATHS),
        {"verify_ssl": None},
    ],
)
def test_an_invalid_value_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        TLSOptions(**fields)

    name, value = next(iter(fields.items()))
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)


def test_a_password_of_a_wrong_type_is_not_shown() -> None:
    fields: dict[str, Any] = {"client_key_password": 1234}

    with pytest.raises(OptionsError) as caught:
        TLSOptions(**fields)

    assert "client_key_password" in str(caught.value)
    assert "1234" not in str(caught.value)


def test_a_password_is_neither_shown_nor_pickled() -> None:
    options = Options(client_cert="/a", client_key_password="hush")

    assert "hush" not in repr(options)
    with pytest.raises(TypeError, match="client_key_password"):
        pickle.dumps(options)


def test_equal_options_share_a_context_until_their_files_change(
    authority: Authority,
) -> None:
    certificate, key = authority.issue("client")
    options = TLSOptions(client_cert=str(certificate), client_key=str(key))
    again = TLSOptions(client_cert=str(certificate), client_key=str(key))

    first = options.context()
    assert first is again.context()
    authority.issue("client")

    assert first is not again.context()


def test_the_oldest_version_is_tls_1_2(authority: Authority) -> None:
    for options in (
        TLSOptions(ca_bundle=str(authority.file)),
        TLSOptions(verify_ssl=False),
    ):
        context = options.context()

        assert context is not None
        assert ssl.TLSVersion.TLSv1_2 == context.minimum_version


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    options = TLSOptions(ca_directory=str(tmp_path / "none"))

    with pytest.raises(OptionsError, match=r"ca_directory .*none"):
        options.context()


@pytest.mark.parametrize("password", [None, "wrong", "right"])
def test_an_encrypted_key_needs_its_password(
    authority: Authority, password: str | None
) -> None:
    certificate, key = authority.issue("client", password="right")
    options = TLSOptions(
        client_cert=str(certificate), client_key=str(key), client_key_password=password
    )

    if password == "right":
        assert options.context() is not options.context()
        return
    with pytest.raises(OptionsError) as caught:
        options.context()
    assert str(key) in str(caught.value)
    assert "wrong" not in str(caught.value)
    assert ("client_key_password" in str(caught.value)) == (password is None)


def test_a_certificate_without_a_key_is_named(authority: Authority) -> None:
    certificate, _ = authority.issue("client")

    with pytest.raises(OptionsError, match=r"client_cert .*client\.crt"):
        TLSOptions(client_cert=str(certificate)).context()


async def call(server: Server, **fields: Any) -> bytes:
    """Call *server* with these options, and return the response body."""
    async with Client(
        region="us-east-1",
        endpoint_url=f"https://127.0.0.1:{server.port}",
        credentials=Credentials("AKID", "hush"),
        max_attempts=1,
        **{"environ": {}, **fields},
    ) as client:
        answer = await client.invoke_endpoint(endpoint_name="m", body=b"")
        return answer.body


@pytest.mark.parametrize("name", ["ca_bundle", "ca_directory"])
async def test_bundle_and_directory_replace_the_certificates_of_the_system(
    authority: Authority, tmp_path: Path, name: str
) -> None:
    place = authority.file if name == "ca_bundle" else authority.directory()
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", name="other")

    async with serve(context=authority.server()) as server:
        assert b"hello" == await call(server, **{name: str(place)})
    async with serve(context=other.server()) as server:
        with pytest.raises(CertificateError):
            await call(server, **{name: str(place)})


async def test_bundle_and_directory_are_trusted_together(
    authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", name="other")
    fields = {"ca_bundle": str(other.file), "ca_directory": str(authority.directory())}

    for each in (authority, other):
        async with serve(context=each.server()) as server:
            assert b"hello" == await call(server, **fields)


async def test_options_for_trust_replace_the_bundle_of_the_environment(
    authority: Authority, tmp_path: Path
) -> None:
    environ = {"AWS_CA_BUNDLE": str(tmp_path / "none")}
    context = ssl.create_default_context(cafile=str(authority.file))

    async with serve(context=authority.server()) as server:
        for fields in (
            {"ssl_context": context},
            {"ca_directory": str(authority.directory())},
            {"verify_ssl": False},
        ):
            assert b"hello" == await call(server, environ=environ, **fields)


@pytest.mark.parametrize("kind", ["two files", "one file", "encrypted", "function"])
async def test_a_client_sends_its_certificate(authority: Authority, kind: str) -> None:
    password = "right" if kind in {"encrypted", "function"} else None
    certificate, key = authority.issue("client", password=password)
    fields: dict[str, Any] = {"client_cert": str(certificate), "client_key": str(key)}
    if kind == "one file":
        certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
        del fields["client_key"]
    elif password is not None:
        fields["client_key_password"] = (
            password if kind == "encrypted" else lambda: b"right"
        )
    seen: list[object] = []

    async def record(peer: Peer) -> None:
        seen.append(peer.writer.get_extra_info("peercert")["subject"])
        await peer.send(reply())

    async with serve(record, context=mutual(authority)) as server:
        assert b"hello" == await call(server, ca_bundle=str(authority.file), **fields)

    assert [((("commonName", "client"),),)] == seen


@pytest.mark.parametrize("kind", ["untrusted", "none"])
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
async def test_a_call_without_a_valid_client_certificate_fails(
    authority: Authority, tmp_path: Path, kind: str, version: str
) -> None:
    (tmp_path / "other").mkdir()
    certificate, key = Authority(tmp_path / "other", name="other").issue("client")
    fields = {"client_cert": str(certificate), "client_key": str(key)}
    context = mutual(authority)
    context.maximum_version = ssl.TLSVersion[version]

    async with serve(context=context) as server:
        with pytest.raises(TransportError) as caught:
            await call(
                server,
                ca_bundle=str(authority.file),
                **(fields if kind == "untrusted" else {}),
            )

    assert [] == server.requests
    assert caught.value.attempts == 1


def mutual(authority: Authority) -> ssl.SSLContext:
    """Return the context of a server that requires client certificates."""
    context = authority.server()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cafile=authority.file)
    return context


async def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    async with serve(context=authority.server(address="127.0.0.2")) as server:
        with pytest.raises(CertificateError, match=r"127\.0\.0\.1"):
            await call(server, ca_bundle=str(authority.file))


async def test_a_warning_is_logged_once_if_certificates_are_not_verified(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    _warn_once.cache_clear()
    async with (
        serve(context=authority.server(address="127.0.0.2")) as odd,
        serve(context=authority.server()) as server,
    ):
        for each in (odd, server):
            assert b"hello" == await call(each, verify_ssl=False)

    assert ["verify_ssl is False: certificates of servers are not verified"] == [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("sagemaker_rt") and record.levelno >= logging.WARNING
    ]


async def test_files_are_read_in_a_thread(authority: Authority) -> None:
    certificate, key = authority.issue("client", password="right")
    threads: list[int] = []

    def password() -> str:
        threads.append(threading.get_ident())
        return "right"

    async with serve(context=authority.server()) as server:
        client = Client(
            region="us-east-1",
            endpoint_url=f"https://127.0.0.1:{server.port}",
            credentials=Credentials("AKID", "hush"),
            environ={},
            ca_bundle=str(authority.file),
            client_cert=str(certificate),
            client_key=str(key),
            client_key_password=password,
        )
        async with client:
            client.stack("InvokeEndpoint")  # reads the shared files
            await asyncio.gather(
                *(client.invoke_endpoint(endpoint_name="m", body=b"") for _ in range(3))
            )

    assert 1 == len(threads)
    assert threading.get_ident() not in threads
