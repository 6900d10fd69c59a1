"""The HTTP clients of this library, by name."""

from __future__ import annotations

import sys
from typing import Any, Final

from sagemaker_rt.interfaces import HTTPClient, HTTPClientName
from sagemaker_rt.transport.installed_libraries import is_installed

__all__ = ["is_native", "new_http_client"]

_IS_NATIVE_DEFAULT: Final = True


def is_native(name: HTTPClientName) -> bool:
    """Return whether *name* stands for the native client, in this process."""
    if name == "auto":
        # the default event loop of Windows cannot watch sockets
        can_watch = sys.platform != "win32"
        return can_watch and _IS_NATIVE_DEFAULT and is_installed("httptools")
    return name == "native"


def new_http_client(name: HTTPClientName, **options: Any) -> HTTPClient:
    """Return a new HTTP client with *options*; the caller closes it.

    Raises:
        OptionsError: An option is invalid, or *name* is ``native``, and httptools is
            not installed.
    """
    # only the chosen one is imported: aiohttp takes three times as long as asyncio
    if is_native(name):
        from sagemaker_rt.transport.native.client import (  # noqa: PLC0415 - see above
            NativeClient,
        )

        return NativeClient(**options)
    from sagemaker_rt.transport.aiohttp_client import (  # noqa: PLC0415 - see above
        AiohttpClient,
    )

    return AiohttpClient(**options)
