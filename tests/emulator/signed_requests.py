"""Signed requests by hand, to send the emulator what no client would."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from hashlib import sha256
from io import BytesIO
from urllib.parse import urlsplit

import aiohttp
import yarl
from attrs import frozen

from sagemaker_rt.emulator import Emulator, ReceivedRequest
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio import sigv4

KEYS = Credentials("AKIAEXAMPLE", "not-much-of-a-secret")
NOW = 1_700_000_000.0
INVOCATIONS = "/endpoints/echo/invocations"
STREAM = "/endpoints/echo/invocations-response-stream"
ASYNC = "/endpoints/echo/async-invocations"


@frozen
class Signing:
    """The parameters of a signature; by default they are valid."""

    credentials: Credentials = KEYS
    region: str = "us-east-1"
    service: str = "sagemaker"
    now: float = NOW
    scope_date: str | None = None
    unsigned: Collection[str] = ()
    claimed: Collection[str] = ()
    """Names that are listed as signed headers, but are not sent."""

    def apply(self, request: ReceivedRequest) -> dict[str, str]:
        """Return the headers of *request*, and those of its signature."""
        date = sigv4.amz_date(self.now)
        headers = {**request.headers, "x-amz-date": date}
        if self.credentials.session_token is not None:
            headers["x-amz-security-token"] = self.credentials.session_token
        names = sorted({*headers, *self.claimed} - set(self.unsigned))
        payload_hash = sha256(request.body).hexdigest()
        canonical = sigv4.canonical_request(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=headers,
            signed_headers=names,
            payload_hash=headers.get("x-amz-content-sha256", payload_hash),
            normalize=self.service != "s3",
        )
        day = self.scope_date or date[:8]
        text = sigv4.string_to_sign(
            canonical, amz_date=date, region=self.region, service=self.service
        )
        key = sigv4.signing_key(
            self.credentials.secret_access_key,
            date=day,
            region=self.region,
            service=self.service,
        )
        scope = f"{day}/{self.region}/{self.service}/aws4_request"
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.credentials.access_key_id}/{scope}, "
            f"SignedHeaders={';'.join(names)}, Signature={sigv4.signature(key, text)}"
        )
        return headers


def received(  # noqa: PLR0913 - every field has a default
    path: str = INVOCATIONS,
    body: bytes = b"",
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    operation: str = "InvokeEndpoint",
    endpoint_name: str | None = "echo",
) -> ReceivedRequest:
    """Return an unsigned request as the emulator receives it."""
    return ReceivedRequest(
        operation=operation,
        endpoint_name=endpoint_name,
        method=method,
        path=path,
        headers={"host": "localhost", **(headers or {})},
        body=body,
        body_length=len(body),
    )


@frozen
class Response:
    """A response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def signed(  # noqa: PLR0913 - every field has a default
    emulator: Emulator,
    path: str,
    body: bytes = b"",
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    signing: Signing | None = None,
) -> dict[str, str]:
    """Return the headers of a signed request to *emulator*."""
    host = urlsplit(emulator.url).netloc
    request = received(path, body, method=method, headers=headers)
    request = ReceivedRequest(
        operation="",
        method=method,
        path=path,
        headers={**request.headers, "host": host},
        body=body,
        body_length=len(body),
    )
    service = "s3" if path.startswith("/s3") else "sagemaker"
    signing = signing or Signing(
        emulator.credentials, emulator.region, service, emulator._clock()
    )
    return signing.apply(request)


async def send(  # noqa: PLR0913 - every field has a default
    emulator: Emulator,
    path: str = INVOCATIONS,
    body: bytes = b"",
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    signing: Signing | None = None,
) -> Response:
    """Send a signed request, and return the response."""
    signed_headers = signed(
        emulator, path, body, method=method, headers=headers, signing=signing
    )
    url = yarl.URL(emulator.url + path, encoded=True)
    async with (
        aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as session,
        session.request(
            method,
            url,
            data=BytesIO(body),
            headers=signed_headers,
            allow_redirects=False,
        ) as response,
    ):
        content = await response.read()
        lower = {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status, lower, content)


async def send_raw(
    emulator: Emulator,
    path: str = INVOCATIONS,
    body: bytes = b"",
    *,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Send a signed request, and return all bytes until the connection is closed.

    Raises:
        ConnectionResetError: The emulator reset the connection.
    """
    headers = {"connection": "close", **(headers or {})}
    signed_headers = signed(emulator, path, body, headers=headers)
    parts = urlsplit(emulator.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        lines = [
            f"POST {path} HTTP/1.1",
            *(f"{k}: {v}" for k, v in signed_headers.items()),
        ]
        lines += [f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        return await reader.read()
    finally:
        writer.close()
