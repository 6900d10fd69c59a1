"""The environment and the shared files, from which unset options are taken.

Environment variables take precedence over the files. Both are read once. Reading files
blocks, so `Config.load` does it in a thread. Each value knows its source.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from attrs import evolve, field, frozen

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.config.option_sources import OPTION_SOURCES, OptionSource
from sagemaker_rt.config.shared_files import expand_in, read_shared_files
from sagemaker_rt.errors import (
    CredentialsError,
    EndpointResolutionError,
    OptionsError,
    ProfileNotFoundError,
)
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.options import EndpointOptions, Options
from sagemaker_rt.sansio.defaults_mode import detect_mode
from sagemaker_rt.sansio.redaction import without_user_info
from sagemaker_rt.sansio.settings import Setting, Settings
from sagemaker_rt.sansio.shared_config import Profiles

if TYPE_CHECKING:
    from ssl import SSLContext

    from sagemaker_rt.credentials.provider_context import ProviderContext
    from sagemaker_rt.sansio.proxy_selection import Proxies

__all__ = ["Config", "ConfigValue"]

_log = logging.getLogger(__name__)

_ENDPOINT_URL: Final = "endpoint_url"
_CA_BUNDLE: Final = "ca_bundle"
_PATHS: Final = ("ca_bundle", "ca_directory", "client_cert", "client_key")
_TRUST: Final = ("ssl_context", "ca_directory")
_PROXIES: Final = ("proxy", "https_proxy", "http_proxy")
_OF_ENDPOINTS: Final = ("use_fips_endpoint", "use_dualstack_endpoint")
_OF_PROXIES: Final = ("https_proxy", "http_proxy", "no_proxy")


@frozen(eq=False, repr=False)
class ConfigValue(FrozenValue):
    """A value for an option, and its source."""

    value: object = field(repr=without_user_info)
    source: str
    """``environment variable AWS_REGION``, or a file and line."""

    @property
    def shown(self) -> str:
        """The value as text; a password in a URL is left out."""
        text = str(self.value)
        return without_user_info(text)[1:-1] if "@" in text else text


@frozen(eq=False, repr=False)
class Config(FrozenValue):
    """The environment and the shared files.

    Constructing one reads nothing: `load` and `read` do.
    """

    environ: Mapping[str, str] = field(repr=False)
    profile: str = "default"
    """The profile in use."""
    profiles: Profiles = field(factory=Profiles, repr=False)
    files: tuple[str, ...] = ()
    """The paths of the shared files, whether they exist or not."""
    ignored_files: Mapping[str, str] = field(factory=dict, kw_only=True)
    """The paths of shared files that cannot be opened, and why."""
    current_region: str | None = None
    """The region in which this process runs; `locate` sets it."""

    @classmethod
    async def load(
        cls, *, profile: str | None = None, environ: Mapping[str, str] | None = None
    ) -> Self:
        """Read the shared files in a thread.

        Args:
            profile: The profile to use; the default is ``AWS_PROFILE``, or ``default``.
            environ: Environment variables; the default is those of the process.

        Raises:
            SharedConfigError: A file cannot be parsed; or a profile was named, and a
                file cannot be opened.
            ProfileNotFoundError: The profile was named, and is in neither file.
        """
        return await in_thread(cls.read, profile=profile, environ=environ)

    @classmethod
    def read(
        cls, *, profile: str | None = None, environ: Mapping[str, str] | None = None
    ) -> Self:
        """Read the shared files; otherwise as `load`. It blocks.

        Raises:
            SharedConfigError: As `load`.
            ProfileNotFoundError: As `load`.
        """
        environ = os.environ if environ is None else environ
        name = profile or _first(environ, "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
        files = read_shared_files(environ, profile=name)
        if name is not None and files.profiles.find(name) is None:
            where = " or ".join(files.paths) or "any shared file"
            message = f"profile {name!r} is not in {where}"
            raise ProfileNotFoundError(message)
        return cls(
            environ,
            name or "default",
            files.profiles,
            files.paths,
            ignored_files=files.ignored,
        )

    @property
    def settings(self) -> Settings:
        """Looks up settings in the environment and in the profile in use."""
        return Settings(
            environ=self.environ, profiles=self.profiles, profile=self.profile
        )

    def fill(self, options: Options, *names: str) -> Options:
        """Return *options* with unset options taken from here. It does no I/O.

        ``~`` and variables in paths are replaced.

        Args:
            names: The options to fill; the default is all of them.

        Raises:
            OptionsError: A value is invalid; the message names its source.
        """
        changes: dict[str, object] = {
            name: path
            for name in _PATHS
            if (path := self._expanded(getattr(options.tls, name)))
        }
        for name, found in self.found(options, *names).items():
            changes[name] = found.value
        options = options.replace(**changes) if changes else options
        if options.timeouts.defaults_mode == "auto":
            mode = detect_mode(options.region, current_region=self.current_region)
            return options.replace(defaults_mode=mode)
        return options

    async def locate(self, options: Options) -> Self:
        """Return this configuration with `current_region`, if *options* need it.

        ``defaults_mode="auto"`` needs it, in the options or here. In AWS Lambda and
        similar environments, a variable has the region. Elsewhere the region is read
        from the instance metadata service, in at most half of ``total_timeout``.
        """
        value = self.found(options, "defaults_mode").get("defaults_mode")
        mode = options.timeouts.defaults_mode if value is None else value.value
        if mode != "auto":
            return self
        if self.environ.get("AWS_EXECUTION_ENV"):
            region = _first(self.environ, "AWS_REGION", "AWS_DEFAULT_REGION")
            return evolve(self, current_region=region)
        context = self.provider_context()
        from sagemaker_rt.credentials.instance_metadata import (  # noqa: PLC0415 - slow to import
            InstanceMetadataCredentials,
        )

        if InstanceMetadataCredentials.is_disabled(context):
            return self
        metadata = InstanceMetadataCredentials(context)
        total = options.timeouts.total_timeout
        limit = asyncio.timeout(None if total is None else total / 2)
        try:
            async with limit:
                return evolve(self, current_region=await metadata.region())
        except (CredentialsError, TimeoutError) as error:
            _log.debug("defaults_mode auto falls back to standard: %s", error)
            return self

    def found(
        self, options: Options | None = None, *names: str
    ) -> dict[str, ConfigValue]:
        """Return the values here for those of *options* that are unset, by name.

        Raises:
            OptionsError: As `fill`.
        """
        flat = (options or Options()).flat()
        # a proxy in the options replaces all proxies of the environment
        has_proxy = any(flat[name] is not None for name in _PROXIES)
        has_trust = not flat["verify_ssl"] or any(flat[name] for name in _TRUST)
        found: dict[str, ConfigValue] = {}
        for source in OPTION_SOURCES:
            if flat[source.option] is not None or source.option not in (names or flat):
                continue
            if source.option == _ENDPOINT_URL and _ignores_urls(flat, found):
                continue
            if source.option in _OF_PROXIES and has_proxy:
                continue
            if source.option == _CA_BUNDLE and has_trust:
                continue
            if (value := self._look_up(source)) is not None:
                found[source.option] = value
        return found

    def provider_context(  # noqa: PLR0913 - one parameter for each part of a context
        self,
        *,
        region: str | None = None,
        is_profile_in_code: bool = False,
        proxies: Proxies | None = None,
        make_ssl_context: Callable[[], SSLContext | None] | None = None,
        allow_insecure: bool = False,
        endpoint: EndpointOptions | None = None,
    ) -> ProviderContext:
        """Return the context for the default chain of credentials.

        Args:
            region: The region of STS and other regional services; the default is the
                profile's.
            is_profile_in_code: Whether the profile was named in code; the environment's
                keys are ignored then.
            proxies: For requests to public services; the default is the environment's.
            make_ssl_context: Returns the TLS context for them; by default it reads the
                CA bundle that the environment or the profile names.
            allow_insecure: Whether variables may name other hosts without TLS.
            endpoint: Selects FIPS and dual-stack endpoints; the default is that of the
                environment and the profile.
        """
        from sagemaker_rt.credentials.provider_context import (  # noqa: PLC0415 - unless credentials are set
            ProviderContext,
        )

        if region is None:
            region = self.fill(Options(), "region").region
        if proxies is None:
            proxies = self.fill(Options(), *_OF_PROXIES).http.proxies
        if make_ssl_context is None:
            tls = self.fill(Options(), _CA_BUNDLE).tls
            make_ssl_context = partial(tls.context, self.ca_bundle_source(Options()))
        if endpoint is None:
            endpoint = self.fill(Options(), *_OF_ENDPOINTS).endpoint
        return ProviderContext(
            environ=self.environ,
            profiles=self.profiles,
            profile=self.profile,
            is_profile_in_code=is_profile_in_code,
            region=region,
            proxies=proxies,
            make_ssl_context=make_ssl_context,
            allow_insecure=allow_insecure,
            use_fips_endpoint=bool(endpoint.use_fips_endpoint),
            use_dualstack_endpoint=bool(endpoint.use_dualstack_endpoint),
            reload_profiles=self._read_profiles if self.files else None,
        )

    def _read_profiles(self) -> Profiles:
        return read_shared_files(self.environ, profile=None).profiles

    def require_endpoint(self, options: Options) -> None:
        """Refuse a region or endpoint URL from here that cannot be used.

        Args:
            options: The options to `fill`.

        Raises:
            EndpointResolutionError: It is invalid; the message names its source.
        """
        from sagemaker_rt.http import Endpoint  # noqa: PLC0415 - only calls need it
        from sagemaker_rt.sansio.endpoints import normalize_region  # noqa: PLC0415 - only calls need it

        for name, found in self.found(options, "region", _ENDPOINT_URL).items():
            check = normalize_region if name == "region" else Endpoint
            try:
                check(str(found.value))
            except EndpointResolutionError as error:
                message = f"{found.source}: {error}"
                raise EndpointResolutionError(message) from None

    def ca_bundle_source(self, options: Options) -> str:
        """Return where ``ca_bundle`` was found; empty if *options* set it, or none."""
        found = self.found(options, _CA_BUNDLE).get(_CA_BUNDLE)
        return "" if found is None else found.source

    def explain(self) -> str:
        """Return the values here as lines of text: option, value, source."""
        lines = [f"profile: {self.profile} ({', '.join(self.files) or 'no files'})"]
        lines += [
            f"ignored: {path} ({reason})" for path, reason in self.ignored_files.items()
        ]
        lines += [
            f"{name}: {found.shown} ({found.source})"
            for name, found in self.found().items()
        ]
        return "\n".join(lines)

    def _expanded(self, path: str | None) -> str | None:
        """Return *path* with ``~`` and variables replaced; None if it has neither."""
        expanded = None if path is None else expand_in(self.environ, path)
        return None if expanded == path else expanded

    def _look_up(self, source: OptionSource) -> ConfigValue | None:
        setting = self._setting(source)
        if setting is None:
            return None
        value = setting.value
        if source.option in _PATHS:
            value = self._expanded(value) or value
        return _parse_value(source, value, setting.where)

    def _setting(self, source: OptionSource) -> Setting | None:
        name = source.choose_variable(self.environ, source.variables)
        setting: Setting | None = None
        if name is None and source.option == _ENDPOINT_URL:
            setting = self.settings.configured_endpoint_url("SAGEMAKER_RUNTIME")
        elif name is None and source.key is not None:
            setting = self.settings.from_profile(source.key)
        if name is None and setting is None:
            name = source.choose_variable(self.environ, source.last_variables)
        if name is None:
            return setting
        return Setting(self.environ[name], f"environment variable {name}")


def _ignores_urls(flat: Mapping[str, object], found: Mapping[str, ConfigValue]) -> bool:
    name = "ignore_configured_endpoint_urls"
    return bool(found[name].value if name in found else flat[name])


def _parse_value(source: OptionSource, text: str, where: str) -> ConfigValue | None:
    try:
        value = source.parse(text)
    except (KeyError, ValueError):
        message = f"{where} must be {source.expected}: {source.show(text)}"
        raise OptionsError(message) from None
    return None if value is None else ConfigValue(value, where)


def _first(environ: Mapping[str, str], *names: str) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)
