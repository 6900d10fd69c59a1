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
    """Return the line of a call with these facts."""
    stream = io.StringIO()
    logger = logging.Logger("calls")  # noqa: LOG001 - in nobody's way
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    logger.info("a call", extra={**FACTS, **facts})
    return stream.getvalue().removesuffix("\n")


BEGINNING = "[SageMakerRuntime 200 0.580066 0 retries]"
CALL = "invoke_endpoint_async(endpoint_name='m', body=[FILTERED])"


def test_a_line_tells_status_time_retries_and_members() -> None:
    assert f"{BEGINNING} {CALL}" == line(LogFormatter())
    assert f"{BEGINNING} {CALL}" == line(LogFormatter.default())


def test_a_short_line_tells_status_and_time() -> None:
    said = "[SageMakerRuntime 200 0.580066] invoke_endpoint_async"

    assert said == line(LogFormatter.short())
    assert f"{said} SlowDown" == line(LogFormatter.short(), error_class="SlowDown")


def test_a_coloured_line_says_the_same() -> None:
    colored = line(LogFormatter.colored())

    assert colored.startswith("\x1b[1;34m[")
    assert f"{BEGINNING} {CALL}" == re.sub(r"\x1b\[[0-9;]*m", "", colored)


def test_an_error_is_told_on_the_same_line() -> None:
    facts = {"http_status": None, "error_class": "E", "error_message": "a\r\nb"}

    said = "[SageMakerRuntime - 1 0 retries]"
    assert f"{said} {CALL} E a b" == line(LogFormatter(), duration=1.0, **facts)


def test_a_pattern_takes_facts_and_what_any_record_has() -> None:
    pattern = "{levelname} {name} {asctime:.0} {operation} {request_id} {request_size}"

    assert "INFO calls  invoke_endpoint_async r-1 -" == line(
        LogFormatter(pattern), request_size=None
    )


def test_long_texts_are_cut() -> None:
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


def test_other_records_are_left_as_they_are() -> None:
    record = logging.makeLogRecord({"msg": "%s and %s", "args": ("one", "two")})

    assert "one and two" == LogFormatter().format(record)


def test_an_exception_of_another_record_is_told_as_by_any_formatter() -> None:
    error = OSError("broken")
    record = logging.makeLogRecord({"msg": "no", "exc_info": (OSError, error, None)})

    assert "no\nOSError: broken" == LogFormatter().format(record)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{", "the pattern '{' cannot be read: "),
        ("{status}", "a log line has no field 'status'; there are client_class, "),
        ("{}", "a log line has no field ''; there are client_class, "),
        (":operation", "the pattern ':operation' has no field; write {operation}, say"),
        ("", "the pattern '' has no field"),
        ("{operation!x}", "the pattern '{operation!x}' cannot be used: "),
        ("{operation:d}", "the pattern '{operation:d}' cannot be used: "),
        ("{duration:!}", "the pattern '{duration:!}' cannot be used: "),
        ("{duration:{width}}", "the pattern '{duration:{width}}' cannot be used: "),
        (None, "a pattern is text: None"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused(pattern: Any, message: str) -> None:
    with pytest.raises(OptionsError) as caught:
        LogFormatter(pattern)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "options",
    [
        {"max_string_size": -1},
        {"max_string_size": None},
        {"max_string_size": True},
        {"filter": None},
    ],
)
def test_what_is_no_size_and_no_name_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionsError, match=next(iter(options))):
        LogFormatter(**options)


def test_numbers_can_be_put_in_other_ways() -> None:
    formatter = LogFormatter("{duration:.2f} {http_status:d} {retries:02d} {duration}")

    assert "0.58 200 00 0.580066" == line(formatter)
    assert "0.58 - 00 0.580066" == line(formatter, http_status=None)
    assert "-" == line(LogFormatter("{http_status!r}"), http_status=None)


def test_a_call_has_one_line_that_a_terminal_does_not_act_on() -> None:
    formatter = LogFormatter("{request_id} {error_class} {error_message}")

    said = line(
        formatter, request_id="r\n1", error_class="\x1b[1m", error_message="a\rb"
    )

    assert "r 1 [1m a b" == said


def test_members_that_are_no_text_are_cut_too() -> None:
    formatter = LogFormatter("{request_params}", max_string_size=4)

    said = line(formatter, request_params={"request_ttl_seconds": [1] * 100})

    assert "request_ttl_seconds=[1, ... (300 characters)" == said
