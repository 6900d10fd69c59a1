"""How connections are encrypted."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options.checks import has_method, instance_of, is_bool

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["KeyPassword", "TLSOptions"]

_log = logging.getLogger(__name__)

KeyPassword: TypeAlias = str | bytes | Callable[[], str | bytes]
"""A password, or what tells it when it is needed."""

_OF_A_CONTEXT: Final = (
    "ca_bundle",
    "ca_directory",
    "client_cert",
    "client_key",
    "client_key_password",
)
_OF_A_CERTIFICATE: Final = ("client_key", "client_key_password")
_MAX_KEPT: Final = 16


def _check_password(_: object, __: object, value: Any) -> None:
    if (
        value is not None
        and not isinstance(value, (str, bytes))
        and not callable(value)
    ):
        # which may be one that was wrapped in something, and is not shown
        message = (
            "client_key_password must be str, bytes, or a function without arguments"
        )
        raise OptionsError(message)


@frozen(kw_only=True)
class TLSOptions:
    """How connections are encrypted; settled with the client."""

    ssl_context: SSLContext | None = field(
        default=None, validator=optional(has_method("wrap_bio")), repr=False
    )
    """Trust, versions and client certificate; unset means the system's trust."""
    ca_bundle: str | None = field(default=None, validator=optional(instance_of(str)))
    """The path of a file, or a folder, of certificates to trust instead of the
    system's."""
    ca_directory: str | None = field(default=None, validator=optional(instance_of(str)))
    """The path of a folder of certificates to trust instead of the system's, in files
    that are named as ``openssl rehash`` does."""
    client_cert: str | None = field(default=None, validator=optional(instance_of(str)))
    """The path of a file with the certificate to show to servers that ask for one, and
    with those that it is signed by."""
    client_key: str | None = field(default=None, validator=optional(instance_of(str)))
    """The path of a file with the key of *client_cert*; unset, that has the key too."""
    client_key_password: KeyPassword | None = field(
        default=None, validator=_check_password, repr=False
    )
    """What the key is encrypted with."""
    verify_ssl: bool = field(default=True, validator=is_bool)
    """False takes any certificate, so that anybody in between may read and answer."""

    @property
    def is_read_from_files(self) -> bool:
        """Whether `context` blocks for files."""
        return any(getattr(self, name) is not None for name in _OF_A_CONTEXT)

    def context(self) -> SSLContext | None:
        """Return what to trust; None is the system's trust. Reads the files.

        Equal options have the same context as long as their files are the same, but
        for those with a password.

        Raises:
            OptionsError: A file cannot be read, or two options contradict each other.
        """
        self._require_sense()
        if self.verify_ssl and not self.is_read_from_files:
            return self.ssl_context
        if not self.verify_ssl:
            _warn_once()
        if self.client_key_password is not None:
            return _made(self)
        paths = (self.ca_bundle, self.ca_directory, self.client_cert, self.client_key)
        return _kept(self, tuple(map(_state, paths)))

    def _require_sense(self) -> None:
        """Refuse what contradicts."""
        given = [name for name in _OF_A_CONTEXT if getattr(self, name) is not None]
        distrusted = [] if self.verify_ssl else ["verify_ssl=False"]
        if self.ssl_context is not None and given + distrusted:
            name = (given + distrusted)[0]
            message = f"ssl_context has its own trust and keys; give it or {name}"
            raise OptionsError(message)
        for name in _OF_A_CERTIFICATE:
            if self.client_cert is None and name in given:
                message = f"{name} is of no use without client_cert"
                raise OptionsError(message)
        for name in ("ca_bundle", "ca_directory"):
            if distrusted and name in given:
                message = f"{name} is of no use beside verify_ssl=False"
                raise OptionsError(message)


def _state(path: str | None) -> tuple[int, ...]:
    """Return what differs once the file at *path* has been replaced."""
    try:
        status = None if path is None else os.stat(path)  # noqa: PTH116 - as in Config
    except OSError:
        status = None
    return () if status is None else (status.st_mtime_ns, status.st_size, status.st_ino)


@lru_cache(maxsize=_MAX_KEPT)
def _kept(options: TLSOptions, _: tuple[tuple[int, ...], ...]) -> SSLContext:
    return _made(options)


def _made(options: TLSOptions) -> SSLContext:
    import ssl  # noqa: PLC0415 - where there are files, or there is no trust, alone

    context = _trusting(options)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not options.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if options.client_cert is not None:
        _show(context, options, options.client_cert)
    return context


def _trusting(options: TLSOptions) -> SSLContext:
    import ssl  # noqa: PLC0415 - as above
    from pathlib import Path  # noqa: PLC0415 - as above

    file, folder = options.ca_bundle, options.ca_directory
    if folder is not None and not Path(folder).is_dir():
        message = f"ca_directory {folder} is no folder"
        raise OptionsError(message)
    is_folder = file is not None and Path(file).is_dir()
    try:
        context = ssl.create_default_context(
            cafile=None if is_folder else file, capath=file if is_folder else folder
        )
        if is_folder and folder is not None:
            context.load_verify_locations(capath=folder)
    except OSError as error:  # what is no certificate, too
        message = f"ca_bundle {file} cannot be read: {error}"
        raise OptionsError(message) from error
    return context


def _show(context: SSLContext, options: TLSOptions, certificate: str) -> None:
    """Have *context* show *certificate* to servers that ask for one."""

    def ask() -> NoReturn:
        # OpenSSL would ask whoever sits at the terminal
        message = f"{key} is encrypted, and client_key_password is not set"
        raise OptionsError(message)

    key = (
        f"client_cert {certificate}"
        if options.client_key is None
        else f"client_key {options.client_key}"
    )
    password = options.client_key_password
    try:
        context.load_cert_chain(
            certificate, options.client_key, ask if password is None else password
        )
    except OSError as error:  # a password that is wrong, too
        beside = "" if options.client_key is None else f" with {key}"
        message = f"client_cert {certificate}{beside} cannot be used: {error}"
        raise OptionsError(message) from error


@lru_cache(maxsize=1)
def _warn_once() -> None:
    _log.warning("verify_ssl is False: certificates of servers are not verified")
