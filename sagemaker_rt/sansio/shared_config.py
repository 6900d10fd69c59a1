"""Parser of the AWS shared files, ``config`` and ``credentials``.

The grammar is that of the cross-SDK specification, and accepts what botocore accepts
beyond it, since the AWS CLI writes it and people indent: quoted names of profiles,
indented titles, properties and comments. A line continues a value if its indentation is
deeper than that of the property. Sections of unknown kinds are skipped, and errors name
the file and line.

Where both differ, the specification applies: ``#`` or ``;`` after a blank starts a
comment, only ``=`` separates a name from its value, and sections with the same title
are merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, TypeAlias

from attrs import evolve, field, frozen

from sagemaker_rt.errors import SharedConfigError
from sagemaker_rt.frozen_value import FrozenValue

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


@frozen(eq=False, repr=False)
class Property(FrozenValue):
    """A value in a shared file, with its position."""

    value: str = field(repr=False)
    """Hidden in the repr, since it may be a secret."""
    file: str
    line: int
    """From 1."""
    more_lines: tuple[int, ...] = field(default=(), repr=False)
    """The numbers of the lines that continue the value."""

    @property
    def where(self) -> str:
        """The position as text."""
        return f"{self.file}, line {self.line}"


Section: TypeAlias = Mapping[str, Property]
"""The properties of a section by their lower-case names."""


@frozen(eq=False, repr=False)
class Profiles(FrozenValue):
    """The content of the shared files."""

    profiles: Mapping[str, Section] = field(factory=dict)
    sso_sessions: Mapping[str, Section] = field(factory=dict)
    services: Mapping[str, Section] = field(factory=dict)
    unlisted: Mapping[str, Section] = field(factory=dict)
    """Profiles whose unquoted names the specification does not allow. botocore reads
    them, and the AWS CLI writes ``[my dev]`` to the credentials file."""

    def find(self, name: str) -> Section | None:
        """Return the profile *name*, with any characters in its name."""
        return self.profiles.get(name, self.unlisted.get(name))


# The patterns are compiled at their first use: many programs have no shared files.
_NAME: Final = r"[A-Za-z0-9/.%@_:+-]+"
_QUOTES: Final = r"[\"'\\]"
# Only after a blank: values such as URLs may contain these characters.
_COMMENT: Final = r"[ \t][#;].*"
_KINDS: Final = frozenset({"profile", "sso-session", "services"})
_WORDS_IN_TITLE: Final = 2  # a kind and a name


class _Parser:
    """The sections of one file, filled line by line."""

    def __init__(self, file: str, kind: FileKind) -> None:
        self.file = file
        self.kind = kind
        self.sections: dict[tuple[str, str], dict[str, Property]] = {}
        self.section: dict[str, Property] | None = None
        """The current section; None before the first one."""
        self.indent: int | None = None
        """The indentation of the current property; None before the first one."""
        self.has_nested = False
        """Whether the lines after the current property are nested properties."""
        self.key: str | None = None
        """The property that a deeper line continues; None skips the line."""

    def read(self, number: int, line: str) -> None:
        """Parse *line*; *number* starts at 1."""
        text = line.strip()
        if not text or text[0] in "#;":
            return
        indent = len(line) - len(line.lstrip())
        if self.indent is not None and indent > self.indent:
            self._continue_value(number, text)
        elif text.startswith("["):
            self._parse_title(number, text)
        else:
            self._parse_property(number, text, indent)

    def _parse_title(self, number: int, line: str) -> None:
        title, bracket, _ = line[1:].partition("]")
        if not bracket:
            raise self._error(number, "a profile definition must end with ']'")
        self.indent, self.key = None, None
        kind, name = self._kind_of(title.strip())
        # The lines of an unknown section are parsed into a dict that is dropped.
        self.section = self.sections.setdefault((kind, name), {}) if kind else {}

    def _kind_of(self, title: str) -> tuple[str, str]:
        """Return the kind and the name of the section with *title*; "" for no kind."""
        if self.kind == "credentials":
            return ("profile" if re.fullmatch(_NAME, title) else "unlisted"), title
        # A separate kind, because [profile default] takes precedence over [default].
        if title == "default":
            return "default", title
        is_quoted = re.search(_QUOTES, title) is not None
        words = _unquoted(title) if is_quoted else title.split()
        if len(words) != _WORDS_IN_TITLE or words[0] not in _KINDS:
            return "", title
        kind, name = words
        if kind == "profile" and not is_quoted and not re.fullmatch(_NAME, name):
            kind = "unlisted"
        return kind, name

    def _parse_property(self, number: int, line: str, indent: int) -> None:
        if self.section is None:
            raise self._error(number, "expected a profile definition")
        key, equals, value = line.partition("=")
        key = key.strip().lower()
        if not equals and indent and self.indent is None:
            raise self._error(number, "expected a property definition")
        if not equals:
            raise self._error(number, "expected an '=' sign defining a property")
        if not key:
            raise self._error(number, "the property did not have a name")
        value = re.sub(_COMMENT, "", value).strip()
        self.indent, self.has_nested, self.key = indent, not value, None
        if re.fullmatch(_NAME, key):
            self.key = key
            self.section[key] = Property(value, self.file, number)

    def _continue_value(self, number: int, text: str) -> None:
        name, equals, _ = text.partition("=")
        if self.has_nested and not equals:
            raise self._error(number, "expected an '=' sign defining a sub-property")
        if self.has_nested and not name.strip():
            raise self._error(number, "the sub-property did not have a name")
        if self.key is not None and self.section is not None:
            start = self.section[self.key]
            self.section[self.key] = evolve(
                start,
                value=f"{start.value}\n{text}",
                more_lines=(*start.more_lines, number),
            )

    def _error(self, number: int, message: str) -> SharedConfigError:
        return SharedConfigError(f"{self.file}, line {number}: {message}")


def _unquoted(title: str) -> list[str]:
    """Return the words of *title*, with the quoting rules of the shell."""
    import shlex  # noqa: PLC0415 - rarely needed

    try:
        return shlex.split(title)
    except ValueError:  # an open quote
        return []


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

    return Profiles(of("profile"), of("sso-session"), of("services"), of("unlisted"))


def _lines(text: str) -> Iterator[str]:
    # not splitlines, which also splits at characters that a value may contain
    return (line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n"))


def merge(config: Profiles, credentials: Profiles) -> Profiles:
    """Return both files combined; *credentials* takes precedence within a profile."""

    def both(names: Iterable[str]) -> dict[str, Section]:
        return {
            name: {**(config.find(name) or {}), **(credentials.find(name) or {})}
            for name in names
        }

    listed = both([*config.profiles, *credentials.profiles])
    others = [*config.unlisted, *credentials.unlisted]
    unlisted = both(name for name in others if name not in listed)
    return Profiles(listed, config.sso_sessions, config.services, unlisted)


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
    numbers = (value.line, *value.more_lines)
    for number, line in zip(numbers, value.value.split("\n"), strict=True):
        if not line:
            continue
        key, equals, text = line.partition("=")
        if not equals or not key.strip():
            message = f"{value.file}, line {number}: expected a nested 'name = value'"
            raise SharedConfigError(message)
        found[key.strip().lower()] = Property(text.strip(), value.file, number)
    return found
