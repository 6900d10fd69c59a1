"""The HTTP clients of this library, by name."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any, Final

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.interfaces import HTTPClient, HTTPClientName

__all__ = ["chosen_name", "new_http_client"]

_IS_NATIVE_DEFAULT: Final = False


def chosen_name(name: HTTPClientName) -> HTTPClientName:
    """Return the name of the HTTP client that *name* stands for, here.

    Raises:
        OptionsError: It is ``native``, and httptools is not installed.
    """
    has_parser = find_spec("httptools") is not None
    if name == "native" and not has_parser:
        message = (
            "http_client='native' needs httptools; pip install 'sagemaker-rt[fast]'"
        )
        raise OptionsError(message)
    if name == "auto":
        # the default event loop of Windows cannot watch sockets
        can_watch = sys.platform != "win32"
        return (
            "native" if has_parser and can_watch and _IS_NATIVE_DEFAULT else "aiohttp"
        )
    return name


def new_http_client(name: HTTPClientName, **options: Any) -> HTTPClient:
    """Return a new HTTP client with *options*; the caller closes it.

    Raises:
        OptionsError: An option is invalid, or httptools is not installed.
    """
    # only the chosen one is imported: aiohttp takes three times as long as asyncio
    if chosen_name(name) == "native":
        from sagemaker_rt.transport.native.client import (  # noqa: PLC0415 - see above
            NativeClient,
        )

        return NativeClient(**options)
    from sagemaker_rt.transport.aiohttp_client import (  # noqa: PLC0415 - see above
        AiohttpClient,
    )

    return AiohttpClient(**options)
