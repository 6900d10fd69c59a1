"""Random inputs and options, and their requests on a real connection."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from sagemaker_rt import Client, Credentials
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.connection_pool import CheckedConnector
from sagemaker_rt.transport.connection_socket import keepalive_socket
from tests.fuzz.mutation import BrokenRuleError, Chance, text
from tests.fuzz.strict_http import NotHTTPError, read_request

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.abc import ResolveResult

__all__ = ["Inputs", "check_request"]

_ATTRIBUTES: Final = "X-Amzn-SageMaker-Custom-Attributes"
# Header members by operation: the header and its usual values.
_UNARY: Final[Mapping[str, tuple[str, *tuple[str, ...]]]] = {
    "content_type": ("Content-Type", "application/json", "text/plain; charset=utf-8"),
    "accept": ("Accept", "application/json"),
    "custom_attributes": (_ATTRIBUTES, "a=b", "x" * 1024),
    "target_model": ("X-Amzn-SageMaker-Target-Model", "model.tar.gz"),
    "target_variant": ("X-Amzn-SageMaker-Target-Variant", "AllTraffic"),
    "inference_id": ("X-Amzn-SageMaker-Inference-Id", "id-1"),
    "session_id": ("X-Amzn-SageMaker-Session-Id", "NEW_SESSION", "abc"),
    "enable_explanations": ("X-Amzn-SageMaker-Enable-Explanations", "`true`"),
}
_ASYNC: Final[Mapping[str, tuple[str, *tuple[str, ...]]]] = {
    "content_type": ("X-Amzn-SageMaker-Content-Type", "application/json"),
    "accept": ("X-Amzn-SageMaker-Accept", "a/b"),
    "custom_attributes": (_ATTRIBUTES, "a=b"),
    "s3_output_path_extension": ("X-Amzn-SageMaker-S3OutputPathExtension", "a/b"),
    "filename": ("X-Amzn-SageMaker-Filename", "f.json"),
}
_KEYS: Final = (
    ("ASIA", "a/token+=="),
    ("ASIA", "a-token\r\nx-amz-other: x"),
    ("ASIA", "a-token\n"),
    ("AKID\r\n\r\nPOST / HTTP/1.1", None),
    ("AKID\0", None),
)
_CLIENT_HEADERS: Final = re.compile(
    rb"host|accept-encoding|content-(length|type)|authorization|user-agent|accept"
    rb"|x-amz-(date|content-sha256|security-token)|amz-sdk-(request|invocation-id)"
    rb"|proxy-authorization"
)
_RESPONSES: Final = {
    "invocations": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "async-invocations": b"HTTP/1.1 202 OK\r\nContent-Length: 2\r\n\r\n{}",
}
_PROXY_RESPONSE: Final = (
    b"HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


class _Server(asyncio.Protocol):
    """Stores received data, and responds to a complete request."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"\x16"):  # a TLS handshake, which is not read
            self._transport.close()
            return
        self._inputs.received += data
        try:
            method = read_request(self._inputs.received)[0]
        except NotHTTPError:
            return  # may be incomplete; otherwise the read timeout ends the case
        self._transport.write(
            _PROXY_RESPONSE if method == b"CONNECT" else self._inputs.response
        )


class _LoopbackClient(AiohttpClient):
    """Connects to one port on this machine for any host."""

    def __init__(self, port: int, proxy: str | None = None) -> None:
        super().__init__(proxy=proxy)
        self._port = port

    def _connector(self) -> aiohttp.TCPConnector:
        return _LoopbackConnector(self._port)


class _LoopbackConnector(CheckedConnector):
    def __init__(self, port: int) -> None:
        super().__init__(socket_factory=keepalive_socket)
        self._port = port

    async def _resolve_host(
        self, host: str, port: int, traces: Any = None
    ) -> list[ResolveResult]:
        del port, traces
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": self._port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
        ]


class Inputs:
    """A server with a strict parser; each case is one call to it."""

    def __init__(self) -> None:
        self.received = b""
        self.response = b""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Server(self), "127.0.0.1", 0)
        await self._stack.enter_async_context(server)
        self._port = server.sockets[0].getsockname()[1]
        self._direct = await self._stack.enter_async_context(
            _LoopbackClient(self._port)
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def __call__(self, chance: Chance) -> str:
        self.received = b""
        if not chance.is_rare(6):
            return await self._send(chance, self._direct, is_proxied=False)
        proxies = ("http://proxy:3128", "http://a:b@proxy", "https://p", "http://é")
        proxy = text(chance, *proxies)[:60]  # a longer label cannot be resolved
        async with _LoopbackClient(self._port, proxy) as http_client:
            return await self._send(chance, http_client, is_proxied=True)

    async def _send(
        self, chance: Chance, http_client: AiohttpClient, *, is_proxied: bool
    ) -> str:
        options = _options(chance)
        key_id, token = chance.choice(_KEYS) if chance.is_rare(4) else ("AKID", None)
        client = Client(
            http_client=http_client,
            credentials=Credentials(key_id, "a-secret", token),
            environ={},
            retry_mode="off",
            read_timeout=0.5,
            **options,
        )
        is_async = chance.is_rare(4)
        action = "async-invocations" if is_async else "invocations"
        name = text(chance, "my-endpoint", "m", "a" * 63)
        body = chance.choice((b"", b"{}", b"\0" * 300, text(chance, "body")))
        known = _ASYNC if is_async else _UNARY
        members: dict[str, Any] = {
            member: text(chance, *usual)
            for member, (_, *usual) in known.items()
            if chance.is_rare(4)
        }
        expected = {known[member][0]: value for member, value in members.items()}
        if token:
            expected["X-Amz-Security-Token"] = token
        self.response = _RESPONSES[action]
        call = client.invoke_endpoint_async if is_async else client.invoke_endpoint
        try:
            await call(endpoint_name=name, body=body, **members)
        finally:
            # After an error too, only complete requests may have been sent.
            if self.received:
                path = f"/endpoints/{name}/{action}"
                url = options.get("endpoint_url") or _service_url(options["region"])
                check_request(self.received, url, path, expected, body)
        return "sent by a proxy" if is_proxied else "sent"


def _options(chance: Chance) -> dict[str, Any]:
    options: dict[str, Any] = {
        "region": text(chance, "us-east-1", "eu-west-1"),
        "use_ssl": chance.is_rare(20),
    }
    if chance.is_rare(2):
        urls = ("http://127.0.0.1:1/p", "http://a.example/%2e", "http://[::1]:8")
        options["endpoint_url"] = text(chance, *urls)
        options["allow_insecure"] = True
    if chance.is_rare(3):
        options["app_id"] = text(chance, "my-app")
    return options


def _service_url(region: str) -> str:
    return f"https://runtime.sagemaker.{region.lower()}.amazonaws.com"


def check_request(
    data: bytes, url: str, path: str, expected: Mapping[str, str], body: bytes | str
) -> None:
    """Check that *data* is one request with these headers and this body.

    Args:
        url: The endpoint URL.
        path: The path of the operation.
        expected: Headers of members; no others are allowed except of the client.
    """
    try:
        method, target, headers, sent = read_request(data)
    except NotHTTPError as error:
        problem = f"{data!r} is not one request: {error!r}"
        raise BrokenRuleError(problem) from None
    parts = urlsplit(url)
    host = parts.netloc.encode()
    if method == b"CONNECT":
        if not re.fullmatch(rb"[0-9a-z._:\[\]-]+:[0-9]+", target):
            problem = f"{target!r} is not host:port"
            raise BrokenRuleError(problem)
        return
    prefix = parts.path.rstrip("/")
    targets = {f"{prefix}{path}".encode()}
    targets.add(b"http://" + headers[b"host"] + f"{prefix}{path}".encode())
    wanted = {n.lower().encode(): v.strip(" \t").encode() for n, v in expected.items()}
    problems = {
        "method": method != b"POST",
        "target": target not in targets,
        "host": headers[b"host"] != host,
        "headers": any(headers.get(n, b"") != value for n, value in wanted.items()),
        "more headers": any(
            n not in wanted and not _CLIENT_HEADERS.fullmatch(n) for n in headers
        ),
        "body": sent != (body.encode() if isinstance(body, str) else body),
    }
    if any(problems.values()):
        broken = [name for name, is_broken in problems.items() if is_broken]
        problem = f"{broken} of {data!r}, for {url!r} {path!r} {expected!r}"
        raise BrokenRuleError(problem)
