"""What others are told of calls: traces, metrics, and an agent that listens."""

from __future__ import annotations

from typing import Any, Final

from attrs import Attribute, field, frozen
from attrs.validators import and_, optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.interfaces import MeterProvider, TracerProvider
from sagemaker_rt.options.checks import has_method, instance_of, is_bool, positive

__all__ = [
    "TelemetryOptions",
]

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


@frozen(kw_only=True)
class TelemetryOptions:
    """What others are told of calls; by default nobody is told anything."""

    tracer_provider: TracerProvider | None = field(
        default=None, validator=optional(has_method("get_tracer"))
    )
    """Makes a span of each call, and one of each attempt in it: OpenTelemetry's."""
    meter_provider: MeterProvider | None = field(
        default=None, validator=optional(has_method("get_meter"))
    )
    """Measures how long calls take, and their parts: OpenTelemetry's."""
    client_side_monitoring: bool | None = field(
        default=None, validator=optional(is_bool)
    )
    """Whether an agent is told of each attempt and call, by UDP, as AWS SDKs do it."""
    client_side_monitoring_host: str | None = field(
        default=None, validator=optional(instance_of(str))
    )
    """Where the agent listens; unset means 127.0.0.1."""
    client_side_monitoring_port: int | None = field(
        default=None, validator=optional(and_(positive, _is_port))
    )
    """Where the agent listens; unset means 31000."""
    client_side_monitoring_client_id: str | None = field(
        default=None, validator=optional(and_(instance_of(str), _is_short))
    )
    """What your application calls itself to the agent; 255 characters at most."""
