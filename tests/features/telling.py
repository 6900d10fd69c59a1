"""The features of logs, traces and metrics, and of what a call is known by."""

from __future__ import annotations

from typing import Final

from tests.features.row import IDIOM, NATIVE, Row

__all__ = ["TELLING"]

TELLING: Final = (
    Row(
        "a logger",
        "G R J H boto",
        NATIVE,
        "`logger`, `with_logger`",
        "tests/stories/test_logging.py::test_a_logger_of_another_kind_is_told_the_same",
    ),
    Row(
        "a logger that is a stream",
        "J",
        IDIOM,
        "`logging.StreamHandler`",
        "tests/features/test_idioms_of_calls.py::test_a_stream_to_write_logs_to_is_a_handler",
    ),
    Row(
        "ClientLogMode, http_wire_trace",
        "G R",
        NATIVE,
        "`log_mode`, `with_log_mode`, `LogMode`",
        "tests/stories/test_logging.py::test_a_stream_that_is_logged_comes_whole",
    ),
    Row(
        "log_level, log_formatter",
        "R",
        NATIVE,
        "`with_log_level`, `LogFormatter`",
        "tests/stories/test_logging.py::test_a_line_of_each_call_is_put_by_the_formatter",
    ),
    Row(
        "client_side_monitoring…, clientSideMonitoring",
        "R J boto",
        NATIVE,
        "`client_side_monitoring`, `with_client_side_monitoring` and its like",
        "tests/stories/test_telemetry.py::test_the_environment_turns_monitoring_on",
    ),
    Row(
        "TracerProvider, telemetry_provider: traces",
        "G R",
        NATIVE,
        "`tracer_provider`, `with_tracer_provider`",
        "tests/stories/test_telemetry.py::test_every_attempt_has_a_span",
    ),
    Row(
        "MeterProvider, telemetry_provider: metrics",
        "G R",
        NATIVE,
        "`meter_provider`, `with_meter_provider`",
        "tests/stories/test_telemetry.py::test_a_call_is_measured",
    ),
    Row(
        "metrics of HTTP: the time to a head",
        "G",
        NATIVE,
        "`meter_provider`: client.http.time_to_first_byte",
        "tests/middleware/test_attempt_metrics.py::test_the_time_to_the_head_is_measured",
    ),
    Row(
        "metrics of HTTP: names, connections, TLS",
        "G",
        IDIOM,
        "`aiohttp.TraceConfig` of a session in `AiohttpClient`",
        "tests/features/test_idioms_of_calls.py::test_connections_are_measured_by_the_traces_of_a_session",
    ),
    Row(
        "ResultMetadata, with facts of one's own",
        "G",
        NATIVE,
        "`output.metadata`, `Key`",
        "tests/test_context.py::test_metadata_holds_facts_under_typed_keys",
    ),
    Row(
        "the id of a request",
        "G R J boto",
        NATIVE,
        "`output.request_id`, and of every error",
        "tests/middleware/test_request_id_retriever.py::test_an_error_knows_the_id_and_so_does_its_metadata",
    ),
    Row(
        "the raw response",
        "G R J",
        NATIVE,
        "`metadata.raw_response`",
        "tests/middleware/test_add_raw_response_to_metadata.py::test_the_response_is_in_the_metadata",
    ),
    Row(
        "recursion detection",
        "G R boto",
        NATIVE,
        "always, in AWS Lambda",
        "tests/middleware/test_recursion_detection.py::test_the_trace_of_the_invocation_is_passed_on",
    ),
)
