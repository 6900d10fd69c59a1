"""Build: say which software asks."""

from __future__ import annotations

import platform
import re
from collections.abc import Awaitable, Iterable
from functools import cache
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import OptionsError, StackError
from sagemaker_rt.sansio.suggestions import did_you_mean
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["UserAgent"]

# RFC 9110, section 5.6.2, less the characters that part the fields of this header
_NOT_TOKEN: Final = re.compile(r"[^!$%&'*+\-.^_`|~0-9A-Za-z]")
_LONGEST_APP_ID: Final = 50


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
"""What the AWS SDKs tell of their use, as botocore 1.44.5 abbreviates it."""


class UserAgent:
    """Send ``user-agent``; the text is put together once.

    A header that is there already is kept in front of ours.

    Args:
        extra: The end of the text, as it is.
        features: What is used, by names of the AWS SDKs; others are not told.

    Raises:
        OptionsError: A header cannot carry *extra*.
    """

    def __init__(
        self,
        app_id: str | None = None,
        *,
        extra: str | None = None,
        features: Iterable[str] = (),
    ) -> None:
        if extra is not None and not (extra.isascii() and extra.isprintable()):
            message = f"user_agent_extra must be printable ASCII: {extra!r}"
            raise OptionsError(message)
        self._app_id = app_id
        self._extra = extra
        self._features = [name for name in features if name in _FEATURES]
        self._text = self._put_together()

    def add_feature(self, name: str) -> None:
        """Tell of another feature; for functions that edit a stack.

        Raises:
            StackError: *name* is none that the AWS SDKs tell of.
        """
        if name not in _FEATURES:
            message = f"there is no feature {name!r}{did_you_mean(name, _FEATURES)}"
            raise StackError(message)
        if name not in self._features:
            self._features.append(name)
        self._text = self._put_together()

    def _put_together(self) -> str:
        """Return the fields that the AWS SDKs send, in their order."""
        parts = [
            f"sagemaker-rt/{_version_of('sagemaker-rt')}",
            "ua/2.1",
            f"os/{_token(platform.system().lower() or 'other')}",
            f"lang/python#{_token(platform.python_version())}",
            f"md/aiohttp#{_version_of('aiohttp')}",
        ]
        if self._features:
            letters = (_FEATURES[name] for name in self._features)
            parts.append(f"m/{','.join(letters)}")
        if self._app_id:
            parts.append(f"app/{_token(self._app_id[:_LONGEST_APP_ID])}")
        if self._extra:
            parts.append(self._extra)
        return " ".join(parts)

    def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Awaitable[Output]:
        lower = input.request.headers.lower
        own = lower.get("user-agent")
        lower["user-agent"] = f"{own} {self._text}" if own else self._text
        return next(ctx, input)


@cache  # reading the metadata of a distribution takes milliseconds
def _version_of(distribution: str) -> str:
    # it takes a tenth of the time that a client needs to begin
    from importlib.metadata import (  # noqa: PLC0415 - when a call is made
        PackageNotFoundError,
        version,
    )

    try:
        return _token(version(distribution))
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"


def _token(text: str) -> str:
    return _NOT_TOKEN.sub("-", text)
