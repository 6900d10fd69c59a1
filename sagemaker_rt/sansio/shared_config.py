"""The grammar of the AWS shared files, ``config`` and ``credentials``.

It is that of the cross-SDK specification, which botocore's parser is not: sections that
are of no known kind are skipped, values go on in indented lines, and whatever is wrong
is named with its file and line.
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
"""In ``config``, a profile's section begins with the word ``profile``."""


@frozen
class Property:
    """A value of a shared file, and where it stands."""

    value: str = field(repr=False)
    """Not shown: it may be a secret."""
    file: str
    line: int
    """From 1."""

    @property
    def where(self) -> str:
        """The place in words."""
        return f"{self.file}, line {self.line}"


Section: TypeAlias = Mapping[str, Property]
"""The properties of a section, by their names in lower case."""


@frozen
class Profiles:
    """What the shared files say."""

    profiles: Mapping[str, Section] = field(factory=dict)
    sso_sessions: Mapping[str, Section] = field(factory=dict)
    services: Mapping[str, Section] = field(factory=dict)


_NAME: Final = re.compile(r"[A-Za-z0-9/.%@_:+-]+")
_KEY: Final = re.compile(r"[A-Za-z0-9/.%@_:+-]+")
_COMMENT: Final = re.compile(r"[ \t][#;].*")
_BLANKS: Final = " \t"


class _Parser:
    """What has been read of one file, and the section that is being read."""

    def __init__(self, file: str, kind: FileKind) -> None:
        self.file = file
        self.kind = kind
        self.sections: dict[tuple[str, str], dict[str, Property]] = {}
        self.section: dict[str, Property] | None = None
        """None before the first one."""
        self.is_in_property = False
        self.key: str | None = None
        """The property that an indented line goes on with; None skips it."""

    def read(self, number: int, line: str) -> None:
        """Read *line*, whose number is from 1."""
        if not line.strip(_BLANKS) or line.startswith(("#", ";")):
            return
        if line.startswith("["):
            self._begin(number, line)
        elif line[0] in _BLANKS:
            self._go_on(number, line.strip(_BLANKS))
        else:
            self._define(number, line)

    def _begin(self, number: int, line: str) -> None:
        name, bracket, _ = line[1:].partition("]")
        if not bracket:
            raise self._wrong(number, "a profile definition must end with ']'")
        self.is_in_property, self.key = False, None
        kind, name = self._kind_of(name.strip(_BLANKS))
        # what is of no known kind is read, and forgotten
        self.section = {}
        if kind and _NAME.fullmatch(name):
            self.section = self.sections.setdefault((kind, name), {})

    def _kind_of(self, title: str) -> tuple[str, str]:
        """Return the kind and the name of the section with *title*."""
        if self.kind == "credentials":
            return "profile", title
        if title == "default":
            return "default", title
        kind, *rest = title.split(None, 1)[:2] or [""]
        known = {"profile", "sso-session", "services"}
        return (kind, rest[0]) if kind in known and rest else ("", title)

    def _define(self, number: int, line: str) -> None:
        if self.section is None:
            raise self._wrong(number, "expected a profile definition")
        key, equals, value = line.partition("=")
        key = key.strip(_BLANKS).lower()
        if not equals:
            raise self._wrong(number, "expected an '=' sign defining a property")
        if not key:
            raise self._wrong(number, "the property did not have a name")
        self.is_in_property, self.key = True, None
        if _KEY.fullmatch(key):
            self.key = key
            value = _COMMENT.sub("", value).strip(_BLANKS)
            self.section[key] = Property(value, self.file, number)

    def _go_on(self, number: int, text: str) -> None:
        if self.section is None:
            raise self._wrong(number, "expected a profile definition")
        if not self.is_in_property:
            raise self._wrong(number, "expected a property definition")
        if self.key is not None:
            begun = self.section[self.key]
            value = f"{begun.value}\n{text}"
            self.section[self.key] = Property(value, begun.file, begun.line)

    def _wrong(self, number: int, message: str) -> SharedConfigError:
        return SharedConfigError(f"{self.file}, line {number}: {message}")


def parse(text: str, *, kind: FileKind, file: str) -> Profiles:
    """Return what *text* says.

    Args:
        file: What the file is called in errors.

    Raises:
        SharedConfigError: A line is not of the grammar; its text is not shown.
    """
    parser = _Parser(file, kind)
    for number, line in enumerate(_lines(text), 1):
        parser.read(number, line)
    sections = parser.sections
    default = sections.pop(("default", "default"), None)
    if default is not None:  # [profile default] goes before [default], as a whole
        sections.setdefault(("profile", "default"), default)

    def of(kind: str) -> dict[str, Section]:
        return {name: section for (k, name), section in sections.items() if k == kind}

    return Profiles(of("profile"), of("sso-session"), of("services"))


def _lines(text: str) -> Iterator[str]:
    # not splitlines, which would also split at separators that a value may have
    return (line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n"))


def merge(config: Profiles, credentials: Profiles) -> Profiles:
    """Return what both files say; in one profile, the credentials file goes before."""
    names = [*config.profiles, *credentials.profiles]
    profiles = {
        name: {**config.profiles.get(name, {}), **credentials.profiles.get(name, {})}
        for name in names
    }
    return Profiles(profiles, config.sso_sessions, config.services)


def endpoint_urls(
    profiles: Profiles, section: Section, service: str
) -> Iterator[Property]:
    """Yield where *section*, a profile's, says that *service* is, most specific first.

    Args:
        service: As a ``services`` section calls it: ``sagemaker_runtime``.

    Raises:
        SharedConfigError: The profile names a ``services`` section that is not there.
    """
    name = section.get("services")
    if name is not None and name.value:
        services = profiles.services.get(name.value)
        if services is None:
            message = f"there is no section [services {name.value}]: {name.where}"
            raise SharedConfigError(message)
        inside = nested(services[service]) if service in services else {}
        if _ENDPOINT_URL in inside:
            yield inside[_ENDPOINT_URL]
    if _ENDPOINT_URL in section:
        yield section[_ENDPOINT_URL]


def nested(value: Property) -> Section:
    """Return the properties that stand in the indented lines of *value*.

    Raises:
        SharedConfigError: A line has no equals sign.
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
