"""Options for TLS: trusted certificates and client certificates."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.options.checks import has_method, instance_of, is_bool
from sagemaker_rt.options.scope import CLIENT_ONLY
from sagemaker_rt.sansio.callables import runs_later

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["KeyPassword", "TLSOptions"]

_log = logging.getLogger(__name__)

KeyPassword: TypeAlias = str | bytes | Callable[[], str | bytes]
"""A password, or a function that returns it when it is needed."""

_FILE_OPTIONS: Final = (
    "ca_bundle",
    "ca_directory",
    "client_cert",
    "client_key",
    "client_key_password",
)
_KEY_OPTIONS: Final = ("client_key", "client_key_password")
_MAX_CACHED: Final = 16


def _check_password(_: object, __: object, value: Any) -> None:
    if (
        value is not None
        and not isinstance(value, (str, bytes))
        and (not callable(value) or runs_later(value))
    ):
        # the value is not shown: it may be a password in a wrong type
        message = (
            "client_key_password must be str, bytes, or a plain function without "
            "arguments"
        )
        raise OptionsError(message)


@frozen(kw_only=True, eq=False, repr=False)
class TLSOptions(FrozenValue):
    """Options for TLS. They are set on the client; they cannot be set per call."""

    ssl_context: SSLContext | None = field(
        default=None,
        validator=optional(has_method("wrap_bio")),
        repr=False,
        metadata=CLIENT_ONLY,
    )
    """The context for all connections; the default trusts the certificates of the
    system."""
    ca_bundle: str | None = field(
        default=None, validator=optional(instance_of(str)), metadata=CLIENT_ONLY
    )
    """The path of a file or folder of trusted certificates, which replaces those of the
    system."""
    ca_directory: str | None = field(
        default=None, validator=optional(instance_of(str)), metadata=CLIENT_ONLY
    )
    """The path of a folder of trusted certificates, which replaces those of the system.
    Run ``openssl rehash`` on the folder first."""
    client_cert: str | None = field(
        default=None, validator=optional(instance_of(str)), metadata=CLIENT_ONLY
    )
    """The path of a file with the client certificate and its intermediate
    certificates."""
    client_key: str | None = field(
        default=None, validator=optional(instance_of(str)), metadata=CLIENT_ONLY
    )
    """The path of a file with the private key of *client_cert*; the default is the file
    *client_cert* itself."""
    client_key_password: KeyPassword | None = field(
        default=None, validator=_check_password, repr=False, metadata=CLIENT_ONLY
    )
    """The password of the private key, or a function that returns it."""
    verify_ssl: bool = field(default=True, validator=is_bool, metadata=CLIENT_ONLY)
    """Whether certificates of servers are verified. False is for tests only: it accepts
    every certificate."""

    http2_ssl_context: SSLContext | None = field(
        default=None,
        validator=optional(has_method("wrap_bio")),
        repr=False,
        metadata=CLIENT_ONLY,
    )
    """The context for streams in both directions, in place of *ssl_context*; it must
    offer ``h2`` by ALPN. It is required if *ssl_context* is set, which offers
    HTTP/1.1."""

    @property
    def is_read_from_files(self) -> bool:
        """Whether `context` reads files, and blocks."""
        return any(getattr(self, name) is not None for name in _FILE_OPTIONS)

    def context(self, ca_bundle_source: str = "") -> SSLContext | None:
        """Return the TLS context; None stands for the default one. It reads files.

        Equal options share a context until one of their files changes, except for
        options with a password.

        Args:
            ca_bundle_source: Where *ca_bundle* was found, for errors.

        Raises:
            OptionsError: A file cannot be read, or two options contradict each other.
        """
        self.require_consistent()
        if self.verify_ssl and not self.is_read_from_files:
            return self.ssl_context
        if not self.verify_ssl:
            _warn_once()
        if self.client_key_password is not None:
            return _make_context(self, ca_bundle_source)
        paths = (self.ca_bundle, self.ca_directory, self.client_cert, self.client_key)
        return _cached_context(self, ca_bundle_source, tuple(map(_state, paths)))

    def http2_context(self, ca_bundle_source: str = "") -> SSLContext:
        """Return the context for HTTP/2, a new one in each call. It reads files.

        Args:
            ca_bundle_source: Where *ca_bundle* was found, for errors.

        Raises:
            OptionsError: A file cannot be read, two options contradict each other, or
                *ssl_context* is set without *http2_ssl_context*.
        """
        if self.http2_ssl_context is not None:
            return self.http2_ssl_context
        if self.ssl_context is not None:
            message = (
                "ssl_context is for HTTP/1.1; set http2_ssl_context too, to a context "
                "with set_alpn_protocols(['h2'])"
            )
            raise OptionsError(message)
        self.require_consistent()
        context = _make_context(self, ca_bundle_source)
        # not a shared one: a server could choose HTTP/2 for other calls then
        context.set_alpn_protocols(["h2"])
        return context

    def require_consistent(self) -> None:
        """Raise `OptionsError` if options contradict each other."""
        names = [name for name in _FILE_OPTIONS if getattr(self, name) is not None]
        unverified = [] if self.verify_ssl else ["verify_ssl=False"]
        if self.ssl_context is not None and names + unverified:
            name = (names + unverified)[0]
            message = f"ssl_context and {name} exclude each other"
            raise OptionsError(message)
        for name in _KEY_OPTIONS:
            if self.client_cert is None and name in names:
                message = f"{name} needs client_cert"
                raise OptionsError(message)
        for name in ("ca_bundle", "ca_directory"):
            if unverified and name in names:
                message = f"{name} and verify_ssl=False exclude each other"
                raise OptionsError(message)


def _state(path: str | None) -> tuple[int, ...]:
    """Return facts that differ when the file at *path* is replaced."""
    try:
        status = None if path is None else os.stat(path)  # noqa: PTH116 - as in Config
    except OSError:
        status = None
    return () if status is None else (status.st_mtime_ns, status.st_size, status.st_ino)


@lru_cache(maxsize=_MAX_CACHED)
def _cached_context(
    options: TLSOptions, source: str, _: tuple[tuple[int, ...], ...]
) -> SSLContext:
    return _make_context(options, source)


def _make_context(options: TLSOptions, source: str) -> SSLContext:
    import ssl  # noqa: PLC0415 - rarely needed

    context = _context_with_trust(options, source)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not options.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if options.client_cert is not None:
        _load_client_certificate(context, options, options.client_cert)
    return context


def _context_with_trust(options: TLSOptions, source: str) -> SSLContext:
    import ssl  # noqa: PLC0415 - rarely needed
    from pathlib import Path  # noqa: PLC0415 - rarely needed

    file, folder = options.ca_bundle, options.ca_directory
    if folder is not None and not Path(folder).is_dir():
        message = f"ca_directory must be a folder: {folder!r}"
        raise OptionsError(message)
    is_folder = file is not None and Path(file).is_dir()
    try:
        context = ssl.create_default_context(
            cafile=None if is_folder else file, capath=file if is_folder else folder
        )
        if is_folder and folder is not None:
            context.load_verify_locations(capath=folder)
    except OSError as error:  # also raised for a file that is not a certificate
        where = f" ({source})" if source else ""
        message = (
            f"ca_bundle {file!r}{where} cannot be read: {error}; it must be a file of "
            "PEM certificates, or a folder of them"
        )
        raise OptionsError(message) from error
    return context


def _load_client_certificate(
    context: SSLContext, options: TLSOptions, certificate: str
) -> None:
    """Load the client certificate and its key into *context*."""

    def refuse() -> NoReturn:
        # without this function, OpenSSL would prompt on the terminal
        message = f"{key} is encrypted, and client_key_password is not set"
        raise OptionsError(message)

    key = (
        f"client_cert {certificate!r}"
        if options.client_key is None
        else f"client_key {options.client_key!r}"
    )
    password = options.client_key_password
    try:
        context.load_cert_chain(
            certificate, options.client_key, refuse if password is None else password
        )
    except OSError as error:  # also raised for a wrong password
        beside = "" if options.client_key is None else f" with {key}"
        message = f"client_cert {certificate!r}{beside} cannot be used: {error}"
        raise OptionsError(message) from error


@lru_cache(maxsize=1)
def _warn_once() -> None:
    _log.warning("verify_ssl is False: certificates of servers are not verified")
