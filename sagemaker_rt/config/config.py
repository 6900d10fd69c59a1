"""The environment and the shared files, from which unset options are taken.

Environment variables take precedence over the files. Both are read once. Reading files
blocks, so `Config.load` does it in a thread. Each value knows its source.
"""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Self

from attrs import evolve, field, frozen

from sagemaker_rt.config.option_sources import OPTION_SOURCES, OptionSource
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import (
    CredentialsError,
    OptionsError,
    ProfileNotFoundError,
    SharedConfigError,
)
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.defaults_mode import detect_mode
from sagemaker_rt.sansio.redaction import without_user_info
from sagemaker_rt.sansio.settings import Setting, Settings
from sagemaker_rt.sansio.shared_config import (
    FileKind,
    Profiles,
    merge,
    parse,
)

if TYPE_CHECKING:
    from ssl import SSLContext

    from sagemaker_rt.sansio.proxy_selection import Proxies

__all__ = ["Config", "ConfigValue"]

_log = logging.getLogger(__name__)

_ENDPOINT_URL: Final = "endpoint_url"
_CA_BUNDLE: Final = "ca_bundle"
_TRUST: Final = ("ssl_context", "ca_directory")
_PROXIES: Final = ("proxy", "https_proxy", "http_proxy")
_OF_PROXIES: Final = ("https_proxy", "http_proxy", "no_proxy")


@frozen
class ConfigValue:
    """A value for an option, and its source."""

    value: object = field(repr=without_user_info)
    source: str
    """``environment variable AWS_REGION``, or a file and line."""

    @property
    def shown(self) -> str:
        """The value as text; a password in a URL is left out."""
        text = str(self.value)
        return without_user_info(text)[1:-1] if "@" in text else text


@frozen
class Config:
    """The environment and the shared files.

    Constructing one reads nothing: `load` and `read` do.
    """

    environ: Mapping[str, str] = field(repr=False)
    profile: str = "default"
    """The profile in use."""
    profiles: Profiles = field(factory=Profiles, repr=False)
    files: tuple[str, ...] = ()
    """The paths of the shared files, whether they exist or not."""
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
            SharedConfigError: A file cannot be read or parsed.
            ProfileNotFoundError: The profile was named, and is in neither file.
        """
        return await asyncio.to_thread(cls.read, profile=profile, environ=environ)

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
        config = _path(environ, "AWS_CONFIG_FILE", "config")
        credentials = _path(environ, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
        profiles = merge(
            _parse_file(config, "config"), _parse_file(credentials, "credentials")
        )
        _warn_if_readable_by_others(credentials)
        files = tuple(path for path in (config, credentials) if path is not None)
        name = profile or _first(environ, "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
        if name is not None and profiles.find(name) is None:
            message = (
                f"profile {name!r} is not in {' or '.join(files) or 'any shared file'}"
            )
            raise ProfileNotFoundError(message)
        return cls(environ, name or "default", profiles, files)

    @property
    def settings(self) -> Settings:
        """Looks up settings in the environment and in the profile in use."""
        return Settings(
            environ=self.environ, profiles=self.profiles, profile=self.profile
        )

    def fill(self, options: Options, *names: str) -> Options:
        """Return *options* with unset options taken from here. It does no I/O.

        Args:
            names: The options to fill; the default is all of them.

        Raises:
            OptionsError: A value is invalid; the message names its source.
        """
        found = {
            name: found.value for name, found in self.found(options, *names).items()
        }
        options = options.replace(**found) if found else options
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

    def provider_context(
        self,
        *,
        region: str | None = None,
        is_profile_in_code: bool = False,
        proxies: Proxies | None = None,
        make_ssl_context: Callable[[], SSLContext | None] | None = None,
        allow_insecure: bool = False,
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
        """
        found = self.found().get("region")
        if proxies is None:
            proxies = self.fill(Options(), *_OF_PROXIES).http.proxies
        if make_ssl_context is None:
            make_ssl_context = self.fill(Options(), _CA_BUNDLE).tls.context
        return ProviderContext(
            environ=self.environ,
            profiles=self.profiles,
            profile=self.profile,
            is_profile_in_code=is_profile_in_code,
            region=region or (str(found.value) if found is not None else None),
            proxies=proxies,
            make_ssl_context=make_ssl_context,
            allow_insecure=allow_insecure,
        )

    def explain(self) -> str:
        """Return the values here as lines of text: option, value, source."""
        lines = [f"profile: {self.profile} ({', '.join(self.files) or 'no files'})"]
        lines += [
            f"{name}: {found.shown} ({found.source})"
            for name, found in self.found().items()
        ]
        return "\n".join(lines)

    def _look_up(self, source: OptionSource) -> ConfigValue | None:
        name = source.choose_variable(self.environ, source.variables)
        if name is not None:
            where = f"environment variable {name}"
            return _parse_value(source, self.environ[name], where)
        setting: Setting | None = None
        if source.option == _ENDPOINT_URL:
            setting = self.settings.configured_endpoint_url("SAGEMAKER_RUNTIME")
        elif source.key is not None:
            setting = self.settings.from_profile(source.key)
        if setting is None:
            return None
        return _parse_value(source, setting.value, setting.where)


def _ignores_urls(flat: Mapping[str, object], found: Mapping[str, ConfigValue]) -> bool:
    name = "ignore_configured_endpoint_urls"
    return bool(found[name].value if name in found else flat[name])


def _parse_value(source: OptionSource, text: str, where: str) -> ConfigValue | None:
    try:
        value = source.parse(text)
    except (KeyError, ValueError):
        message = f"{where} must be {source.expected}: {without_user_info(text)}"
        raise OptionsError(message) from None
    return None if value is None else ConfigValue(value, where)


def _first(environ: Mapping[str, str], *names: str) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


# `os.path` and `open`: importing `pathlib` takes as long as reading all files here
def _path(environ: Mapping[str, str], variable: str, name: str) -> str | None:
    """Return the path of a shared file; None without a home folder."""
    path = environ.get(variable) or f"~/.aws/{name}"
    if not path.startswith(("~/", "~\\")):
        return path
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if not home and environ is os.environ:
        home = os.path.expanduser("~")  # noqa: PTH111 - importing pathlib is slow
    return home + path[1:] if home else None


def _parse_file(path: str | None, kind: FileKind) -> Profiles:
    """Return the profiles in the file at *path*; none if it does not exist."""
    if path is None:
        return Profiles()
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - importing pathlib is slow
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return Profiles()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not valid UTF-8"
        message = f"{path} cannot be read: {reason}"
        raise SharedConfigError(message) from None
    return parse(text, kind=kind, file=path)


_warned: Final[set[str]] = set()


def _warn_if_readable_by_others(path: str | None) -> None:
    """Log one warning for each credentials file that other users can read."""
    if path is None:
        return
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - importing pathlib is slow
    except OSError:
        return
    is_open = stat.S_ISREG(mode) and mode & (stat.S_IROTH | stat.S_IWOTH)
    if is_open and os.name == "posix" and path not in _warned:
        _warned.add(path)
        _log.warning("%s can be read by other users; set its mode to 600", path)
