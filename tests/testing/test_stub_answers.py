from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from sagemaker_rt import errors, shapes
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    Operation,
)
from sagemaker_rt.testing.http_stub import HTTPStub
from sagemaker_rt.testing.response_encoding import (
    StreamEvent,
    encode_error,
    encode_events,
)
from sagemaker_rt.testing.stub_answers import as_list, is_function, to_reply

STREAM = INVOKE_ENDPOINT_WITH_RESPONSE_STREAM


def stub(operation: Operation, answer: object) -> HTTPStub:
    reply = to_reply(operation, answer)
    assert isinstance(reply, HTTPStub)
    return reply


def test_a_response_is_not_converted() -> None:
    answers = HTTPStub(418)

    assert to_reply(INVOKE_ENDPOINT, answers) is answers


def test_an_output_equals_a_dictionary_of_its_members() -> None:
    output = shapes.InvokeEndpointOutput(body=b"x", content_type="text/plain")

    whole = stub(INVOKE_ENDPOINT, output)

    members = {"body": "x", "content_type": "text/plain"}
    assert whole == stub(INVOKE_ENDPOINT, members)
    assert ((b"x",), "text/plain") == (whole.body, whole.headers["Content-Type"])


@pytest.mark.parametrize(
    "answer",
    ["ModelError", "modelerror", errors.ModelError, errors.ModelError("stubbed")],
)
def test_an_error_may_be_a_code_a_class_or_an_instance(answer: object) -> None:
    expected = encode_error(errors.ModelError("stubbed"))

    assert expected == stub(INVOKE_ENDPOINT, answer)


def test_an_unmodeled_code_has_status_400() -> None:
    reply = stub(INVOKE_ENDPOINT, "ThrottlingException")

    assert 400 == reply.status
    assert "ThrottlingException" == reply.headers["x-amzn-errortype"]


@pytest.mark.parametrize("code", ["", "no luck", "a:b", "1"])
def test_an_invalid_code_is_rejected(code: str) -> None:
    with pytest.raises(errors.OptionsError) as caught:
        to_reply(INVOKE_ENDPOINT, code)

    assert repr(code) in str(caught.value)


def test_other_exceptions_are_raised() -> None:
    lost = errors.ConnectionLostError("gone")

    replies = [to_reply(INVOKE_ENDPOINT, a) for a in (lost, OSError, KeyboardInterrupt)]

    assert lost is replies[0]
    assert [OSError, KeyboardInterrupt] == [type(reply) for reply in replies[1:]]


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_stream_is_a_list_of_events(kind: type) -> None:
    events: list[StreamEvent] = [
        b"a",
        shapes.PayloadPart(b"b"),
        errors.ModelStreamError("late"),
    ]

    reply = stub(STREAM, kind(events))

    assert encode_events(events) == reply.body


def test_a_stream_may_have_members_and_events() -> None:
    reply = stub(STREAM, {"content_type": "text/plain", "body": [b"a"]})

    assert "text/plain" == reply.headers["X-Amzn-SageMaker-Content-Type"]
    assert encode_events([b"a"]) == reply.body


def test_events_in_a_dictionary_must_be_a_list() -> None:
    with pytest.raises(errors.OptionsError) as caught:
        to_reply(STREAM, {"body": b"a"})

    assert "not bytes" in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    ["ModelStreamError", errors.InternalStreamFailure, errors.UnmodeledEventError("x")],
)
def test_a_stream_error_is_an_event_of_a_stream(answer: object) -> None:
    in_stream = stub(STREAM, answer)
    elsewhere = stub(INVOKE_ENDPOINT, answer)

    assert (200, 1) == (in_stream.status, len(in_stream.body))
    assert 400 == elsewhere.status


@pytest.mark.parametrize(
    ("operation", "answer", "name"),
    [
        (INVOKE_ENDPOINT, 1, "int"),
        (INVOKE_ENDPOINT, b"x", "bytes"),
        (INVOKE_ENDPOINT, int, "type"),
        (INVOKE_ENDPOINT, [b"x"], "list"),
        (
            INVOKE_ENDPOINT,
            shapes.InvokeEndpointAsyncOutput(),
            "InvokeEndpointAsyncOutput",
        ),
        (INVOKE_ENDPOINT_ASYNC, None, "NoneType"),
    ],
)
def test_an_invalid_answer_is_rejected(
    operation: Operation, answer: object, name: str
) -> None:
    with pytest.raises(errors.OptionsError) as caught:
        to_reply(operation, answer)

    assert operation.name in str(caught.value)
    assert f"not {name}" in str(caught.value)


def test_the_error_of_a_stream_mentions_lists() -> None:
    with pytest.raises(errors.OptionsError, match="a list of events"):
        to_reply(STREAM, b"x")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (print, True),
        (partial(print), True),
        (ValueError, False),
        ("ModelError", False),
        (HTTPStub(), False),
    ],
)
def test_exception_classes_are_not_functions(answer: object, expected: bool) -> None:
    assert expected == is_function(answer)


@pytest.mark.parametrize(
    ("operation", "answers", "expected"),
    [
        (INVOKE_ENDPOINT, "ModelError", ["ModelError"]),
        (INVOKE_ENDPOINT, ["ModelError", {}], ["ModelError", {}]),
        (STREAM, [b"a", b"b"], [[b"a", b"b"]]),
        (STREAM, (b"a",), [(b"a",)]),
        (STREAM, [[b"a"], [b"b"]], [[b"a"], [b"b"]]),
        (STREAM, [], []),
        (STREAM, ["ModelError"], ["ModelError"]),
    ],
)
def test_a_list_of_events_is_one_answer(
    operation: Operation, answers: Any, expected: list[object]
) -> None:
    assert expected == as_list(operation, answers)
