"""Look-up of settings: the environment first, then the profile of the shared files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.sansio.shared_config import Profiles, Section, endpoint_urls

__all__ = ["Setting", "Settings"]

_IGNORE_URLS: Final = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"


@frozen(eq=False, repr=False)
class Setting(FrozenValue):
    """The value of a setting, and where it was found."""

    value: str = field(repr=False)
    """Hidden in the repr, since it may be a secret."""
    where: str
    """``environment variable AWS_REGION``, or ``region in FILE, line N``."""


@frozen(kw_only=True, eq=False, repr=False)
class Settings(FrozenValue):
    """The environment, and one profile of the shared files.

    An environment variable takes precedence over a property of the profile. A blank
    value counts as unset.
    """

    environ: Mapping[str, str] = field(repr=False)
    """Hidden in the repr, as are the profiles, since they hold secrets."""
    profiles: Profiles = field(factory=Profiles, repr=False)
    profile: str = "default"
    """The name of the profile in use."""

    @property
    def section(self) -> Section:
        """The properties of the profile in use; empty if the profile does not exist."""
        return self.profiles.find(self.profile) or {}

    def variable(self, name: str) -> str | None:
        """Return an environment variable without surrounding blanks, or None."""
        return self.environ.get(name, "").strip() or None

    def from_environment(self, *names: str) -> Setting | None:
        """Return the first of the variables *names* that is set."""
        for name in names:
            if value := self.variable(name):
                return Setting(value, f"environment variable {name}")
        return None

    def setting(self, *names: str) -> Setting | None:
        """Return the first of the variables *names* that is set, or the property.

        Args:
            names: The property of the profile is called like the first one, in lower
                case and without ``AWS_``.
        """
        if (found := self.from_environment(*names)) is not None:
            return found
        return self.from_profile(names[0].removeprefix("AWS_").lower())

    def from_profile(self, key: str) -> Setting | None:
        """Return the property *key* of the profile, if it is set."""
        entry = self.section.get(key)
        if entry is None or not entry.value:
            return None
        return Setting(entry.value, f"{key} in {entry.where}")

    def endpoint_url(self, service: str) -> Setting | None:
        """Return the configured endpoint URL of *service*, unless those are ignored.

        ``AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`` ignores them; otherwise as
        `configured_endpoint_url`.
        """
        ignored = self.setting(_IGNORE_URLS)
        if ignored is not None and ignored.value.lower() == "true":
            return None
        return self.configured_endpoint_url(service)

    def configured_endpoint_url(self, service: str) -> Setting | None:
        """Return the configured endpoint URL of *service*, the most specific one.

        The order is that of the AWS SDKs: the variable of the service, the variable for
        all services, the ``services`` section of the profile, and its ``endpoint_url``.

        Args:
            service: As in ``AWS_ENDPOINT_URL_{service}``, for example ``STS``.

        Raises:
            SharedConfigError: The profile names a ``services`` section that does not
                exist.
        """
        names = (f"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL")
        if (found := self.from_environment(*names)) is not None:
            return found
        for entry in endpoint_urls(self.profiles, self.section, service.lower()):
            if entry.value:
                return Setting(entry.value, f"endpoint_url in {entry.where}")
        return None
