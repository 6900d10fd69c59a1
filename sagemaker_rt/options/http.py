"""How HTTP is spoken."""

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

__all__ = [
    "HTTPOptions",
]


@frozen(kw_only=True)
class HTTPOptions:
    """How HTTP is spoken; what is of connections is settled with the client."""

    http_client: HTTPClient | None = field(
        default=None, validator=optional(has_method("send"))
    )
    """What exchanges requests for responses; whoever made it closes it."""
    max_connections: int = field(default=256, validator=positive)
    """How many connections may be open at once; further calls wait for one."""
    max_connections_per_host: int = field(default=0, validator=not_negative)
    """How many of them may be open to one host and port; 0 is as many."""
    keepalive_timeout: float = field(default=10.0, validator=seconds)
    """Seconds that a connection is kept for the next call."""
    tcp_keepalive: bool = field(default=True, validator=is_bool)
    """Whether a connection is probed that has been silent for 30 seconds, so that
    nobody between forgets it while a model thinks."""
    expect_continue: bool = field(default=False, validator=is_bool)
    """Whether a body of 2 MiB or more is sent only once the server has given leave."""
    continue_timeout: float = field(default=1.0, validator=seconds)
    """Seconds that such a body waits for leave; after that it is sent without."""
    proxy: str | None = field(
        default=None, validator=optional(instance_of(str)), repr=without_user_info
    )
    """The URL of a proxy for all requests, instead of the environment's proxies."""
    https_proxy: str | None = field(
        default=None, validator=optional(instance_of(str)), repr=without_user_info
    )
    """The URL of a proxy for encrypted requests, where *proxy* is unset."""
    http_proxy: str | None = field(
        default=None, validator=optional(instance_of(str)), repr=without_user_info
    )
    """The URL of a proxy for plain requests, where *proxy* is unset."""
    no_proxy: str | None = field(default=None, validator=optional(instance_of(str)))
    """Who is reached without a proxy, as in ``NO_PROXY``; ``*`` is everybody."""
    max_redirects: int = field(default=0, validator=not_negative)
    """How often an attempt is led on by a 307 or 308, within its host; 0 is never."""
    max_response_bytes: int = field(default=32 * 1024 * 1024, validator=positive)
    """How large a whole answer may be; streams have limits of their own."""

    @property
    def proxies(self) -> Proxies:
        """The proxies that there are."""
        from sagemaker_rt.sansio.proxy_selection import Proxies  # noqa: PLC0415 - as said

        return Proxies(
            https=self.https_proxy if self.proxy is None else self.proxy,
            http=self.http_proxy if self.proxy is None else self.proxy,
            no_proxy=self.no_proxy or "",
        )
