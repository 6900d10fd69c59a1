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
from sagemaker_rt.testing.stub_answers import is_function, listed, reply_to

STREAM = INVOKE_ENDPOINT_WITH_RESPONSE_STREAM


def stub(operation: Operation, answer: object) -> HTTPStub:
    reply = reply_to(operation, answer)
    assert isinstance(reply, HTTPStub)
    return reply


def test_a_whole_response_is_itself() -> None:
    given = HTTPStub(418)

    assert reply_to(INVOKE_ENDPOINT, given) is given


def test_an_output_and_its_members_are_alike() -> None:
    output = shapes.InvokeEndpointOutput(body=b"x", content_type="text/plain")

    whole = stub(INVOKE_ENDPOINT, output)

    members = {"body": "x", "content_type": "text/plain"}
    assert whole == stub(INVOKE_ENDPOINT, members)
    assert ((b"x",), "text/plain") == (whole.body, whole.headers["Content-Type"])


@pytest.mark.parametrize(
    "answer",
    ["ModelError", "modelerror", errors.ModelError, errors.ModelError("stubbed")],
)
def test_an_error_may_be_given_by_code_class_or_instance(answer: object) -> None:
    expected = encode_error(errors.ModelError("stubbed"))

    assert expected == stub(INVOKE_ENDPOINT, answer)


def test_a_code_that_has_no_model_is_a_bad_request() -> None:
    reply = stub(INVOKE_ENDPOINT, "ThrottlingException")

    assert 400 == reply.status
    assert "ThrottlingException" == reply.headers["x-amzn-errortype"]


@pytest.mark.parametrize("code", ["", "no luck", "a:b", "1"])
def test_a_text_that_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(errors.OptionsError) as caught:
        reply_to(INVOKE_ENDPOINT, code)

    text = f"an error's code is one word, such as ThrottlingException: {code!r}"
    assert text == str(caught.value)


def test_exceptions_that_are_not_the_services_are_raised() -> None:
    lost = errors.ConnectionLostError("gone")

    replies = [reply_to(INVOKE_ENDPOINT, a) for a in (lost, OSError, KeyboardInterrupt)]

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


def test_the_events_among_members_are_a_list() -> None:
    with pytest.raises(errors.OptionsError) as caught:
        reply_to(STREAM, {"body": b"a"})

    assert "body must be a list of events: bytes" == str(caught.value)


@pytest.mark.parametrize(
    "answer",
    ["ModelStreamError", errors.InternalStreamFailure, errors.UnmodeledEventError("x")],
)
def test_an_error_that_only_streams_have_comes_in_one(answer: object) -> None:
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
def test_what_is_no_answer_is_refused(
    operation: Operation, answer: object, name: str
) -> None:
    with pytest.raises(errors.OptionsError) as caught:
        reply_to(operation, answer)

    text = (
        f"{operation.name} is answered with {operation.name}Output, a dictionary of "
        "its members, an error or its code, an HTTPStub or a function, "
        f"not {name}"
    )
    assert text == str(caught.value)


def test_a_stream_is_told_that_it_may_be_a_list() -> None:
    with pytest.raises(errors.OptionsError, match="an HTTPStub, a list of events or a"):
        reply_to(STREAM, b"x")


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
def test_functions_are_told_from_classes(answer: object, expected: bool) -> None:
    assert expected == is_function(answer)


@pytest.mark.parametrize(
    ("operation", "given", "expected"),
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
def test_one_answer_is_told_from_several(
    operation: Operation, given: Any, expected: list[object]
) -> None:
    assert expected == listed(operation, given)
