"""Options for retries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import Attribute, field, frozen
from attrs.validators import optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.interfaces import Retryer
from sagemaker_rt.options.checks import (
    has_method,
    is_bool,
    is_plain,
    number,
    one_of,
    positive,
    seconds,
    seconds_from_zero_or_none,
)
from sagemaker_rt.sansio.callables import runs_later
from sagemaker_rt.sansio.retried_model_errors import (
    RetriedReason,
    retried_model_errors,
)

if TYPE_CHECKING:
    from sagemaker_rt.sansio.backoff import CustomBackoff, Jitter
    from sagemaker_rt.sansio.retry import RetryPolicy

__all__ = ["RetryMode", "RetryOptions", "RetryRulesName"]

RetryMode: TypeAlias = Literal["standard", "adaptive", "legacy", "off"]
RetryRulesName: TypeAlias = Literal["2026", "pre-2026"]

_MODES = ("standard", "adaptive", "legacy", "off")
_JITTERS = ("none", "equal", "full")


def _model_errors(
    value: Iterable[int | RetriedReason],
) -> frozenset[int | RetriedReason]:
    return retried_model_errors(value)


def _check_retryer(instance: object, attribute: Attribute[Any], value: object) -> None:
    for name in ("decide", "succeeded", "give_back"):
        has_method(name)(instance, attribute, value)
        if runs_later(getattr(value, name)):
            message = f"{attribute.name}.{name} must be a plain method: {value!r}"
            raise OptionsError(message)
    try:
        most = getattr(value, "max_attempts", None)
    except Exception as error:
        message = f"{attribute.name}.max_attempts cannot be read: {value!r}"
        raise OptionsError(message) from error
    if type(most) is not int or most < 1:
        message = (
            f"{attribute.name}.max_attempts must be an int of at least 1, "
            f"not {most!r}: {value!r}"
        )
        raise OptionsError(message)


def _check_jitter(_: object, __: object, value: object) -> None:
    is_function = callable(value) and not runs_later(value)
    if not is_function and value not in _JITTERS:
        names = ", ".join(map(repr, _JITTERS))
        message = f"retry_jitter must be one of {names}, or a plain function: {value!r}"
        raise OptionsError(message)


@frozen(kw_only=True, eq=False, repr=False)
class RetryOptions(FrozenValue):
    """Options for retries.

    ``retry_base_delay``, ``retry_max_delay`` and ``retry_jitter`` need the mode
    ``legacy``.
    """

    retry_mode: RetryMode | None = field(
        default=None, validator=optional(one_of(*_MODES))
    )
    """The retry mode; the default is ``standard``. ``adaptive`` also limits the rate of
    requests to an endpoint that throttles. ``legacy`` has the delays of the AWS SDK for
    Ruby, and no retry quota. ``off`` makes one attempt."""
    max_attempts: int | None = field(default=None, validator=optional(positive))
    """The maximum number of attempts, including the first. The default is 3, or 4 in
    the mode ``legacy``. Retries of a model that is still loading are not counted."""
    retryer: Retryer | None = field(default=None, validator=optional(_check_retryer))
    """A custom retryer. It replaces the decisions and delays of the other options;
    *clock_offset*, *correct_clock_skew* and the rate limit of ``adaptive`` still
    apply."""
    retry_rules: RetryRulesName | None = field(
        default=None, validator=optional(one_of("2026", "pre-2026"))
    )
    """The delays and quota costs of the modes ``standard`` and ``adaptive``: those that
    the AWS SDKs use since 2026, or ``pre-2026``. The default is ``2026``."""
    custom_backoff: CustomBackoff | None = field(
        default=None, validator=optional(is_plain)
    )
    """A plain function of the retry's number, from 0, and the error. It returns the
    seconds to wait before the retry; a negative number ends the call."""
    retry_ambiguous: bool = field(default=False, validator=is_bool)
    """Whether a request is retried that may have been delivered, but got no response.
    The model may then run once per attempt."""
    retry_model_errors: frozenset[int | RetriedReason] = field(
        default=frozenset(), converter=_model_errors
    )
    """HTTP statuses of the model's container after which the call is retried. The model
    then runs again. The reasons ``overloaded`` and ``model-loading`` are allowed too,
    and are retried with the delays of throttling."""
    model_not_ready_timeout: float | None = field(
        default=60.0, validator=seconds_from_zero_or_none
    )
    """Seconds for which a call is retried while the model is still loading. 0 means no
    retry, and None no limit."""
    adaptive_wait: bool = field(default=True, validator=is_bool)
    """Whether a call waits for the rate limit of the mode ``adaptive``. False raises
    `RetryCapacityNotAvailableError`."""
    clock_offset: float = field(default=0.0, validator=number)
    """Seconds by which the clock of the service is ahead of *clock*, if that is
    known."""
    correct_clock_skew: bool | None = field(default=None, validator=optional(is_bool))
    """Whether the signing time is corrected when the service refuses it; the default is
    True."""
    retry_base_delay: float | None = field(default=None, validator=optional(seconds))
    """Seconds before the first retry in the mode ``legacy``, doubled with each retry;
    the default is 0.3."""
    retry_max_delay: float | None = field(default=None, validator=optional(seconds))
    """The maximum delay in seconds, before jitter, in the mode ``legacy``. None means
    no limit."""
    retry_jitter: Jitter | None = field(default=None, validator=optional(_check_jitter))
    """How delays are randomized in the mode ``legacy``: ``none``, ``equal`` (between
    half and all of the delay), ``full`` (between 0 and the delay), or a function of the
    delay. The default is ``none``."""

    @property
    def policy(self) -> RetryPolicy:
        """The failures that the retryer may retry."""
        from sagemaker_rt.sansio.retry import (  # noqa: PLC0415 - only calls need it
            RetryPolicy,
        )

        return RetryPolicy(
            retry_ambiguous=self.retry_ambiguous,
            retry_model_errors=self.retry_model_errors,
            model_not_ready_timeout=self.model_not_ready_timeout,
        )
