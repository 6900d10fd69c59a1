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
from typing import TYPE_CHECKING, Final, Self

from attrs import evolve, field, frozen

from sagemaker_rt import credentials
from sagemaker_rt.config.option_sources import SOURCES, Source
from sagemaker_rt.credentials.provider_context import Surroundings
from sagemaker_rt.errors import (
    CredentialsError,
    OptionsError,
    ProfileNotFoundError,
    SharedConfigError,
)
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.defaults_modes import mode_for
from sagemaker_rt.sansio.profile import (
    FileKind,
    Profiles,
    Property,
    Section,
    endpoint_urls,
    merge,
    parse,
)
from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from ssl import SSLContext

    from sagemaker_rt.sansio.proxies import Proxies

__all__ = ["Config", "Found"]

_log = logging.getLogger(__name__)

_ENDPOINT_URL: Final = "endpoint_url"
_CA_BUNDLE: Final = "ca_bundle"
_TRUST: Final = ("ssl_context", "ca_directory")
_PROXIES: Final = ("proxy", "https_proxy", "http_proxy")
_OF_PROXIES: Final = ("https_proxy", "http_proxy", "no_proxy")


@frozen
class Found:
    """A value for an option, and where it came from."""

    value: object = field(repr=without_user_info)
    where: str
    """``environment variable AWS_REGION``, or file and line."""

    @property
    def shown(self) -> str:
        """The value as text, without what may be a password in it."""
        text = str(self.value)
        return without_user_info(text)[1:-1] if "@" in text else text


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
    current_region: str | None = None
    """Where this process runs; known once `locate` has found it out."""

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
        """Read the shared files; blocks. Otherwise as `load`.

        Raises:
            SharedConfigError: As `load`.
            ProfileNotFoundError: As `load`.
        """
        environ = os.environ if environ is None else environ
        config = _path(environ, "AWS_CONFIG_FILE", "config")
        credentials = _path(environ, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
        profiles = merge(_parsed(config, "config"), _parsed(credentials, "credentials"))
        _warn_of_readers(credentials)
        files = tuple(path for path in (config, credentials) if path is not None)
        named = profile or _first(environ, "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
        if named is not None and named not in profiles.profiles:
            message = (
                f"there is no profile {named!r} in {' or '.join(files) or 'any file'}"
            )
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
        options = options.replace(**found) if found else options
        if options.timeouts.defaults_mode == "auto":
            mode = mode_for(options.region, current=self.current_region)
            return options.replace(defaults_mode=mode)
        return options

    async def locate(self, options: Options) -> Self:
        """Return the same, knowing where this process runs, if *options* want that.

        They do where ``defaults_mode`` is ``auto``, in the options or in here. In AWS
        Lambda and its kin the environment knows; elsewhere the metadata service of an
        instance is asked, if there is one; half of ``total_timeout`` is its most.
        """
        known = self.found(options, "defaults_mode").get("defaults_mode")
        mode = options.timeouts.defaults_mode if known is None else known.value
        if mode != "auto":
            return self
        if self.environ.get("AWS_EXECUTION_ENV"):
            region = _first(self.environ, "AWS_REGION", "AWS_DEFAULT_REGION")
            return evolve(self, current_region=region)
        surroundings = self.surroundings()
        if credentials.InstanceMetadataCredentials.is_disabled(surroundings):
            return self
        metadata = credentials.InstanceMetadataCredentials(surroundings)
        total = options.timeouts.total_timeout
        limit = asyncio.timeout(None if total is None else total / 2)
        try:
            async with limit:
                return evolve(self, current_region=await metadata.region())
        except (CredentialsError, TimeoutError) as error:
            _log.debug("defaults_mode auto stands for standard: %s", error)
            return self

    def found(self, options: Options | None = None, *names: str) -> dict[str, Found]:
        """Return what is here for those of *options* that are unset.

        Raises:
            OptionsError: As `fill`.
        """
        flat = (options or Options()).flat()
        # who gives a proxy has not asked for those of the environment
        has_proxy = any(flat[name] is not None for name in _PROXIES)
        has_trust = not flat["verify_ssl"] or any(flat[name] for name in _TRUST)
        found: dict[str, Found] = {}
        for source in SOURCES:
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

    def surroundings(
        self,
        *,
        region: str | None = None,
        is_profile_in_code: bool = False,
        proxies: Proxies | None = None,
        make_ssl_context: Callable[[], SSLContext | None] | None = None,
        allow_insecure: bool = False,
    ) -> Surroundings:
        """Return what the default chain of credentials looks at.

        Args:
            region: Where to ask services that have regions; unset, the profile's.
            is_profile_in_code: Whether the environment's keys are not to count.
            proxies: By which public services are asked; unset, the environment's.
            make_ssl_context: Tells whom to trust of them; unset, it is whom the bundle
                of the environment or the profile names, which is read then.
            allow_insecure: Whether variables may lead to other machines without TLS.
        """
        found = self.found().get("region")
        if proxies is None:
            proxies = self.fill(Options(), *_OF_PROXIES).http.proxies
        if make_ssl_context is None:
            make_ssl_context = self.fill(Options(), _CA_BUNDLE).tls.context
        return Surroundings(
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
        """Return what was found as lines of text: option, value, where it stands."""
        lines = [f"profile: {self.profile} ({', '.join(self.files) or 'no files'})"]
        lines += [
            f"{name}: {found.shown} ({found.where})"
            for name, found in self.found().items()
        ]
        return "\n".join(lines)

    def _look_up(self, source: Source) -> Found | None:
        name = source.choose(self.environ, source.variables)
        if name is not None:
            return _read(source, self.environ[name], f"environment variable {name}")
        for found in self._properties(source):
            if found.value:
                return _read(source, found.value, f"{source.key} in {found.where}")
        return None

    def _properties(self, source: Source) -> Iterator[Property]:
        """Yield the profile's properties for *source*, the most specific first."""
        section = self.section
        if source.option == _ENDPOINT_URL:
            yield from endpoint_urls(self.profiles, section, "sagemaker_runtime")
        elif source.key is not None and source.key in section:
            yield section[source.key]


def _ignores_urls(flat: Mapping[str, object], found: Mapping[str, Found]) -> bool:
    name = "ignore_configured_endpoint_urls"
    return bool(found[name].value if name in found else flat[name])


def _read(source: Source, value: str, where: str) -> Found | None:
    try:
        read = source.read(value)
    except (KeyError, ValueError):
        message = f"{where} must be {source.wanted}: {without_user_info(value)}"
        raise OptionsError(message) from None
    return None if read is None else Found(read, where)


def _first(environ: Mapping[str, str], *names: str) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


# `pathlib` would take a start as long as all that is read here
def _path(environ: Mapping[str, str], variable: str, name: str) -> str | None:
    """Return where a file is; None below a home folder that is not there."""
    given = environ.get(variable) or f"~/.aws/{name}"
    if not given.startswith(("~/", "~\\")):
        return given
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if not home and environ is os.environ:
        home = os.path.expanduser("~")  # noqa: PTH111 - as said
    return home + given[1:] if home else None


def _parsed(path: str | None, kind: FileKind) -> Profiles:
    """Return what the file at *path* says; nothing if it is not there."""
    if path is None:
        return Profiles()
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as said
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return Profiles()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        message = f"{path} cannot be read: {reason}"
        raise SharedConfigError(message) from None
    return parse(text, kind=kind, file=path)


_warned: Final[set[str]] = set()


def _warn_of_readers(path: str | None) -> None:
    """Warn, once, of a credentials file that others may read."""
    if path is None:
        return
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - as said
    except OSError:
        return
    is_open = stat.S_ISREG(mode) and mode & (stat.S_IROTH | stat.S_IWOTH)
    if is_open and os.name == "posix" and path not in _warned:
        _warned.add(path)
        _log.warning("%s can be read by others; make its mode 600", path)
