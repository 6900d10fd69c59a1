"""What a client needs before its first call: options, and what files say."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sagemaker_rt.config.config import Config
from sagemaker_rt.options import Options

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["Groundwork"]

# options of the connections that the environment may fill
_OF_CONNECTIONS: Final = ("ca_bundle", "https_proxy", "http_proxy", "no_proxy")


class Groundwork:
    """The *options* of a client, and what environment and files say beside them."""

    def __init__(self, options: Options) -> None:
        self.options: Final = options
        self.environ: Final[Mapping[str, str]] = (
            os.environ if options.environ is None else options.environ
        )
        self.ssl_context: SSLContext | None = None
        """Made of the files that the options name; None without any."""
        self.config: Config | None = None
        """What environment and shared files say; None until they have been read."""
        self._reading: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None
        self.is_configured = False
        """Whether the shared files have been read, and those of certificates."""

    async def configure(self, given: Config | None = None) -> float:
        """Read all files in a thread, once, however many calls want it.

        Return when that was begun, by the event loop's time.

        Args:
            given: What they say, if it is known already.

        Raises:
            SharedConfigError: One cannot be read, or has no such profile.
            OptionsError: Certificates cannot be read.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        if self._reading is None or self._reading[0] is not loop:
            self._reading = loop, asyncio.Lock()
        async with self._reading[1]:
            if self.config is None:
                profile, environ = self.options.profile, self.environ
                config = given or await Config.load(profile=profile, environ=environ)
                self.config = await config.locate(self.options)
            if not self.is_configured:
                options = self.of_connections
                if options.tls.is_read_from_files and options.http.http_client is None:
                    self.ssl_context = await asyncio.to_thread(options.tls.context)
                self.is_configured = True
        return begun

    def filled(self, options: Options) -> Options:
        """Return *options* with what is unset taken from the configuration."""
        return self._read().fill(options)

    @property
    def of_connections(self) -> Options:
        """The client's options, as far as its connections are made of them."""
        return self._read().fill(self.options, *_OF_CONNECTIONS)

    def _read(self) -> Config:
        if self.config is None:  # who prints a stack before any call may wait for files
            profile, environ = self.options.profile, self.environ
            self.config = Config.read(profile=profile, environ=environ)
        return self.config
