"""From options to the parts that live: what decides about retries, and what sends."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from sagemaker_rt.context import ENDPOINT, Context, Metadata
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.interfaces import HTTPClient, Retryer
from sagemaker_rt.options import Options, RetryOptions
from sagemaker_rt.sansio.backoff import LegacyBackoff
from sagemaker_rt.sansio.retry import (
    RETRY_RULES,
    NopRetryer,
    RetryQuota,
    StandardRetryer,
)
from sagemaker_rt.stack import DeserializeInput, Output, Send

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["changed", "make_http_client", "make_retryer", "send_by"]

_STANDARD_MAX_ATTEMPTS: Final = 3
_LEGACY_MAX_ATTEMPTS: Final = 4
_LEGACY_BASE_DELAY: Final = 0.3
_LEGACY_OPTIONS: Final = ("retry_base_delay", "retry_max_delay", "retry_jitter")


def make_retryer(retry: RetryOptions, quota: RetryQuota) -> Retryer:
    """Return what decides about further attempts; *quota* is the client's.

    Raises:
        OptionsError: An option is of another retry mode.
    """
    mode = retry.retry_mode or "standard"
    if retry.retryer is not None:
        return retry.retryer
    if mode == "legacy":
        return _legacy_retryer(retry)
    for name in _LEGACY_OPTIONS:
        if getattr(retry, name) is not None:
            message = f"{name} is of retry_mode='legacy'; the mode is {mode!r}"
            raise OptionsError(message)
    if mode == "off":
        return NopRetryer()
    return StandardRetryer(
        quota,
        random.random,
        max_attempts=retry.max_attempts or _STANDARD_MAX_ATTEMPTS,
        rules=RETRY_RULES[retry.retry_rules or "2026"],
        policy=retry.policy,
        custom_backoff=retry.custom_backoff,
    )


def _legacy_retryer(retry: RetryOptions) -> StandardRetryer:
    delays = LegacyBackoff(
        chance=random.random,
        base_delay=retry.retry_base_delay or _LEGACY_BASE_DELAY,
        max_delay=retry.retry_max_delay,
        jitter=retry.retry_jitter or "none",
    )
    return StandardRetryer(
        RetryQuota(),  # which this mode takes nothing from
        random.random,
        max_attempts=retry.max_attempts or _LEGACY_MAX_ATTEMPTS,
        rules=RETRY_RULES["legacy"],
        policy=retry.policy,
        custom_backoff=retry.custom_backoff or delays,
    )


def changed(of_client: Options, of_call: Options) -> list[str]:
    """Return what differs of that which connections and environment were made of."""
    ours, theirs = _settled(of_client), _settled(of_call)
    return [name for name, value in ours.items() if theirs[name] != value]


def _settled(options: Options) -> dict[str, object]:
    """Return what the client's connections and its environment were made of."""
    http = options.http
    return {
        "max_connections": http.max_connections,
        "max_connections_per_host": http.max_connections_per_host,
        "keepalive_timeout": http.keepalive_timeout,
        "tcp_keepalive": http.tcp_keepalive,
        "expect_continue": http.expect_continue,
        "continue_timeout": http.continue_timeout,
        "proxy": http.proxy,
        "https_proxy": http.https_proxy,
        "http_proxy": http.http_proxy,
        "no_proxy": http.no_proxy,
        "ssl_context": options.tls.ssl_context,
        "ca_bundle": options.tls.ca_bundle,
        "ca_directory": options.tls.ca_directory,
        "client_cert": options.tls.client_cert,
        "client_key": options.tls.client_key,
        "client_key_password": options.tls.client_key_password,
        "verify_ssl": options.tls.verify_ssl,
        "environ": options.environ,
        "profile": options.profile,
    }


def make_http_client(
    options: Options, ssl_context: SSLContext | None = None
) -> HTTPClient:
    """Return the client's own connections; what made it closes it.

    Args:
        ssl_context: What the options for TLS make, if it is there already.

    Raises:
        OptionsError: Those options contradict each other, or name what cannot be read.
    """
    # aiohttp costs three times what asyncio does to import
    from sagemaker_rt.transport.aiohttp_client import (  # noqa: PLC0415 - when it is needed
        AiohttpClient,
    )

    http = options.http
    return AiohttpClient(
        max_connections=http.max_connections,
        max_connections_per_host=http.max_connections_per_host,
        keepalive_timeout=http.keepalive_timeout,
        tcp_keepalive=http.tcp_keepalive,
        expect_continue=http.expect_continue,
        continue_timeout=http.continue_timeout,
        proxy=http.proxies,
        ssl_context=ssl_context or options.tls.context(),
    )


def send_by(http_client: HTTPClient) -> Send:
    """Return the innermost handler, which waits for *http_client*."""
    exchange = http_client.send

    async def send(_: Context, input: DeserializeInput) -> Output:
        request = input.request
        metadata = Metadata()
        if request.endpoint is not None:
            metadata[ENDPOINT] = request.endpoint
        return Output(None, await exchange(request), metadata)

    return send
