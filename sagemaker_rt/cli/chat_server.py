"""The server of the chat page: passes prompts to an endpoint, and streams its text.

Only pages of this server may use it: requests with another host or origin are refused,
as they come from a page of another site that a browser on this machine shows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from sagemaker_rt.cli.failures import one_line
from sagemaker_rt.client import Client
from sagemaker_rt.errors import OptionsError, SageMakerRuntimeError
from sagemaker_rt.streaming.heartbeat import HEARTBEAT, with_heartbeat
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["ChatServer"]

_HOST: Final = "127.0.0.1"
_MAX_REQUEST: Final = 4 << 20  # bytes of a conversation
_PAGE: Final = (files("sagemaker_rt.cli") / "chat_page.html").read_text("utf-8")
_SECONDS_OF_SILENCE: Final = 5.0


def _hash_of(tag: str) -> str:
    """Return the hash of the page's only element *tag*, as a browser computes it."""
    (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", _PAGE, re.DOTALL)
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "connect-src 'self'",
        "img-src data:",
        f"script-src {_hash_of('script')}",
        f"style-src {_hash_of('style')}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class ChatServer:
    """An HTTP server on a loopback address, with the page and its two routes.

    Args:
        client: Makes the calls; the caller closes it.
        endpoint_name: Endpoint of a chat model that takes OpenAI's messages.
        every: Seconds of silence after which a comment is sent.
    """

    def __init__(
        self,
        client: Client,
        endpoint_name: str,
        *,
        every: float = _SECONDS_OF_SILENCE,
    ) -> None:
        self._client = client
        self._endpoint_name = endpoint_name
        self._every = every

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncGenerator[str]:
        """Listen in a block; the value is the URL of the page.

        Args:
            port: Port to listen on; 0 selects a free one.

        Raises:
            OptionsError: The port is not available.
        """
        runner = web.AppRunner(
            self._application(),
            access_log=None,
            handler_cancellation=True,  # a reader that goes away aborts the stream
            shutdown_timeout=1.0,
        )
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, _HOST, port).start()
            except (OSError, OverflowError) as error:
                message = f"the page cannot be served at port {port}: {error}"
                raise OptionsError(message) from error
            yield f"http://{_HOST}:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(
            client_max_size=_MAX_REQUEST, middlewares=[_refuse_other_sites]
        )
        application.router.add_get("/", self._page)
        application.router.add_get("/endpoint", self._endpoint)
        application.router.add_post("/chat", self._chat)
        return application

    async def _page(self, request: web.Request) -> web.Response:  # noqa: ARG002 - handler
        return web.Response(text=_PAGE, content_type="text/html", headers=_HEADERS)

    async def _endpoint(self, request: web.Request) -> web.Response:  # noqa: ARG002 - handler
        return web.json_response(self._endpoint_name, headers=_HEADERS)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        """Stream the reply to the messages in the request as server-sent events."""
        body = await _request_body(request)
        response = web.StreamResponse(
            headers={**_HEADERS, "Content-Type": "text/event-stream; charset=utf-8"}
        )
        try:
            async with self._client.invoke_endpoint_with_response_stream(
                endpoint_name=self._endpoint_name,
                body=body,
                content_type="application/json",
            ) as stream:
                await response.prepare(request)
                await self._write_events(response, stream)
        except SageMakerRuntimeError as error:
            if not response.prepared:
                return web.json_response(_failure(error), status=502, headers=_HEADERS)
            await _write_event(response, _failure(error), kind="error")
        return response

    async def _write_events(
        self, response: web.StreamResponse, stream: ResponseStream
    ) -> None:
        finish_reason, tokens = None, None
        async for delta in with_heartbeat(stream.iter_deltas(), every=self._every):
            if delta is HEARTBEAT:
                await _write(response, ": no text yet\n\n")
                continue
            finish_reason = delta.finish_reason or finish_reason
            if delta.usage is not None:
                tokens = delta.usage.completion_tokens
            if delta.text:
                await _write_event(response, {"text": delta.text})
        end = {"finish_reason": finish_reason, "completion_tokens": tokens}
        await _write_event(response, end, kind="done")


@web.middleware
async def _refuse_other_sites(
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Refuse requests that a page of another site makes.

    Its origin is not that of this server. Its host is, unless the name of the other
    site was made to resolve to this machine.
    """
    is_own_host = request.url.host in {_HOST, "localhost"}
    origin = request.headers.get("Origin")
    if not is_own_host or origin not in {None, f"http://{request.host}"}:
        raise web.HTTPForbidden(text="Open the page at the address that was printed.")
    return await handler(request)


async def _request_body(request: web.Request) -> str:
    """Return the request to the model.

    Raises:
        web.HTTPBadRequest: The body is not a JSON object with messages.
    """
    try:
        document = json.loads(await request.read())
        messages = document["messages"]
    except (ValueError, RecursionError, TypeError, LookupError) as error:
        raise web.HTTPBadRequest(text="The body has no messages.") from error
    return json.dumps(
        {
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    )


def _failure(error: SageMakerRuntimeError) -> dict[str, Any]:
    reason = getattr(error, "reason", None)
    text = one_line(error)
    return {"message": f"{text} ({reason})" if reason else text, "reason": reason}


async def _write_event(
    response: web.StreamResponse, data: Mapping[str, Any], *, kind: str | None = None
) -> None:
    head = f"event: {kind}\n" if kind else ""
    await _write(response, f"{head}data: {json.dumps(data)}\n\n")


async def _write(response: web.StreamResponse, text: str) -> None:
    # the reader has gone away: the handler is about to be cancelled
    with suppress(ConnectionError):
        await response.write(text.encode())
