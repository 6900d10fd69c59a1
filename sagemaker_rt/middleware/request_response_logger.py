"""Deserialize: log requests and responses, without bodies and secret headers."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from hashlib import sha256
from types import AsyncGeneratorType
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.http import Request, ResponseBody
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.observability.logger_errors import wrap_logger_errors
from sagemaker_rt.sansio.authorization_header import (
    AuthorizationError,
    parse_authorization,
)
from sagemaker_rt.sansio.sigv4 import canonical_request
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["RequestResponseLogger"]

_ANY_REQUEST: Final = LogMode.REQUEST | LogMode.REQUEST_WITH_BODY
_ANY_RESPONSE: Final = LogMode.RESPONSE | LogMode.RESPONSE_WITH_BODY

# credentials, sessions, and what callers may use for personal data
_SECRET_HEADERS: Final = frozenset(
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
    """Log each attempt to *logger* at DEBUG, as *mode* selects.

    Args:
        deprecated: Warnings about options, logged once per call.
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
            headers = _redacted(response.headers)
            self._log(ctx, "%s attempt %d: HTTP %d %s", response.status, headers)
        if LogMode.RESPONSE_WITH_BODY in self._mode:
            response.body = _MeasuredBody(
                response.body,
                lambda size: self._log(ctx, "%s attempt %d: body of %d bytes", size),
            )
        return output

    def _log(self, ctx: Context, message: str, *args: object) -> None:
        """Log *message*, which starts with operation and attempt."""
        with wrap_logger_errors(self._logger):
            self._logger.debug(message, ctx.operation, ctx.attempt, *args)

    def _log_request(self, ctx: Context, request: Request) -> None:
        # only in the first attempt: options do not change during a call
        if LogMode.DEPRECATED_USAGE in self._mode and ctx.attempt == 1:
            for usage in self._deprecated:
                with wrap_logger_errors(self._logger):
                    self._logger.debug("%s: deprecated: %s", ctx.operation, usage)
        if LogMode.SIGNING in self._mode:
            self._log(ctx, *_signature_facts(request))
        if self._mode & _ANY_REQUEST:
            facts = (request.method, request.url, _redacted(request.headers))
            if LogMode.REQUEST_WITH_BODY in self._mode:
                size = len(request.body)
                self._log(
                    ctx, "%s attempt %d: %s %s %s, body of %d bytes", *facts, size
                )
            else:
                self._log(ctx, "%s attempt %d: %s %s %s", *facts)


def _signature_facts(request: Request) -> tuple[str, ...]:
    """Return a log message about the signature of *request*, and its arguments."""
    header = request.headers.lower.get("authorization")
    if header is None:
        return ("%s attempt %d: not signed",)
    try:
        signature = parse_authorization(header)
    except AuthorizationError:
        return ("%s attempt %d: not signed by Signature Version 4",)
    # computed again: a custom signer does not keep its canonical request
    host = "" if request.endpoint is None else request.endpoint.host
    canonical = canonical_request(
        method=request.method,
        path=request.full_path,
        query=request.query,
        headers={"host": host, **request.headers},
        signed_headers=signature.signed_headers,
        payload_hash=request.payload_hash or "",
    )
    return (
        "%s attempt %d: signed %s for %s/%s/%s; the canonical request's SHA-256 is %s",
        ";".join(signature.signed_headers),
        signature.date,
        signature.region,
        signature.service,
        sha256(canonical.encode(errors="surrogatepass")).hexdigest(),
    )


def _redacted(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "[redacted]" if name in _SECRET_HEADERS else value
        for name, value in sorted(headers.items())
    }


class _MeasuredBody:
    """The response body *body*; *report* is called with its size at its end."""

    def __init__(self, body: ResponseBody, report: Callable[[int], None]) -> None:
        self._body = body
        self._report = report

    def read_nowait(self) -> bytes | None:
        """Return the whole body if it has been received already, else None."""
        body = self._body.read_nowait()
        if body is not None:
            self._report(len(body))
        return body

    async def read(self, limit: int) -> bytes:
        """Return the whole body."""
        body = await self._body.read(limit)
        self._report(len(body))
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
        self._report(size)

    def release(self) -> None:
        """Release the connection; it is closed if the body was not read to its end."""
        self._body.release()
