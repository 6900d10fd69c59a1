"""Build: say which software asks."""

from __future__ import annotations

import platform
import re
from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["UserAgent"]

# RFC 9110, section 5.6.2, less the characters that part the fields of this header
_NOT_TOKEN: Final = re.compile(r"[^!$%&'*+\-.^_`|~0-9A-Za-z]")
_LONGEST_APP_ID: Final = 50


class UserAgent:
    """Send ``user-agent``; the text is put together once.

    A header that is there already is kept in front of ours.
    """

    def __init__(self, app_id: str | None = None) -> None:
        self._text = _user_agent(app_id)

    def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Awaitable[Output]:
        lower = input.request.headers.lower
        own = lower.get("user-agent")
        lower["user-agent"] = f"{own} {self._text}" if own else self._text
        return next(ctx, input)


def _user_agent(app_id: str | None) -> str:
    """Return the fields that the AWS SDKs send, in their order."""
    parts = [
        f"sagemaker-rt/{_version_of('sagemaker-rt')}",
        "ua/2.1",
        f"os/{_token(platform.system().lower() or 'other')}",
        f"lang/python#{_token(platform.python_version())}",
        f"md/aiohttp#{_version_of('aiohttp')}",
    ]
    if app_id:
        parts.append(f"app/{_token(app_id[:_LONGEST_APP_ID])}")
    return " ".join(parts)


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
