"""Options for HTTP and connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.interfaces import HTTPClient
from sagemaker_rt.options.checks import (
    has_method,
    instance_of,
    is_bool,
    not_negative,
    positive,
    seconds,
)
from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from sagemaker_rt.sansio.proxy_selection import Proxies

__all__ = ["HTTPOptions"]


@frozen(kw_only=True)
class HTTPOptions:
    """Options for HTTP. Those of connections and proxies cannot be set per call."""

    http_client: HTTPClient | None = field(
        default=None, validator=optional(has_method("send"))
    )
    """A custom HTTP client, which the caller closes."""
    max_connections: int = field(default=256, validator=positive)
    """The maximum number of open connections. More calls wait for one."""
    max_connections_per_host: int = field(default=0, validator=not_negative)
    """The maximum number of open connections to one host and port; 0 means no such
    limit."""
    keepalive_timeout: float = field(default=10.0, validator=seconds)
    """Seconds for which an idle connection is kept."""
    tcp_keepalive: bool = field(default=True, validator=is_bool)
    """Whether silent connections are probed after 30 s, so that routers on the way keep
    them open while a model computes."""
    expect_continue: bool = field(default=False, validator=is_bool)
    """Whether bodies of 2 MiB and more are sent with ``Expect: 100-continue``."""
    continue_timeout: float = field(default=1.0, validator=seconds)
    """Seconds to wait for ``100 Continue``; then the body is sent anyway."""
    proxy: str | None = field(
        default=None, validator=optional(instance_of(str)), repr=without_user_info
    )
    """The URL of a proxy for all requests; it replaces the proxies of the
    environment."""
    https_proxy: str | None = field(
        default=None, validator=optional(instance_of(str)), repr=without_user_info
    )
    """The URL of a proxy for ``https`` requests, if *proxy* is not set."""
    http_proxy: str | None = field(
        default=None, validator=optional(instance_of(str)), repr=without_user_info
    )
    """The URL of a proxy for ``http`` requests, if *proxy* is not set."""
    no_proxy: str | None = field(default=None, validator=optional(instance_of(str)))
    """Hosts that are reached without a proxy, as in ``NO_PROXY``; ``*`` means all."""
    max_redirects: int = field(default=0, validator=not_negative)
    """The maximum number of redirects (307 and 308) per attempt, within the host."""
    max_response_bytes: int = field(default=32 * 1024 * 1024, validator=positive)
    """The maximum size of a response body in memory. Streams are not limited by it."""

    @property
    def proxies(self) -> Proxies:
        """The proxies for each scheme."""
        from sagemaker_rt.sansio.proxy_selection import Proxies  # noqa: PLC0415 - only calls need it

        return Proxies(
            https=self.https_proxy if self.proxy is None else self.proxy,
            http=self.http_proxy if self.proxy is None else self.proxy,
            no_proxy=self.no_proxy or "",
        )
