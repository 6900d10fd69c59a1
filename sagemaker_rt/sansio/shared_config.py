"""Parser of the AWS shared files, ``config`` and ``credentials``.

The grammar is that of the cross-SDK specification; botocore's parser differs from it.
Sections of unknown kinds are skipped, indented lines continue a value, and errors name
the file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from sagemaker_rt.errors import SharedConfigError

__all__ = [
    "FileKind",
    "Profiles",
    "Property",
    "Section",
    "endpoint_urls",
    "merge",
    "nested",
    "parse",
]

_ENDPOINT_URL: Final = "endpoint_url"

FileKind: TypeAlias = Literal["config", "credentials"]
"""In ``config``, the title of a profile begins with the word ``profile``."""


@frozen
class Property:
    """A value in a shared file, with its position."""

    value: str = field(repr=False)
    """Hidden in the repr, since it may be a secret."""
    file: str
    line: int
    """From 1."""

    @property
    def where(self) -> str:
        """The position as text."""
        return f"{self.file}, line {self.line}"


Section: TypeAlias = Mapping[str, Property]
"""The properties of a section by their lower-case names."""


@frozen
class Profiles:
    """The content of the shared files."""

    profiles: Mapping[str, Section] = field(factory=dict)
    sso_sessions: Mapping[str, Section] = field(factory=dict)
    services: Mapping[str, Section] = field(factory=dict)


_NAME: Final = re.compile(r"[A-Za-z0-9/.%@_:+-]+")
_KEY: Final = re.compile(r"[A-Za-z0-9/.%@_:+-]+")
# Only after a blank: values such as URLs may contain these characters.
_COMMENT: Final = re.compile(r"[ \t][#;].*")
_BLANKS: Final = " \t"


class _Parser:
    """The sections of one file, filled line by line."""

    def __init__(self, file: str, kind: FileKind) -> None:
        self.file = file
        self.kind = kind
        self.sections: dict[tuple[str, str], dict[str, Property]] = {}
        self.section: dict[str, Property] | None = None
        """The current section; None before the first one."""
        self.is_in_property = False
        self.key: str | None = None
        """The property that an indented line continues; None skips the line."""

    def read(self, number: int, line: str) -> None:
        """Parse *line*; *number* starts at 1."""
        if not line.strip(_BLANKS) or line.startswith(("#", ";")):
            return
        if line.startswith("["):
            self._parse_title(number, line)
        elif line[0] in _BLANKS:
            self._continue_value(number, line.strip(_BLANKS))
        else:
            self._parse_property(number, line)

    def _parse_title(self, number: int, line: str) -> None:
        name, bracket, _ = line[1:].partition("]")
        if not bracket:
            raise self._error(number, "a profile definition must end with ']'")
        self.is_in_property, self.key = False, None
        kind, name = self._kind_of(name.strip(_BLANKS))
        # The lines of an unknown section are parsed into a dict that is dropped.
        self.section = {}
        if kind and _NAME.fullmatch(name):
            self.section = self.sections.setdefault((kind, name), {})

    def _kind_of(self, title: str) -> tuple[str, str]:
        """Return the kind and the name of the section with *title*."""
        if self.kind == "credentials":
            return "profile", title
        # A separate kind, because [profile default] takes precedence over [default].
        if title == "default":
            return "default", title
        kind, *rest = title.split(None, 1)[:2] or [""]
        known = {"profile", "sso-session", "services"}
        return (kind, rest[0]) if kind in known and rest else ("", title)

    def _parse_property(self, number: int, line: str) -> None:
        if self.section is None:
            raise self._error(number, "expected a profile definition")
        key, equals, value = line.partition("=")
        key = key.strip(_BLANKS).lower()
        if not equals:
            raise self._error(number, "expected an '=' sign defining a property")
        if not key:
            raise self._error(number, "the property did not have a name")
        self.is_in_property, self.key = True, None
        if _KEY.fullmatch(key):
            self.key = key
            value = _COMMENT.sub("", value).strip(_BLANKS)
            self.section[key] = Property(value, self.file, number)

    def _continue_value(self, number: int, text: str) -> None:
        if self.section is None:
            raise self._error(number, "expected a profile definition")
        if not self.is_in_property:
            raise self._error(number, "expected a property definition")
        if self.key is not None:
            start = self.section[self.key]
            value = f"{start.value}\n{text}"
            self.section[self.key] = Property(value, start.file, start.line)

    def _error(self, number: int, message: str) -> SharedConfigError:
        return SharedConfigError(f"{self.file}, line {number}: {message}")


def parse(text: str, *, kind: FileKind, file: str) -> Profiles:
    """Return the content of a shared file.

    Args:
        file: The name of the file in errors.

    Raises:
        SharedConfigError: A line violates the grammar. The error does not quote the
            line, which may contain a secret.
    """
    parser = _Parser(file, kind)
    for number, line in enumerate(_lines(text), 1):
        parser.read(number, line)
    sections = parser.sections
    default = sections.pop(("default", "default"), None)
    if default is not None:  # [profile default] replaces [default]
        sections.setdefault(("profile", "default"), default)

    def of(kind: str) -> dict[str, Section]:
        return {name: section for (k, name), section in sections.items() if k == kind}

    return Profiles(of("profile"), of("sso-session"), of("services"))


def _lines(text: str) -> Iterator[str]:
    # not splitlines, which also splits at characters that a value may contain
    return (line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n"))


def merge(config: Profiles, credentials: Profiles) -> Profiles:
    """Return both files combined; *credentials* takes precedence within a profile."""
    names = [*config.profiles, *credentials.profiles]
    profiles = {
        name: {**config.profiles.get(name, {}), **credentials.profiles.get(name, {})}
        for name in names
    }
    return Profiles(profiles, config.sso_sessions, config.services)


def endpoint_urls(
    profiles: Profiles, section: Section, service: str
) -> Iterator[Property]:
    """Yield the endpoint URLs of *service* in a profile, the most specific one first.

    Args:
        section: The section of the profile.
        service: The name in a ``services`` section, such as ``sagemaker_runtime``.

    Raises:
        SharedConfigError: The profile names a ``services`` section that does not exist.
    """
    name = section.get("services")
    if name is not None and name.value:
        services = profiles.services.get(name.value)
        if services is None:
            message = f"section [services {name.value}] does not exist: {name.where}"
            raise SharedConfigError(message)
        settings = nested(services[service]) if service in services else {}
        if _ENDPOINT_URL in settings:
            yield settings[_ENDPOINT_URL]
    if _ENDPOINT_URL in section:
        yield section[_ENDPOINT_URL]


def nested(value: Property) -> Section:
    """Return the properties in the indented lines of *value*.

    Raises:
        SharedConfigError: A line is not ``name = value``.
    """
    found: dict[str, Property] = {}
    for offset, line in enumerate(value.value.split("\n")):
        if not line:
            continue
        number = value.line + offset
        key, equals, text = line.partition("=")
        if not equals or not key.strip(_BLANKS):
            message = f"{value.file}, line {number}: expected a nested 'name = value'"
            raise SharedConfigError(message)
        name = key.strip(_BLANKS).lower()
        found[name] = Property(text.strip(_BLANKS), value.file, number)
    return found
