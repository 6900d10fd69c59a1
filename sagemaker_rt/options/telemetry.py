"""Options for traces, metrics and client-side monitoring."""

from __future__ import annotations

from typing import Any, Final

from attrs import Attribute, field, frozen
from attrs.validators import and_, optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.interfaces import MeterProvider, TracerProvider
from sagemaker_rt.options.checks import has_method, instance_of, is_bool, positive

__all__ = ["TelemetryOptions"]

_MAX_PORT: Final = 0xFFFF
_MAX_CLIENT_ID: Final = 255


def _is_port(_: object, attribute: Attribute[Any], value: Any) -> None:
    if value > _MAX_PORT:
        message = f"{attribute.name} must be at most {_MAX_PORT}: {value!r}"
        raise OptionsError(message)


def _is_short(_: object, attribute: Attribute[Any], value: Any) -> None:
    if len(value) > _MAX_CLIENT_ID:
        message = f"{attribute.name} must have at most {_MAX_CLIENT_ID} characters"
        raise OptionsError(message)


@frozen(kw_only=True, eq=False, repr=False)
class TelemetryOptions(FrozenValue):
    """Options for traces, metrics and client-side monitoring; off by default."""

    tracer_provider: TracerProvider | None = field(
        default=None, validator=optional(has_method("get_tracer"))
    )
    """An OpenTelemetry tracer provider: a span per call, with a span per attempt."""
    meter_provider: MeterProvider | None = field(
        default=None, validator=optional(has_method("get_meter"))
    )
    """An OpenTelemetry meter provider: durations of calls and their phases, and
    errors."""
    client_side_monitoring: bool | None = field(
        default=None, validator=optional(is_bool)
    )
    """Whether each attempt and call is reported to a monitoring agent over UDP, as in
    the other AWS SDKs. Unset means no."""
    client_side_monitoring_host: str | None = field(
        default=None, validator=optional(instance_of(str))
    )
    """The host of the monitoring agent; the default is 127.0.0.1."""
    client_side_monitoring_port: int | None = field(
        default=None, validator=optional(and_(positive, _is_port))
    )
    """The UDP port of the monitoring agent; the default is 31000."""
    client_side_monitoring_client_id: str | None = field(
        default=None, validator=optional(and_(instance_of(str), _is_short))
    )
    """The name of your application in the reports, at most 255 characters."""
