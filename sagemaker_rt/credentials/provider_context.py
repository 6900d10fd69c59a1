"""The context of credentials providers: settings, region, clock and HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import random
from typing import TYPE_CHECKING

from attrs import field, frozen

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.interfaces import Clock, HTTPClient
from sagemaker_rt.sansio.paths import expand_path
from sagemaker_rt.sansio.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping  # noqa: F401 - for inherited annotations # pyright: ignore[reportUnusedImport]
    from pathlib import Path
    from ssl import SSLContext

    from sagemaker_rt.sansio.proxy_selection import Proxies
    from sagemaker_rt.sansio.shared_config import Profiles

__all__ = ["ProviderContext"]


def _default_http_client(
    proxies: Proxies | None = None, ssl_context: SSLContext | None = None
) -> HTTPClient:
    # most clients never need it: keys in the environment or a file take no request
    from sagemaker_rt.transport.http_clients import (  # noqa: PLC0415 - slow to import
        new_http_client,
    )

    return new_http_client(
        "auto", max_connections=1, proxy=proxies, ssl_context=ssl_context
    )


def _no_ssl_context() -> None:
    return None


@frozen(kw_only=True)
class ProviderContext(Settings):
    """The environment and the profile, and how to reach other services.

    A provider reads settings from here instead of from ``os.environ``, and the time
    instead of from `time`, so that a test can set them. `Config.provider_context`
    returns the context of this process.
    """

    is_profile_in_code: bool = False
    """Whether code named the profile; keys in the environment are then ignored."""
    region: str | None = None
    """The region of STS and other regional services."""
    clock: Clock = time.time
    sleep: Callable[[float], Awaitable[object]] = field(
        default=asyncio.sleep, repr=False
    )
    """Waits for a number of seconds between two attempts of a request."""
    jitter: Callable[[], float] = field(default=random, repr=False)
    """Returns a random factor of these delays, from 0 to 1."""
    make_http_client: Callable[[], HTTPClient] = field(
        default=_default_http_client, repr=False
    )
    """Makes the client for one request, which is closed afterwards."""
    proxies: Proxies | None = None
    """The proxies for public services; local endpoints never use one."""
    use_fips_endpoint: bool = False
    """Whether public services are reached at their FIPS endpoints."""
    use_dualstack_endpoint: bool = False
    """Whether public services are reached at their dual-stack endpoints."""
    allow_insecure: bool = False
    """Whether an ``AWS_ENDPOINT_URL…`` variable may be ``http`` to another host."""
    reload_profiles: Callable[[], Profiles] | None = field(default=None, repr=False)
    """Reads the shared files again, after keys in them were refused; it blocks."""
    make_ssl_context: Callable[[], SSLContext | None] = field(
        default=_no_ssl_context, repr=False
    )
    """Returns the TLS context for ``https`` requests; None stands for the system's
    trust store."""

    def http_client(self, *, is_local: bool, uses_tls: bool = True) -> HTTPClient:
        """Return a client for one request; the caller closes it.

        Args:
            is_local: Whether the request goes to a metadata endpoint of this machine.
                Its response holds secrets, so it never uses a proxy.
            uses_tls: Whether the request needs the TLS context, which may read files.

        Raises:
            OptionsError: A certificate file cannot be read.
        """
        if self.make_http_client is not _default_http_client:
            return self.make_http_client()
        return _default_http_client(
            None if is_local else self.proxies,
            self.make_ssl_context() if uses_tls else None,
        )

    def path(self, text: str) -> Path:
        """Return the path *text* with ``~`` and variables replaced."""
        from pathlib import Path  # noqa: PLC0415 - slows every start down otherwise

        return Path(expand_path(text, self.environ))

    def aws_path(self, *names: str) -> Path:
        """Return the path of *names* in the ``.aws`` folder of the user.

        Raises:
            CredentialsError: Neither ``HOME`` nor ``USERPROFILE`` is set.
        """
        home = self.variable("HOME") or self.variable("USERPROFILE")
        if home is None:
            message = (
                f"the path of ~/.aws/{'/'.join(names)} is unknown: set HOME or "
                "USERPROFILE"
            )
            raise CredentialsError(message)
        from pathlib import Path  # noqa: PLC0415 - slows every start down otherwise

        return Path(home, ".aws", *names)
