"""What a provider may look at, and by what it asks other services."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.interfaces import Clock, HTTPClient
from sagemaker_rt.sansio.profile import Profiles, Section, endpoint_urls

if TYPE_CHECKING:
    from pathlib import Path
    from ssl import SSLContext

    from sagemaker_rt.sansio.proxies import Proxies

__all__ = ["ProviderContext"]


def _http_client(
    proxies: Proxies | None = None, ssl_context: SSLContext | None = None
) -> HTTPClient:
    # aiohttp costs three times what asyncio does to import
    from sagemaker_rt.transport.aiohttp_client import (  # noqa: PLC0415 - when it is needed
        AiohttpClient,
    )

    return AiohttpClient(max_connections=1, proxy=proxies, ssl_context=ssl_context)


def _no_context() -> None:
    return None


@frozen(kw_only=True)
class ProviderContext:
    """The environment, the shared files, and how to reach the network."""

    environ: Mapping[str, str] = field(repr=False)
    profiles: Profiles = field(factory=Profiles, repr=False)
    profile: str = "default"
    """Whose properties count."""
    is_profile_in_code: bool = False
    """Whether the profile was named in code: the environment's keys are out then."""
    region: str | None = None
    """Where to ask services that have regions."""
    clock: Clock = time.time
    make_http_client: Callable[[], HTTPClient] = field(default=_http_client, repr=False)
    """What is asked by, and closed afterwards."""
    proxies: Proxies | None = None
    """By which public services are asked; what is near by is asked straight."""
    allow_insecure: bool = False
    """Whether public services of other machines may be asked without TLS, where a
    variable says so."""
    make_ssl_context: Callable[[], SSLContext | None] = field(
        default=_no_context, repr=False
    )
    """Tells whom to trust of public services; None is the system's trust."""

    def http_client(self, *, is_local: bool) -> HTTPClient:
        """Return what to ask by; the caller closes it.

        Args:
            is_local: Whether what is asked gives its secrets to this very machine, and
                no proxy may come between.
        """
        if is_local or self.make_http_client is not _http_client:
            return self.make_http_client()
        return _http_client(self.proxies, self.make_ssl_context())

    @property
    def section(self) -> Section:
        """The properties of the profile in use."""
        return self.profiles.profiles.get(self.profile, {})

    def variable(self, name: str) -> str | None:
        """Return an environment variable; None where it is unset or blank."""
        return self.environ.get(name, "").strip() or None

    def setting(self, name: str) -> tuple[str, str] | None:
        """Return the value of a setting, and where it stands; None where it is unset.

        Args:
            name: Of the variable; in a profile it is in lower case, without ``AWS_``.
        """
        if value := self.variable(name):
            return value, f"environment variable {name}"
        key = name.removeprefix("AWS_").lower()
        found = self.section.get(key)
        if found is not None and found.value:
            return found.value, f"{key} in {found.where}"
        return None

    def endpoint_url(self, service: str) -> tuple[str, str] | None:
        """Return where *service* is said to be, and where that stands.

        Args:
            service: As ``AWS_ENDPOINT_URL_{service}`` has it: ``STS``.

        Raises:
            SharedConfigError: The profile names a section that is not there.
        """
        ignored = self.setting("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        if ignored is not None and ignored[0].lower() == "true":
            return None
        for name in (f"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL"):
            if value := self.variable(name):
                return value, f"environment variable {name}"
        for found in endpoint_urls(self.profiles, self.section, service.lower()):
            if found.value:
                return found.value, f"endpoint_url in {found.where}"
        return None

    def aws_path(self, *names: str) -> Path:
        """Return a path below the ``.aws`` folder.

        Raises:
            CredentialsError: No variable says where the home folder is.
        """
        home = self.variable("HOME") or self.variable("USERPROFILE")
        if home is None:
            message = f"there is no home folder to look for {'/'.join(names)} in"
            raise CredentialsError(message)
        from pathlib import Path  # noqa: PLC0415 - it would make each start longer

        return Path(home, ".aws", *names)
