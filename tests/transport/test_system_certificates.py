from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from sagemaker_rt.errors import CertificateError
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.system_certificates import missing_certificates_hint
from tests.transport.certificates import Authority
from tests.transport.servers import serve


def untrusted(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("untrusted")
    error.verify_code = code
    return error


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return the file and the folder of the system's certificates; none exists."""
    file, folder = tmp_path / "ca.pem", tmp_path / "certificates"
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    return file, folder


@pytest.mark.parametrize("code", [18, 19, 20, 21])
def test_a_system_without_certificates_is_explained(
    code: int, paths: tuple[Path, Path]
) -> None:
    file, folder = paths
    assert "ca_bundle" in missing_certificates_hint(untrusted(code))

    file.touch()
    folder.mkdir()

    assert "certifi" in missing_certificates_hint(untrusted(code))


def test_a_system_with_certificates_is_not_mentioned(paths: tuple[Path, Path]) -> None:
    file, folder = paths
    folder.mkdir()
    (folder / "a.0").touch()
    assert "" == missing_certificates_hint(untrusted(20))

    (folder / "a.0").unlink()
    file.write_text("a certificate")

    assert "" == missing_certificates_hint(untrusted(20))


@pytest.mark.parametrize(
    "error", [None, OSError("x"), untrusted(10), untrusted(62)], ids=str
)
@pytest.mark.usefixtures("paths")
def test_other_errors_get_no_hint(error: BaseException | None) -> None:
    assert "" == missing_certificates_hint(error)


@pytest.mark.usefixtures("paths")
async def test_the_hint_is_in_the_error_of_a_request(tmp_path: Path) -> None:
    async with (
        serve(context=Authority(tmp_path).server()) as server,
        AiohttpClient() as client,
    ):
        request = Request(endpoint=Endpoint(f"https://127.0.0.1:{server.port}"))
        with pytest.raises(CertificateError, match="ca_bundle"):
            await client.send(request)
