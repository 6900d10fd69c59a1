"""The default retryer and the default HTTP client, made from options."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Final

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.interfaces import HTTPClient, Retryer
from sagemaker_rt.options import Options, RetryOptions
from sagemaker_rt.sansio.retry import (
    RETRY_RULES,
    NopRetryer,
    RetryQuota,
    StandardRetryer,
)
from sagemaker_rt.transport.http_clients import new_http_client

if TYPE_CHECKING:
    from sagemaker_rt.sansio.stream_deadlines import StreamLimits
    from sagemaker_rt.streaming.duplex import DuplexClient
    from sagemaker_rt.transport.pooled_client import SSLContextLoader

__all__ = [
    "make_duplex_client",
    "make_http_client",
    "make_retryer",
    "require_client_options",
    "require_default_connections",
    "stream_limits",
]

_STANDARD_MAX_ATTEMPTS: Final = 3
_LEGACY_MAX_ATTEMPTS: Final = 4
_LEGACY_BASE_DELAY: Final = 0.3
_LEGACY_OPTIONS: Final = ("retry_base_delay", "retry_max_delay", "retry_jitter")
# options of a client that are not options of its HTTP client
_OTHER_CLIENT_OPTIONS: Final = frozenset({"environ", "http2_ssl_context", "profile"})
# options of connections that the default credentials providers use as well
_OPTIONS_OF_PROVIDERS: Final = frozenset(
    {
        *("proxy", "https_proxy", "http_proxy", "no_proxy"),
        *("ssl_context", "ca_bundle", "ca_directory"),
        *("client_cert", "client_key", "client_key_password"),
    }
)


def make_retryer(retry: RetryOptions, quota: RetryQuota) -> Retryer:
    """Return the retryer for *retry*; *quota* is shared by all calls of a client.

    Raises:
        OptionsError: An option belongs to another retry mode.
    """
    mode = retry.retry_mode or "standard"
    if retry.retryer is not None:
        return retry.retryer
    if mode == "legacy":
        return _legacy_retryer(retry)
    for name in _LEGACY_OPTIONS:
        if getattr(retry, name) is not None:
            message = f"{name} needs retry_mode='legacy'; the mode is {mode!r}"
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
    from sagemaker_rt.sansio.backoff import LegacyBackoff  # noqa: PLC0415 - if it is on

    delays = LegacyBackoff(
        chance=random.random,
        base_delay=retry.retry_base_delay or _LEGACY_BASE_DELAY,
        max_delay=retry.retry_max_delay,
        jitter=retry.retry_jitter or "none",
    )
    return StandardRetryer(
        RetryQuota(),  # the legacy rules cost nothing
        random.random,
        max_attempts=retry.max_attempts or _LEGACY_MAX_ATTEMPTS,
        rules=RETRY_RULES["legacy"],
        policy=retry.policy,
        custom_backoff=retry.custom_backoff or delays,
    )


def require_client_options(of_client: Options, of_call: Options) -> None:
    """Refuse options of a call that can only be set on the client.

    Raises:
        OptionsError: An option of a connection, ``environ`` or ``profile`` differs.
    """
    allowed = of_client.client_only()
    for name, value in of_call.client_only().items():
        if allowed[name] != value:
            message = f"{name} cannot be set per call; pass it to Client()"
            raise OptionsError(message)


def require_default_connections(of_client: Options) -> None:
    """Refuse options of connections that a custom HTTP client makes ineffective.

    Proxies and certificates are accepted if the default credentials providers use them,
    which is the case unless ``credentials`` are set.

    Args:
        of_client: The options of the client, without those of the environment. The
            environment is shared with other programs, and may have more than is used.

    Raises:
        OptionsError: An option of connections has no effect.
    """
    allowed = _OTHER_CLIENT_OPTIONS
    if of_client.credentials is None:
        allowed |= _OPTIONS_OF_PROVIDERS
    defaults = Options().client_only()
    for name, value in of_client.client_only().items():
        if name not in allowed and value != defaults[name]:
            message = (
                f"{name} has no effect on calls beside a custom http_client; set it on "
                f"that HTTP client, and remove {name}"
            )
            if hasattr(of_client.tls, name):
                message += (
                    "; streams in both directions take their certificates from "
                    "http2_ssl_context"
                )
            raise OptionsError(message)


def make_http_client(
    options: Options, load_ssl_context: SSLContextLoader
) -> HTTPClient:
    """Return a new HTTP client; the caller closes it.

    Args:
        load_ssl_context: Returns the context for the TLS options.

    Raises:
        OptionsError: The TLS options contradict each other; or ``http_client="native"``
            needs a library that is not installed.
    """
    options.tls.require_consistent()
    http = options.http
    name = http.http_client
    return new_http_client(
        name if isinstance(name, str) else "auto",
        max_connections=http.max_connections,
        max_connections_per_host=http.max_connections_per_host,
        keepalive_timeout=http.keepalive_timeout,
        tcp_keepalive=http.tcp_keepalive,
        expect_continue=http.expect_continue,
        continue_timeout=http.continue_timeout,
        proxy=http.proxies,
        ssl_context=load_ssl_context,
    )


def make_duplex_client(options: Options, ca_bundle_source: str = "") -> DuplexClient:
    """Return a new client for streams in both directions; the caller closes it.

    Args:
        ca_bundle_source: Where the option ``ca_bundle`` was found, for errors.

    Raises:
        OptionsError: The package `h2` is not installed.
    """
    try:
        # imports h2, which only this operation needs
        from sagemaker_rt.transport.http2_client import Http2Client  # noqa: PLC0415 - optional
    except ImportError as error:
        message = (
            "streams in both directions need the package h2; "
            "install sagemaker-rt[http2], or set duplex_client"
        )
        raise OptionsError(message) from error
    return Http2Client(
        partial(options.tls.http2_context, ca_bundle_source),
        proxies=options.http.proxies,
        tcp_keepalive=options.http.tcp_keepalive,
    )


def stream_limits(options: Options) -> StreamLimits:
    """Return the time limits of a stream in both directions."""
    from sagemaker_rt.sansio.stream_deadlines import StreamLimits  # noqa: PLC0415 - needed by streams only

    return StreamLimits(
        response=options.timeouts.read_timeout,
        write=options.timeouts.write_timeout,
        silence=options.streams.silence_timeout,
        ping_interval=options.streams.ping_interval,
        ping=options.streams.ping_timeout,
    )
