"""The features of streams."""

from __future__ import annotations

from typing import Final

from tests.features.row import IDIOM, NATIVE, Row

__all__ = ["STREAMS"]

STREAMS: Final = (
    Row(
        "Events, Close, Err: events as they come",
        "G",
        NATIVE,
        "`async for event in stream`; `ResponseStream.aclose`, `ResponseStream.error`",
        "tests/test_response_stream.py::test_the_error_that_ended_a_stream_is_kept",
    ),
    Row(
        "UnknownUnionMember: parts, and events that are unknown",
        "G",
        NATIVE,
        "`PayloadPart`, `UnknownEvent`; `ResponseStream.parts`",
        "tests/test_response_stream.py::test_parts_are_bytes_alone_wherever_the_body_is_cut",
    ),
    Row(
        "a block on the call",
        "R",
        NATIVE,
        "`async with` the call",
        "tests/test_response_stream.py::test_a_call_is_entered",
    ),
    Row(
        "event_stream_handler: a handler object",
        "R",
        NATIVE,
        "`ResponseStreamHandler`",
        "tests/stories/test_bodies_on_their_way.py::test_functions_are_given_before_a_stream_is_asked_for",
    ),
    Row(
        "event_stream_handler: a function that is given the handler",
        "R",
        NATIVE,
        "its methods are decorators: `ResponseStreamHandler.on_event`",
        "tests/test_response_stream_handler.py::test_a_function_sees_what_it_asks_for",
    ),
    Row(
        "event_stream_handler: both at once",
        "R",
        NATIVE,
        "`ResponseStream.handle` of a stream that has begun",
        "tests/stories/test_bodies_on_their_way.py::test_functions_are_given_once_a_stream_has_begun",
    ),
    Row(
        "the events afterwards",
        "R",
        IDIOM,
        "`[event async for event in stream]`",
        "tests/features/test_idioms_of_calls.py::test_events_are_kept_by_a_list",
    ),
    Row(
        "event_types",
        "R",
        NATIVE,
        "`ResponseStream.event_types`",
        "tests/test_response_stream.py::test_the_events_of_the_model_have_names",
    ),
    Row(
        "event_stream_handler, output_event_stream_handler of a client",
        "R",
        IDIOM,
        "one handler for any number of calls",
        "tests/features/test_idioms_of_calls.py::test_one_handler_serves_any_number_of_calls",
    ),
    Row(
        "an error that has no model",
        "G R",
        NATIVE,
        "`UnmodeledEventError`",
        "tests/test_response_stream.py::test_other_failures_keep_their_code_and_message",
    ),
)
