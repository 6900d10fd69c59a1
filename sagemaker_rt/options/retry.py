"""How calls are attempted again."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import Attribute, field, frozen
from attrs.validators import optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.interfaces import Retryer
from sagemaker_rt.options.checks import (
    has_method,
    is_bool,
    is_callable,
    number,
    one_of,
    positive,
    seconds,
    seconds_from_zero_or_none,
)

if TYPE_CHECKING:
    from sagemaker_rt.sansio.backoff import CustomBackoff, Jitter
    from sagemaker_rt.sansio.retry import RetryPolicy

__all__ = [
    "RetryMode",
    "RetryOptions",
    "RetryRulesName",
]

RetryMode: TypeAlias = Literal["standard", "adaptive", "legacy", "off"]
RetryRulesName: TypeAlias = Literal["2026", "pre-2026"]

_MODES = ("standard", "adaptive", "legacy", "off")
_JITTERS = ("none", "equal", "full")


def _statuses(value: Iterable[int]) -> frozenset[int]:
    try:
        statuses = frozenset(value)
    except TypeError:
        statuses = frozenset((0,))
    if not all(type(status) is int and status for status in statuses):
        message = f"retry_model_errors must be a set of HTTP statuses: {value!r}"
        raise OptionsError(message)
    return statuses


def _is_backoff(instance: object, attribute: Attribute[Any], value: object) -> None:
    is_callable(instance, attribute, value)
    if iscoroutinefunction(value):
        message = f"custom_backoff must not be async, it only decides: {value!r}"
        raise OptionsError(message)


def _check_jitter(_: object, __: object, value: object) -> None:
    if value not in _JITTERS and not callable(value):
        names = ", ".join(map(repr, _JITTERS))
        message = f"retry_jitter must be one of {names}, or a function: {value!r}"
        raise OptionsError(message)


@frozen(kw_only=True)
class RetryOptions:
    """How calls are attempted again.

    Delays and costs are settled by the mode; ``retry_base_delay``, ``retry_max_delay``
    and ``retry_jitter`` are of the ``legacy`` mode alone.
    """

    retry_mode: RetryMode | None = field(
        default=None, validator=optional(one_of(*_MODES))
    )
    """Unset means ``standard``. ``adaptive`` also sends no faster than an endpoint that
    has throttled takes; ``legacy`` has the delays of the AWS SDK for Ruby, and no
    quota; ``off`` makes one attempt."""
    max_attempts: int | None = field(default=None, validator=optional(positive))
    """How many attempts a call may have, the first among them; unset means 3, or 4 in
    the ``legacy`` mode. Waiting for a model that is being loaded is not counted."""
    retryer: Retryer | None = field(
        default=None, validator=optional(has_method("decide"))
    )
    """What decides, instead of all others here but *correct_clock_skew*."""
    retry_rules: RetryRulesName | None = field(
        default=None, validator=optional(one_of("2026", "pre-2026"))
    )
    """Which numbers ``standard`` and ``adaptive`` go by; unset means those of 2026."""
    custom_backoff: CustomBackoff | None = field(
        default=None, validator=optional(_is_backoff)
    )
    """Tells the seconds before a retry, instead of the mode; it may not wait itself."""
    retry_ambiguous: bool = field(default=False, validator=is_bool)
    """Whether a request that may have been delivered, and was not answered, is sent
    again. The model may run once for each attempt."""
    retry_model_errors: frozenset[int] = field(default=frozenset(), converter=_statuses)
    """Statuses of the model's own container after which it is run again."""
    model_not_ready_timeout: float | None = field(
        default=60.0, validator=seconds_from_zero_or_none
    )
    """Seconds for which a model that is being loaded is asked again; 0 gives up at
    once, and None never does."""
    adaptive_wait: bool = field(default=True, validator=is_bool)
    """Whether a call waits for its turn in the ``adaptive`` mode, or fails."""
    clock_offset: float = field(default=0.0, validator=number)
    """Seconds by which the service's clock is ahead, so far as that is known."""
    correct_clock_skew: bool | None = field(default=None, validator=optional(is_bool))
    """Whether the time of signing is set right when the service refuses it; unset means
    that it is."""
    retry_base_delay: float | None = field(default=None, validator=optional(seconds))
    """Before the first retry; unset means 0.3 s, and each retry doubles it."""
    retry_max_delay: float | None = field(default=None, validator=optional(seconds))
    """What delays grow to, before jitter; unset sets no limit."""
    retry_jitter: Jitter | None = field(default=None, validator=optional(_check_jitter))
    """How chance shortens a delay; unset means not at all."""

    @property
    def policy(self) -> RetryPolicy:
        """What a retryer is told about which failures to retry."""
        from sagemaker_rt.sansio.retry import (  # noqa: PLC0415 - calls need it alone
            RetryPolicy,
        )

        return RetryPolicy(
            retry_ambiguous=self.retry_ambiguous,
            retry_model_errors=self.retry_model_errors,
            model_not_ready_timeout=self.model_not_ready_timeout,
        )
