"""The features of interception, and of tests."""

from __future__ import annotations

from typing import Final

from tests.features.row import IDIOM, N_OP, NATIVE, Row

__all__ = ["INTERCEPTION"]

INTERCEPTION: Final = (
    Row(
        "a stack of five steps that can be edited",
        "G",
        NATIVE,
        "`Stack`, `Step`, `with_api_options`",
        "tests/test_stack.py::test_a_middleware_is_added_last_first_before_or_after",
    ),
    Row(
        "the stack is printed",
        "G",
        NATIVE,
        "`client.stack`, `client.explain`",
        "tests/test_client_prints.py::test_an_operation_runs_through_this",
    ),
    Row(
        "interceptors: thirteen hooks",
        "G",
        IDIOM,
        "a middleware before or after a named one",
        "tests/features/test_idioms_of_stacks.py::test_thirteen_hooks_are_middlewares_before_or_after_named_ones",
    ),
    Row(
        "AWS.Request.on: the events of a request",
        "J boto",
        IDIOM,
        "the same",
        "tests/features/test_idioms_of_stacks.py::test_the_events_of_a_request_are_middlewares_too",
    ),
    Row(
        "a listener of one request",
        "J",
        IDIOM,
        "`with_api_options` on the call",
        "tests/features/test_idioms_of_stacks.py::test_a_middleware_of_one_call_is_an_option_of_that_call",
    ),
    Row(
        "callbacks",
        "J",
        IDIOM,
        "`task.add_done_callback`",
        "tests/features/test_idioms_of_calls.py::test_a_callback_is_called_with_the_task_that_is_done",
    ),
    Row(
        "promise(): promises",
        "J",
        IDIOM,
        "what can be awaited",
        "tests/features/test_idioms_of_calls.py::test_a_promise_is_what_can_be_awaited",
    ),
    Row(
        "makeRequest: a request that waits to be sent",
        "J R",
        NATIVE,
        "`client.request`, `UnsentRequest.send`",
        "tests/test_unsent_request.py::test_it_is_sent_once",
    ),
    Row(
        "abort(): a request is called off",
        "J",
        NATIVE,
        "`UnsentRequest.abort`, or cancelling the task",
        "tests/test_unsent_request.py::test_an_abort_ends_the_call_and_not_the_task",
    ),
    Row(
        "build_request: a request is signed and looked at",
        "R",
        NATIVE,
        "`UnsentRequest.prepare`",
        "tests/test_unsent_request.py::test_what_is_prepared_is_what_would_be_sent",
    ),
    Row(
        "presigned URLs",
        "J boto",
        NATIVE,
        "`UnsentRequest.presign`",
        "tests/test_unsent_request.py::test_a_url_is_signed_for_whoever_has_it",
    ),
    Row(
        "services of one's own: defineService",
        "J",
        IDIOM,
        "a subclass of `Client`",
        "tests/features/test_idioms_of_calls.py::test_a_service_of_ones_own_is_a_subclass",
    ),
    Row(
        "waitFor, waiter_names: waiters",
        "R J boto",
        IDIOM,
        "a loop within `asyncio.timeout`",
        "tests/features/test_idioms_of_calls.py::test_a_waiter_is_a_loop_with_a_time_limit",
    ),
    Row(
        "paginators",
        "boto",
        N_OP,
        "no operation has pages",
        "tests/features/test_reserved.py::test_no_operation_has_pages",
    ),
    Row(
        "contexts and their cancellation",
        "G",
        IDIOM,
        "`asyncio.timeout`, `task.cancel()`",
        "tests/features/test_idioms_of_calls.py::test_a_call_ends_with_the_block_that_limits_it",
    ),
    Row(
        "stub_responses: stubbed responses",
        "R boto",
        NATIVE,
        "`Stubs`, `with_stubs`",
        "tests/testing/test_stubs.py::test_answers_come_in_order_and_the_last_repeats",
    ),
    Row(
        "stub_data",
        "R",
        NATIVE,
        "`stub_data`",
        "tests/testing/test_outputs.py::test_members_that_are_given_win",
    ),
    Row(
        "api_requests",
        "R",
        NATIVE,
        "`Stubs.requests`",
        "tests/testing/test_stubs.py::test_requests_are_kept_as_they_were_sent",
    ),
    Row(
        "Stubber: what must be asked, in order",
        "boto",
        NATIVE,
        "`StubRequest`",
        "tests/testing/test_stubs.py::test_a_test_can_say_what_must_be_asked_and_in_which_order",
    ),
    Row(
        "NewEventStream: streams made for tests",
        "G",
        NATIVE,
        "`fake_event_stream`",
        "tests/testing/test_fake_stream.py::test_events_are_the_same_however_they_are_cut",
    ),
    Row(
        "a service to test against",
        "",
        NATIVE,
        "`Emulator`",
        "tests/emulator/test_runtime.py::test_what_is_deployed_answers_by_all_three_operations",
    ),
)
