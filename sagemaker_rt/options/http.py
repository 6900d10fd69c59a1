"""Options for HTTP and connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import Attribute, field, frozen
from attrs.validators import optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.interfaces import HTTPClient, HTTPClientName
from sagemaker_rt.options.checks import (
    has_method,
    instance_of,
    is_bool,
    not_negative,
    one_of,
    positive,
    seconds,
)
from sagemaker_rt.options.scope import CLIENT_ONLY
from sagemaker_rt.sansio.proxy_environment import PROXY_FORM, proxy_url, shown_proxy
from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from sagemaker_rt.sansio.proxy_selection import Proxies

__all__ = ["HTTPOptions"]


def _with_scheme(value: str | None) -> str | None:
    """Return the URL of a proxy with its scheme; an invalid value is unchanged."""
    if not isinstance(value, str):
        return value
    try:
        return proxy_url(value)
    except ValueError:
        return value


def _is_proxy_url(instance: object, attribute: Attribute[Any], value: Any) -> None:
    instance_of(str)(instance, attribute, value)
    try:
        proxy_url(value)
    except ValueError as error:
        shown = shown_proxy(value)
        message = f"{attribute.name} must be {PROXY_FORM}: {shown}: {error}"
        raise OptionsError(message) from None


def _auto_if_none(
    value: HTTPClient | HTTPClientName | None,
) -> HTTPClient | HTTPClientName:
    return "auto" if value is None else value


def _is_http_client(instance: object, attribute: Attribute[Any], value: Any) -> None:
    if isinstance(value, str):
        one_of("auto", "native", "aiohttp")(instance, attribute, value)
    else:
        has_method("send")(instance, attribute, value)


@frozen(kw_only=True, eq=False, repr=False)
class HTTPOptions(FrozenValue):
    """Options for HTTP.

    *http_client*, *max_redirects* and *max_response_bytes* can be set per call. The
    others are set on the client, which makes its connections from them.
    """

    http_client: HTTPClient | HTTPClientName = field(
        default="auto", converter=_auto_if_none, validator=_is_http_client
    )
    """The HTTP client: ``native`` or ``aiohttp`` for the client's own connections, or a
    custom one, which the caller closes. ``native`` needs ``sagemaker-rt[fast]``;
    ``auto`` is the best one that is installed. A custom one has its own options of
    connections: those of the client are refused beside it."""
    max_connections: int = field(default=256, validator=positive, metadata=CLIENT_ONLY)
    """The maximum number of open connections. Further calls wait for a free one."""
    max_connections_per_host: int = field(
        default=0, validator=not_negative, metadata=CLIENT_ONLY
    )
    """The maximum number of open connections to one host and port; 0 means no such
    limit."""
    keepalive_timeout: float = field(
        default=10.0, validator=seconds, metadata=CLIENT_ONLY
    )
    """Seconds for which an idle connection is kept."""
    tcp_keepalive: bool = field(default=True, validator=is_bool, metadata=CLIENT_ONLY)
    """Whether TCP keep-alive probes are sent after 30 s without traffic, so that
    routers and firewalls keep a connection open while a model computes."""
    expect_continue: bool = field(
        default=False, validator=is_bool, metadata=CLIENT_ONLY
    )
    """Whether requests with a body of 2 MiB or more send ``Expect: 100-continue``, and
    wait for the response of the server before they send the body."""
    continue_timeout: float = field(
        default=1.0, validator=seconds, metadata=CLIENT_ONLY
    )
    """Seconds to wait for ``100 Continue``; after that, the body is sent anyway."""
    proxy: str | None = field(
        default=None,
        converter=_with_scheme,
        validator=optional(_is_proxy_url),
        repr=without_user_info,
        metadata=CLIENT_ONLY,
    )
    """The URL of a proxy for all requests; it replaces the proxies of the environment.
    Its scheme is ``http`` or ``https``; without one, it is ``http``."""
    https_proxy: str | None = field(
        default=None,
        converter=_with_scheme,
        validator=optional(_is_proxy_url),
        repr=without_user_info,
        metadata=CLIENT_ONLY,
    )
    """The URL of a proxy for ``https`` requests, if *proxy* is not set."""
    http_proxy: str | None = field(
        default=None,
        converter=_with_scheme,
        validator=optional(_is_proxy_url),
        repr=without_user_info,
        metadata=CLIENT_ONLY,
    )
    """The URL of a proxy for ``http`` requests, if *proxy* is not set."""
    no_proxy: str | None = field(
        default=None, validator=optional(instance_of(str)), metadata=CLIENT_ONLY
    )
    """A comma-separated list of hosts that are reached without a proxy; ``*`` means
    all."""
    max_redirects: int = field(default=0, validator=not_negative)
    """The maximum number of redirects (307 and 308) that an attempt follows, to the
    same host or its subdomains."""
    max_response_bytes: int = field(default=32 * 1024 * 1024, validator=positive)
    """The maximum size in bytes of the body of a response that is not a stream. A
    larger one raises `ResponseTooLargeError`."""

    @property
    def custom_http_client(self) -> HTTPClient | None:
        """The custom HTTP client; None if *http_client* is a name."""
        return None if isinstance(self.http_client, str) else self.http_client

    @property
    def proxies(self) -> Proxies:
        """The proxies for each scheme."""
        from sagemaker_rt.sansio.proxy_selection import Proxies  # noqa: PLC0415 - only calls need it

        return Proxies(
            https=self.https_proxy if self.proxy is None else self.proxy,
            http=self.http_proxy if self.proxy is None else self.proxy,
            no_proxy=self.no_proxy or "",
        )
