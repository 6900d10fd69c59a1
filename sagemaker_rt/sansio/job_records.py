"""The record of an asynchronous inference, which is stored as JSON."""

from __future__ import annotations

import json
from typing import Any, Final

import attrs
from attrs import field, frozen
from attrs.validators import optional

from sagemaker_rt.errors import (
    InvalidJSONError,
    InvalidTextError,
    ParamValidationError,
)
from sagemaker_rt.sansio.json_decoding import parse_json
from sagemaker_rt.sansio.s3_addresses import S3Location, parse_location

__all__ = ["JobRecord", "lifetime_of", "record_from_json"]

_VERSION: Final = 1
# defaults of the service, in seconds
_REQUEST_TTL: Final = 21_600
_INVOCATION_TIMEOUT: Final = 900
_MAX_SECONDS: Final = 1e12
_MARGIN: Final = 60
"""Seconds to store the result."""


def _is_text(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value:
        problem = f"{attribute.name} must be text, not {value!r}"
        raise _invalid(problem)


def _is_seconds(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    is_bool = isinstance(value, bool)
    if not isinstance(value, (int, float)) or is_bool or not 0 <= value < _MAX_SECONDS:
        problem = f"{attribute.name} must be a number of seconds, not {value!r}"
        raise _invalid(problem)


@frozen(kw_only=True)
class JobRecord:
    """What is known of a job that was submitted.

    Raises:
        ParamValidationError: A value is invalid.
    """

    endpoint_name: str = field(validator=_is_text)
    output_location: str = field(validator=_is_text)
    submitted_at: float = field(validator=_is_seconds)
    """Seconds since the epoch."""
    lifetime: float = field(validator=_is_seconds)
    """Seconds after which there is a result, or a failure, or there never is."""
    inference_id: str | None = field(default=None, validator=optional(_is_text))
    failure_location: str | None = field(default=None, validator=optional(_is_text))

    def __attrs_post_init__(self) -> None:
        parse_location(self.output_location)
        if self.failure_location is not None:
            parse_location(self.failure_location)

    @property
    def output(self) -> S3Location:
        """Where the result is stored."""
        return parse_location(self.output_location)

    @property
    def failure(self) -> S3Location | None:
        """Where a failure is stored, if the service named it."""
        location = self.failure_location
        return None if location is None else parse_location(location)

    def to_json(self) -> str:
        """Return the record as a JSON object."""
        return json.dumps({"version": _VERSION, **attrs.asdict(self)})


def record_from_json(text: str | bytes) -> JobRecord:
    """Return the record that `JobRecord.to_json` wrote. Other members are ignored.

    Raises:
        ParamValidationError: *text* is not such a record.
    """
    if not isinstance(text, (str, bytes)):
        problem = f"it must be the text of AsyncJob.to_json, not {type(text).__name__}"
        raise _invalid(problem)
    try:
        document = parse_json(text)
    except (InvalidJSONError, InvalidTextError) as error:
        raise _invalid(str(error)) from error
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        problem = f"it must be an object with the version {_VERSION}"
        raise _invalid(problem)
    members: dict[str, Any] = {name: document.get(name) for name in _MEMBERS}
    return JobRecord(**members)


_MEMBERS: Final = tuple(member.name for member in attrs.fields(JobRecord))


def lifetime_of(
    request_ttl_seconds: int | None, invocation_timeout_seconds: int | None
) -> float:
    """Return the seconds in which a job ends: in the queue, in the model, and after."""
    queued = request_ttl_seconds or _REQUEST_TTL
    running = invocation_timeout_seconds or _INVOCATION_TIMEOUT
    return float(queued + running + _MARGIN)


def _invalid(problem: str) -> ParamValidationError:
    return ParamValidationError(f"the record of a job is invalid: {problem}", [problem])
