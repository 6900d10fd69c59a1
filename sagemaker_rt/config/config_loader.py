"""Configuration of a client, loaded at its first call."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.config.config import Config
from sagemaker_rt.errors import OptionsError, RequestTimeoutError
from sagemaker_rt.options import Options

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["ConfigLoader"]

# connection options that the environment can set
_CONNECTION_SETTINGS: Final = ("ca_bundle", "https_proxy", "http_proxy", "no_proxy")
_URL_SETTINGS: Final = ("ignore_configured_endpoint_urls", "endpoint_url")


class ConfigLoader:
    """Loads environment and shared files once, and completes options from them.

    Args:
        options: The options of the client, as they were given.
    """

    def __init__(self, options: Options) -> None:
        self.options: Final = options
        self.environ: Final[Mapping[str, str]] = (
            os.environ if options.environ is None else options.environ
        )
        self.ssl_context: SSLContext | None = None
        """Made from the certificate files in the options; None until they are read."""
        self.config: Config | None = None
        """Environment and shared files; None until they are loaded."""
        self.is_loaded = False
        """Whether the shared files have been read, and the certificate files if calls
        need them."""
        self._lock: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    async def load(self, config: Config | None = None) -> float:
        """Read all files in a thread, once for all concurrent calls.

        Return the event loop's time at the start, from which a call's deadline counts.

        Args:
            config: A configuration that is loaded already.

        Raises:
            SharedConfigError: A shared file cannot be read, or lacks the profile.
            OptionsError: A certificate file cannot be read.
            RequestTimeoutError: ``total_timeout`` expired first; nothing was sent.
        """
        started = asyncio.get_running_loop().time()
        limit = asyncio.timeout(self.options.timeouts.total_timeout)
        try:
            async with limit:
                await self._load(config)
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = "total_timeout expired while reading the configuration"
            raise RequestTimeoutError(message) from error
        return started

    async def _load(self, config: Config | None) -> None:
        async with self._exclusive():
            if self.config is None:
                profile, environ = self.options.profile, self.environ
                loaded = config or await Config.load(profile=profile, environ=environ)
                self.config = await loaded.locate(self.options)
            if not self.is_loaded:
                # An error of a certificate file is raised before any request, also to
                # a credentials service. Plain calls do not wait for these files.
                if _reads_certificates(self.config, self.options):
                    await self._load_ssl_context()
                self.is_loaded = True

    async def load_ssl_context(self) -> SSLContext | None:
        """Return the TLS context of the client; its files are read once, in a thread.

        None stands for the certificates of the system.

        Raises:
            OptionsError: A certificate file cannot be read.
        """
        async with self._exclusive():
            return await self._load_ssl_context()

    def _exclusive(self) -> asyncio.Lock:
        loop = asyncio.get_running_loop()
        # a lock belongs to one event loop, and a client may outlive its loop
        if self._lock is None or self._lock[0] is not loop:
            self._lock = loop, asyncio.Lock()
        return self._lock[1]

    async def _load_ssl_context(self) -> SSLContext | None:
        if self.ssl_context is None:
            tls = self.connection_options.tls
            self.ssl_context = await in_thread(tls.context, self.ca_bundle_source)
        return self.ssl_context

    def resolve(self, options: Options) -> Options:
        """Return *options* with unset options taken from the configuration.

        Raises:
            OptionsError: A value there is invalid.
            EndpointResolutionError: The region or the endpoint URL there is.
        """
        config = self._read()
        config.require_endpoint(options)
        return config.fill(options)

    @property
    def connection_options(self) -> Options:
        """The client's options, with those that its connections are made from."""
        return self._read().fill(self.options, *_CONNECTION_SETTINGS)

    @property
    def ca_bundle_source(self) -> str:
        """Where ``ca_bundle`` was found; empty if the options set it, or nothing."""
        return self._read().ca_bundle_source(self.options)

    def _read(self) -> Config:
        # `Client.stack` and `explain` are not async: before the first call they block
        if self.config is None:
            profile, environ = self.options.profile, self.environ
            self.config = Config.read(profile=profile, environ=environ)
        return self.config


def _reads_certificates(config: Config, options: Options) -> bool:
    """Return whether all calls with *options* need certificate files."""
    try:
        options = config.fill(options, *_CONNECTION_SETTINGS, *_URL_SETTINGS)
    except OptionsError:  # calls that set the option themselves ignore the value
        return False
    url = options.endpoint.endpoint_url
    is_plain = isinstance(url, str) and url.lower().startswith("http:")
    return (
        options.tls.is_read_from_files
        and options.http.custom_http_client is None
        and options.endpoint.use_ssl
        and not is_plain
    )
