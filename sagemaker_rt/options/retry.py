"""How calls are attempted again."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.interfaces import Retryer
from sagemaker_rt.options.checks import has_method, one_of, positive
from sagemaker_rt.options.setting import Setting

__all__ = [
    "RetryMode",
    "RetryOptions",
    "with_max_attempts",
    "with_retry_mode",
    "with_retryer",
]

RetryMode: TypeAlias = Literal["standard", "off"]


@frozen(kw_only=True)
class RetryOptions:
    """How calls are attempted again."""

    retry_mode: RetryMode = field(
        default="standard", validator=one_of("standard", "off")
    )
    """``off`` makes one attempt."""
    max_attempts: int | None = field(default=None, validator=optional(positive))
    """How many attempts a call may have, the first among them; unset means 3."""
    retryer: Retryer | None = field(
        default=None, validator=optional(has_method("decide"))
    )
    """What decides, instead of *retry_mode* and *max_attempts*."""


def with_retry_mode(retry_mode: RetryMode) -> Setting:
    """Attempt again by the rules of *retry_mode*."""
    return Setting("retry_mode", retry_mode)


def with_max_attempts(max_attempts: int) -> Setting:
    """Make *max_attempts* at most, the first among them."""
    return Setting("max_attempts", max_attempts)


def with_retryer(retryer: Retryer) -> Setting:
    """Let *retryer* decide."""
    return Setting("retryer", retryer)
