"""What the environment and the shared files say, for whatever the options leave unset.

The environment goes before the files. Both are read once: reading files blocks, so
`Config.load` does it in a thread. Each value keeps where it came from.
"""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Self

from attrs import field, frozen

from sagemaker_rt.credentials.surroundings import Surroundings
from sagemaker_rt.errors import OptionsError, ProfileNotFoundError, SharedConfigError
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.profile import (
    FileKind,
    Profiles,
    Property,
    Section,
    merge,
    nested,
    parse,
)

__all__ = ["SOURCES", "Config", "Found", "Source"]

_log = logging.getLogger(__name__)

_BOOLEANS: Final = {"true": True, "false": False}


def _bool(value: str) -> bool:
    return _BOOLEANS[value.lower()]


def _not_bool(value: str) -> bool:
    return not _bool(value)


_RETRY_MODES: Final = ("standard", "adaptive", "legacy", "off")


def _retry_mode(value: str) -> str:
    return _RETRY_MODES[_RETRY_MODES.index(value.lower())]


def _retry_rules(value: str) -> str:
    return "2026" if _bool(value) else "pre-2026"


def _count(value: str) -> int | None:
    """Read a number; 0 stands for unset, as in the other SDKs."""
    count = int(value)
    if count < 0:
        raise ValueError(value)
    return count or None


_MAX_PORT: Final = 0xFFFF


def _port(value: str) -> int:
    port = int(value)
    if not 1 <= port <= _MAX_PORT:
        raise ValueError(value)
    return port


@frozen
class Source:
    """Where an option may come from, if it is unset."""

    option: str
    """The option's flat name."""
    variables: tuple[str, ...]
    """Variables, the first that is set and not empty counting."""
    key: str | None
    """The property of a profile."""
    read: Callable[[str], object] = str
    wanted: str = "text"
    """What would have been right, where *read* raises KeyError or ValueError."""


_SWITCH: Final = "true or false"
_ENDPOINT_URL: Final = "endpoint_url"

# the switch over endpoint URLs comes before the URLs that it switches off
SOURCES: Final = (
    Source("region", ("AWS_REGION", "AWS_DEFAULT_REGION"), "region"),
    Source(
        "ignore_configured_endpoint_urls",
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",),
        "ignore_configured_endpoint_urls",
        _bool,
        _SWITCH,
    ),
    Source(
        _ENDPOINT_URL,
        ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "AWS_ENDPOINT_URL"),
        "endpoint_url",
    ),
    Source(
        "use_fips_endpoint",
        ("AWS_USE_FIPS_ENDPOINT",),
        "use_fips_endpoint",
        _bool,
        _SWITCH,
    ),
    Source(
        "use_dualstack_endpoint",
        ("AWS_USE_DUALSTACK_ENDPOINT",),
        "use_dualstack_endpoint",
        _bool,
        _SWITCH,
    ),
    Source(
        "retry_mode",
        ("AWS_RETRY_MODE",),
        "retry_mode",
        _retry_mode,
        f"one of {', '.join(_RETRY_MODES)}",
    ),
    Source("retry_rules", ("AWS_NEW_RETRIES_2026",), None, _retry_rules, _SWITCH),
    Source(
        "correct_clock_skew",
        ("AWS_DISABLE_CLOCK_SKEW_CORRECTION",),
        "disable_clock_skew_correction",
        _not_bool,
        _SWITCH,
    ),
    Source(
        "max_attempts", ("AWS_MAX_ATTEMPTS",), "max_attempts", _count, "a number from 0"
    ),
    Source("ca_bundle", ("AWS_CA_BUNDLE",), "ca_bundle"),
    Source("app_id", ("AWS_SDK_UA_APP_ID",), "sdk_ua_app_id"),
    Source(
        "client_side_monitoring", ("AWS_CSM_ENABLED",), "csm_enabled", _bool, _SWITCH
    ),
    Source("client_side_monitoring_host", ("AWS_CSM_HOST",), "csm_host"),
    Source(
        "client_side_monitoring_port",
        ("AWS_CSM_PORT",),
        "csm_port",
        _port,
        "a port from 1 to 65535",
    ),
    Source("client_side_monitoring_client_id", ("AWS_CSM_CLIENT_ID",), "csm_client_id"),
)


@frozen
class Found:
    """A value for an option, and where it came from."""

    value: object
    where: str
    """``environment variable AWS_REGION``, or file and line."""


@frozen
class Config:
    """What the environment and the shared files say.

    Making one reads nothing; `load` and `read` do.
    """

    environ: Mapping[str, str] = field(repr=False)
    profile: str = "default"
    """The name of the profile in use."""
    profiles: Profiles = field(factory=Profiles, repr=False)
    files: tuple[str, ...] = ()
    """The files that were looked for, in order."""

    @classmethod
    async def load(
        cls, *, profile: str | None = None, environ: Mapping[str, str] | None = None
    ) -> Self:
        """Read the shared files in a thread.

        Args:
            profile: Whose properties count; unset, ``AWS_PROFILE`` says it.
            environ: Environment variables instead of the process's own.

        Raises:
            SharedConfigError: A file cannot be read, or is not of the grammar.
            ProfileNotFoundError: The profile was asked for, and is in neither file.
        """
        return await asyncio.to_thread(cls.read, profile=profile, environ=environ)

    @classmethod
    def read(
        cls, *, profile: str | None = None, environ: Mapping[str, str] | None = None
    ) -> Self:
        """Read the shared files; blocks. Otherwise as `load`."""
        environ = os.environ if environ is None else environ
        config = _path(environ, "AWS_CONFIG_FILE", "config")
        credentials = _path(environ, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
        profiles = merge(_parsed(config, "config"), _parsed(credentials, "credentials"))
        _warn_of_readers(credentials)
        files = (str(config), str(credentials))
        named = profile or _first(environ, "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
        if named is not None and named not in profiles.profiles:
            message = f"there is no profile {named!r} in {' or '.join(files)}"
            raise ProfileNotFoundError(message)
        return cls(environ, named or "default", profiles, files)

    @property
    def section(self) -> Section:
        """The properties of the profile in use."""
        return self.profiles.profiles.get(self.profile, {})

    def fill(self, options: Options, *names: str) -> Options:
        """Return *options* with what is unset taken from here; does no I/O.

        Args:
            names: The options to look at; all of them, if none is named.

        Raises:
            OptionsError: A value cannot be; the text names where it stands.
        """
        found = {
            name: found.value for name, found in self.found(options, *names).items()
        }
        return options.replace(**found) if found else options

    def found(self, options: Options | None = None, *names: str) -> dict[str, Found]:
        """Return what is here for those of *options* that are unset.

        Raises:
            OptionsError: As `fill`.
        """
        flat = (options or Options()).flat()
        found: dict[str, Found] = {}
        for source in SOURCES:
            if flat[source.option] is not None or source.option not in (names or flat):
                continue
            if source.option == _ENDPOINT_URL and _ignores_urls(flat, found):
                continue
            if (value := self._look_up(source)) is not None:
                found[source.option] = value
        return found

    def surroundings(
        self, *, region: str | None = None, is_profile_in_code: bool = False
    ) -> Surroundings:
        """Return what the default chain of credentials looks at.

        Args:
            region: Where to ask services that have regions; unset, the profile's.
            is_profile_in_code: Whether the environment's keys are not to count.
        """
        found = self.found().get("region")
        return Surroundings(
            environ=self.environ,
            profiles=self.profiles,
            profile=self.profile,
            is_profile_in_code=is_profile_in_code,
            region=region or (str(found.value) if found is not None else None),
        )

    def explain(self) -> str:
        """Return what was found as lines of text: option, value, where it stands."""
        lines = [f"profile: {self.profile} ({', '.join(self.files) or 'no files'})"]
        lines += [
            f"{name}: {found.value} ({found.where})"
            for name, found in self.found().items()
        ]
        return "\n".join(lines)

    def _look_up(self, source: Source) -> Found | None:
        for name in source.variables:
            if value := self.environ.get(name):
                return _read(source, value, f"environment variable {name}")
        for found in self._properties(source):
            if found.value:
                return _read(source, found.value, f"{source.key} in {found.where}")
        return None

    def _properties(self, source: Source) -> Iterator[Property]:
        """Yield the profile's properties for *source*, the most specific first."""
        section = self.section
        if source.option == _ENDPOINT_URL and (name := section.get("services")):
            yield from self._of_service(name)
        if source.key is not None and source.key in section:
            yield section[source.key]

    def _of_service(self, name: Property) -> Iterator[Property]:
        services = self.profiles.services.get(name.value)
        if services is None:
            message = f"there is no section [services {name.value}]: {name.where}"
            raise SharedConfigError(message)
        if "sagemaker_runtime" in services:
            inside = nested(services["sagemaker_runtime"])
            if _ENDPOINT_URL in inside:
                yield inside[_ENDPOINT_URL]


def _ignores_urls(flat: Mapping[str, object], found: Mapping[str, Found]) -> bool:
    name = "ignore_configured_endpoint_urls"
    return bool(found[name].value if name in found else flat[name])


def _read(source: Source, value: str, where: str) -> Found | None:
    try:
        read = source.read(value)
    except (KeyError, ValueError):
        message = f"{where} must be {source.wanted}: {value!r}"
        raise OptionsError(message) from None
    return None if read is None else Found(read, where)


def _first(environ: Mapping[str, str], *names: str) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def _path(environ: Mapping[str, str], variable: str, name: str) -> Path:
    given = environ.get(variable) or f"~/.aws/{name}"
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if home and (given == "~" or given.startswith(("~/", "~\\"))):
        return Path(home + given[1:])
    return Path(given)


def _parsed(path: Path, kind: FileKind) -> Profiles:
    """Return what the file at *path* says; nothing if it is not there."""
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Profiles()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        message = f"{path} cannot be read: {reason}"
        raise SharedConfigError(message) from None
    return parse(text, kind=kind, file=str(path))


_warned: Final[set[str]] = set()


def _warn_of_readers(path: Path) -> None:
    """Warn, once, of a credentials file that others may read."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    is_open = stat.S_ISREG(mode) and mode & (stat.S_IROTH | stat.S_IWOTH)
    if is_open and os.name == "posix" and str(path) not in _warned:
        _warned.add(str(path))
        _log.warning("%s can be read by others; make its mode 600", path)
