"""Build: write the ``User-Agent`` header."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Awaitable, Iterable
from functools import cache
from typing import Final

from sagemaker_rt import __version__
from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.errors import OptionsError, StackError
from sagemaker_rt.sansio.suggestions import did_you_mean
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["UserAgent"]

# RFC 9110, section 5.6.2, without the separators of the fields of this header
_NOT_TOKEN: Final = re.compile(r"[^!$%&'*+\-.^_`|~0-9A-Za-z]")
# the limit of the AWS SDKs
_MAX_APP_ID: Final = 50

_FEATURES: Final = {
    "WAITER": "B",
    "PAGINATOR": "C",
    "RETRY_MODE_LEGACY": "D",
    "RETRY_MODE_STANDARD": "E",
    "RETRY_MODE_ADAPTIVE": "F",
    "GZIP_REQUEST_COMPRESSION": "L",
    "ENDPOINT_OVERRIDE": "N",
    "CREDENTIALS_CODE": "e",
    "CREDENTIALS_ENV_VARS": "g",
    "BEARER_SERVICE_ENV_VARS": "3",
}
"""Features that the AWS SDKs report, and their codes (botocore: useragent.py)."""


class UserAgent(BoundMiddleware[BuildInput]):
    """Set ``User-Agent`` in the format of the AWS SDKs.

    The value is built at the first call. An existing header is kept in front of it.

    Args:
        app_id: The application's name; truncated to 50 characters.
        extra: Appended to the value as it is.
        features: Names of features in the AWS SDKs; unknown names are ignored.
        http_library: The library that sends the requests; None if it is unknown.

    Raises:
        OptionsError: *extra* is not printable ASCII.
    """

    def __init__(
        self,
        app_id: str | None = None,
        *,
        extra: str | None = None,
        features: Iterable[str] = (),
        http_library: str | None = None,
    ) -> None:
        if extra is not None and not (extra.isascii() and extra.isprintable()):
            message = f"user_agent_extra must be printable ASCII: {extra!r}"
            raise OptionsError(message)
        self._app_id = app_id
        self._extra = extra
        self._http_library = http_library
        self._features = [name for name in features if name in _FEATURES]
        self._value: str | None = None

    def add_feature(self, name: str) -> None:
        """Add a feature to the value; for functions that edit a stack.

        Raises:
            StackError: *name* is not a feature of the AWS SDKs.
        """
        if name not in _FEATURES:
            message = f"unknown feature {name!r}{did_you_mean(name, _FEATURES)}"
            raise StackError(message)
        if name not in self._features:
            self._features.append(name)
        self._value = None

    def _build_value(self) -> str:
        """Return the fields of the header, in the order of the AWS SDKs."""
        parts = [
            f"sagemaker-rt/{__version__}",
            "ua/2.1",
            f"os/{_token(platform.system().lower() or 'other')}",
            f"lang/python#{_token(platform.python_version())}",
        ]
        if self._http_library is not None:
            version = _version_of(self._http_library)
            parts.append(f"md/{_token(self._http_library)}#{version}")
        if self._features:
            codes = (_FEATURES[name] for name in self._features)
            parts.append(f"m/{','.join(codes)}")
        if self._app_id:
            parts.append(f"app/{_token(self._app_id[:_MAX_APP_ID])}")
        if self._extra:
            parts.append(self._extra)
        return " ".join(parts)

    def bind(self, next: Handler[BuildInput]) -> Handler[BuildInput]:
        def handle(ctx: Context, input: BuildInput) -> Awaitable[Output]:
            # middleware may have set it, to name another library
            lower = input.request.headers.lower
            existing = lower.get("user-agent")
            value = self._value
            if value is None:
                value = self._value = self._build_value()
            lower["user-agent"] = f"{existing} {value}" if existing else value
            return next(ctx, input)

        return handle


@cache
def _version_of(library: str) -> str:
    # after the first request, the library is loaded, and most libraries have a version
    version_of_module = getattr(sys.modules.get(library), "__version__", None)
    if isinstance(version_of_module, str):
        return _token(version_of_module)
    # importing this, and reading the metadata, takes a tenth of the first call
    from importlib.metadata import (  # noqa: PLC0415 - slow to import
        PackageNotFoundError,
        version,
    )

    try:
        return _token(version(library))
    except PackageNotFoundError:
        return "unknown"


def _token(text: str) -> str:
    return _NOT_TOKEN.sub("-", text)
