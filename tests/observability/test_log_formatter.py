from __future__ import annotations

import io
import logging
import re
from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.observability.log_formatter import LogFormatter

FACTS: dict[str, Any] = {
    "client_class": "SageMakerRuntime",
    "operation": "InvokeEndpointAsync",
    "http_status": 200,
    "request_id": "r-1",
    "duration": 0.58006600,
    "retries": 0,
    "request_size": 12,
    "request_params": {"endpoint_name": "m", "body": "[FILTERED]"},
    "error_class": None,
    "error_message": None,
}


def line(formatter: logging.Formatter, **facts: object) -> str:
    """Return the line for a call with these facts."""
    stream = io.StringIO()
    logger = logging.Logger("calls")  # noqa: LOG001 - not registered
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    logger.info("a call", extra={**FACTS, **facts})
    return stream.getvalue().removesuffix("\n")


BEGINNING = "[SageMakerRuntime 200 0.580066 0 retries]"
CALL = "invoke_endpoint_async(endpoint_name='m', body=[FILTERED])"


def test_the_default_line_has_status_duration_retries_and_input() -> None:
    assert f"{BEGINNING} {CALL}" == line(LogFormatter())
    assert f"{BEGINNING} {CALL}" == line(LogFormatter.default())


def test_a_short_line_has_status_and_duration() -> None:
    said = "[SageMakerRuntime 200 0.580066] invoke_endpoint_async"

    assert said == line(LogFormatter.short())
    assert f"{said} SlowDown" == line(LogFormatter.short(), error_class="SlowDown")


def test_a_colored_line_has_the_text_of_the_default_line() -> None:
    colored = line(LogFormatter.colored())

    assert colored.startswith("\x1b[1;34m[")
    assert f"{BEGINNING} {CALL}" == re.sub(r"\x1b\[[0-9;]*m", "", colored)


def test_an_error_is_on_the_same_line() -> None:
    facts = {"http_status": None, "error_class": "E", "error_message": "a\r\nb"}

    said = "[SageMakerRuntime - 1 0 retries]"
    assert f"{said} {CALL} E a b" == line(LogFormatter(), duration=1.0, **facts)


def test_a_pattern_may_use_facts_and_attributes_of_any_record() -> None:
    pattern = "{levelname} {name} {asctime:.0} {operation} {request_id} {request_size}"

    assert "INFO calls  invoke_endpoint_async r-1 -" == line(
        LogFormatter(pattern), request_size=None
    )


def test_long_strings_are_truncated() -> None:
    members = {"target_model": "a" * 6, "request_ttl_seconds": 60, "inference_id": "b"}
    formatter = LogFormatter(
        "{request_params} {error_message}", max_string_size=4, filter=()
    )

    cut = line(formatter, request_params=members, error_message="c" * 5)

    assert (
        "target_model='aaaa'... (6 characters), request_ttl_seconds=60, "
        "inference_id='b' cccc... (5 characters)"
    ) == cut


@pytest.mark.parametrize("filter", [["target_model"], "target_model"])
def test_other_members_can_be_filtered(filter: Any) -> None:
    members = {"target_model": "a", "inference_id": "b\n"}

    for formatter in (
        LogFormatter("{request_params}", filter=filter),
        LogFormatter.default(filter=filter),
        LogFormatter.colored(filter=filter),
    ):
        said = line(formatter, request_params=members)
        assert "target_model=[FILTERED], inference_id='b\\n'" in said


def test_other_records_are_formatted_as_usual() -> None:
    record = logging.makeLogRecord({"msg": "%s and %s", "args": ("one", "two")})

    assert "one and two" == LogFormatter().format(record)


def test_an_exception_of_another_record_is_formatted_as_usual() -> None:
    error = OSError("broken")
    record = logging.makeLogRecord({"msg": "no", "exc_info": (OSError, error, None)})

    assert "no\nOSError: broken" == LogFormatter().format(record)


@pytest.mark.parametrize(
    "pattern",
    [
        "{",
        ":operation",
        "",
        "{operation!x}",
        "{operation:d}",
        "{duration:!}",
        "{duration:{width}}",
        None,
    ],
)
def test_an_invalid_pattern_is_refused(pattern: Any) -> None:
    token = "pattern" if pattern is None else re.escape(repr(pattern))

    with pytest.raises(OptionsError, match=token):
        LogFormatter(pattern)


@pytest.mark.parametrize(("pattern", "field"), [("{status}", "status"), ("{}", "")])
def test_an_unknown_field_is_refused(pattern: str, field: str) -> None:
    with pytest.raises(OptionsError, match=f"field {field!r}.*client_class"):
        LogFormatter(pattern)


@pytest.mark.parametrize(
    "options",
    [
        {"max_string_size": -1},
        {"max_string_size": None},
        {"max_string_size": True},
        {"filter": None},
    ],
)
def test_an_invalid_argument_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionsError, match=next(iter(options))):
        LogFormatter(**options)


def test_a_format_spec_formats_numbers() -> None:
    formatter = LogFormatter("{duration:.2f} {http_status:d} {retries:02d} {duration}")

    assert "0.58 200 00 0.580066" == line(formatter)
    assert "0.58 - 00 0.580066" == line(formatter, http_status=None)
    assert "-" == line(LogFormatter("{http_status!r}"), http_status=None)


def test_control_characters_are_replaced_so_that_a_call_is_one_line() -> None:
    formatter = LogFormatter("{request_id} {error_class} {error_message}")

    said = line(
        formatter, request_id="r\n1", error_class="\x1b[1m", error_message="a\rb"
    )

    assert "r 1 [1m a b" == said


def test_members_that_are_not_strings_are_truncated_too() -> None:
    formatter = LogFormatter("{request_params}", max_string_size=4)

    said = line(formatter, request_params={"request_ttl_seconds": [1] * 100})

    assert "request_ttl_seconds=[1, ... (300 characters)" == said
