from __future__ import annotations

from itertools import chain

from sagemaker_rt.context import PREPARE, Context
from sagemaker_rt.http import Request
from sagemaker_rt.resilience.endpoint_states import (
    IS_COPY,
    EndpointKey,
    EndpointStates,
    counts_for_endpoint,
    endpoint_key,
)
from tests.resilience.stacks import context, input_at
from tests.threads import run_in_threads


def test_a_state_is_made_once_for_each_endpoint() -> None:
    states = EndpointStates[list[int]](list, lambda _: True)
    first = states[EndpointKey("host", "m")]

    assert first is states[EndpointKey("host", "m")]
    assert first is not states[EndpointKey("other", "m")]
    assert [EndpointKey("host", "m"), EndpointKey("other", "m")] == [
        key for key, _ in states
    ]


def test_idle_states_that_are_not_used_are_dropped() -> None:
    states = EndpointStates[list[int]](list, lambda state: not state)
    states[EndpointKey("host", "busy")].append(1)
    states[EndpointKey("host", "idle")]

    for number in range(1023):
        states[EndpointKey("host", str(number))]

    kept = {key.endpoint_name for key, _ in states}
    assert 1024 == len(states)
    assert {"busy", "0", "1022"} <= kept
    assert "idle" not in kept


def test_several_threads_may_ask_for_states() -> None:
    states = EndpointStates[list[int]](list, lambda _: True)

    def use(thread: int) -> None:
        for number in chain(range(2000), range(2000)):
            states[EndpointKey("host", str(number * 7 % 2000 + thread))]

    run_in_threads(use)

    assert 1024 == len(states)


def test_prepared_calls_and_copies_say_nothing_about_an_endpoint() -> None:
    assert counts_for_endpoint(context())
    assert not counts_for_endpoint(context().with_value(PREPARE, True))
    assert not counts_for_endpoint(context().with_value(IS_COPY, True))


def test_the_key_has_the_host_and_the_name() -> None:
    input = input_at("https://a.example:8443/prefix")

    assert ("a.example:8443", "m") == endpoint_key(context("m"), input.request)
    assert ("", "") == endpoint_key(Context("Any"), Request())


def test_the_state_of_a_request_is_that_of_its_endpoint() -> None:
    states = EndpointStates[list[int]](list, lambda _: True)
    made = states.of(context("m"), input_at("https://a.example").request)

    assert made is states[EndpointKey("a.example", "m")]
    assert made is states.of(context("m"), input_at("https://a.example").request)
    assert made is not states.of(context("m"), Request())
