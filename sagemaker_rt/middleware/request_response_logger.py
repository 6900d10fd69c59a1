"""Deserialize: log what goes over the wire, without its secrets."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from hashlib import sha256
from types import AsyncGeneratorType
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.http import Request, ResponseBody
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.sansio.authorization_header import (
    AuthorizationError,
    parse_authorization,
)
from sagemaker_rt.sansio.sigv4 import canonical_request
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["RequestResponseLogger"]


_ANY_REQUEST: Final = LogMode.REQUEST | LogMode.REQUEST_WITH_BODY
_ANY_RESPONSE: Final = LogMode.RESPONSE | LogMode.RESPONSE_WITH_BODY

_SECRET: Final = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "x-amz-security-token",
        "x-amzn-sagemaker-custom-attributes",
    }
)


class RequestResponseLogger:
    """Log to *logger* what *mode* asks for; bodies and secret headers never.

    Args:
        deprecated: What there is to say of the call's options.
    """

    def __init__(
        self, mode: LogMode, logger: logging.Logger, deprecated: tuple[str, ...] = ()
    ) -> None:
        self._mode = mode
        self._logger = logger
        self._deprecated = deprecated

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        self._log_request(ctx, input.request)
        output = await next(ctx, input)
        response = output.response
        if response is None:
            return output
        if self._mode & _ANY_RESPONSE:
            shown = _shown(response.headers)
            self._log(ctx, "%s attempt %d: HTTP %d %s", response.status, shown)
        if LogMode.RESPONSE_WITH_BODY in self._mode:
            response.body = _Measured(
                response.body,
                lambda size: self._log(ctx, "%s attempt %d: body of %d bytes", size),
            )
        return output

    def _log(self, ctx: Context, message: str, *args: object) -> None:
        """Log *message*, which begins with operation and attempt."""
        self._logger.debug(message, ctx.operation, ctx.attempt, *args)

    def _log_request(self, ctx: Context, request: Request) -> None:
        if LogMode.DEPRECATED_USAGE in self._mode and ctx.attempt == 1:
            for usage in self._deprecated:
                self._logger.debug("%s: deprecated: %s", ctx.operation, usage)
        if LogMode.SIGNING in self._mode:
            self._log(ctx, *_signed(request))
        if self._mode & _ANY_REQUEST:
            shown = (request.method, request.url, _shown(request.headers))
            if LogMode.REQUEST_WITH_BODY in self._mode:
                size = len(request.body)
                self._log(
                    ctx, "%s attempt %d: %s %s %s, body of %d bytes", *shown, size
                )
            else:
                self._log(ctx, "%s attempt %d: %s %s %s", *shown)


def _signed(request: Request) -> tuple[str, ...]:
    """Return what is signed of *request*, as a message and its arguments."""
    header = request.headers.lower.get("authorization")
    if header is None:
        return ("%s attempt %d: not signed",)
    try:
        said = parse_authorization(header)
    except AuthorizationError:
        return ("%s attempt %d: signed, and not by Signature Version 4",)
    host = "" if request.endpoint is None else request.endpoint.host
    canonical = canonical_request(
        method=request.method,
        path=request.full_path,
        query=request.query,
        headers={"host": host, **request.headers},
        signed_headers=said.signed_headers,
        payload_hash=request.payload_hash or "",
    )
    return (
        "%s attempt %d: signed %s for %s/%s/%s; the canonical request's SHA-256 is %s",
        ";".join(said.signed_headers),
        said.date,
        said.region,
        said.service,
        sha256(canonical.encode(errors="surrogatepass")).hexdigest(),
    )


def _shown(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "[redacted]" if name in _SECRET else value
        for name, value in sorted(headers.items())
    }


class _Measured:
    """A *body* whose size is told when it has been read to its end."""

    def __init__(self, body: ResponseBody, tell: Callable[[int], None]) -> None:
        self._body = body
        self._tell = tell

    def read_nowait(self) -> bytes | None:
        """Return the whole body if it has arrived already, else None."""
        body = self._body.read_nowait()
        if body is not None:
            self._tell(len(body))
        return body

    async def read(self, limit: int) -> bytes:
        """Return the whole body."""
        body = await self._body.read(limit)
        self._tell(len(body))
        return body

    async def iter_chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives."""
        size, chunks = 0, self._body.iter_chunks()
        try:
            async for chunk in chunks:
                size += len(chunk)
                yield chunk
        finally:
            if isinstance(chunks, AsyncGeneratorType):
                await chunks.aclose()
        self._tell(size)

    def release(self) -> None:
        """Give the connection back if the body was read to its end, else abort it."""
        self._body.release()
