from __future__ import annotations

import pytest

from sagemaker_rt.context import (
    ATTEMPTS,
    HTTP_STATUS,
    REQUEST_ID,
    AttemptResult,
    Key,
    LastExchange,
    Metadata,
)
from sagemaker_rt.errors import (
    ConnectionLostError,
    ModelError,
    ParamValidationError,
    StackError,
)
from sagemaker_rt.invocation.call_facts import describe_exception, with_facts
from sagemaker_rt.shapes import InvokeEndpointOutput
from sagemaker_rt.stack import Output
from tests.doubles import response

TENANT: Key[str] = Key("tenant")
ONE = (AttemptResult(1, error=None, delay=None),)


def exchange(status: int = 200, facts: Metadata | None = None) -> LastExchange:
    """Return an exchange whose response has a request id."""
    metadata = Metadata() if facts is None else facts
    return LastExchange(1, metadata, response(status, {"x-amzn-requestid": "r-1"}))


def test_an_error_before_the_call_has_the_operation() -> None:
    error = ParamValidationError("wrong")

    describe_exception(error, "InvokeEndpoint")

    assert ("InvokeEndpoint", 0) == (error.operation, error.attempts)
    assert {} == error.metadata


def test_a_foreign_exception_names_the_service_and_the_operation() -> None:
    of_runtime, of_storage = KeyError(), KeyError()

    describe_exception(of_runtime, "InvokeEndpoint")
    describe_exception(of_storage, "GetObject", service="S3")

    assert ["SageMaker Runtime InvokeEndpoint"] == of_runtime.__notes__
    assert ["S3 GetObject"] == of_storage.__notes__


def test_an_error_after_a_response_has_its_facts() -> None:
    error = ParamValidationError("the answer is wrong")
    last = exchange(facts=Metadata({TENANT: "acme", ATTEMPTS: ONE}))

    describe_exception(error, "InvokeEndpoint", last)

    facts = error.http_status, error.request_id, error.attempts, error.response
    assert (200, "r-1", 1, last.response) == facts
    assert error.request_sent
    assert error.may_have_executed
    assert ("acme", 200, "r-1") == (
        error.metadata[TENANT],
        error.metadata.http_status,
        error.metadata.request_id,
    )


def test_an_error_in_place_of_a_lost_response_says_that_the_model_may_have_run() -> (
    None
):
    lost = ConnectionLostError("gone")
    lost.request_sent = lost.may_have_executed = True
    error = ParamValidationError("no answer")
    attempts = (AttemptResult(1, lost, None),)
    last = LastExchange(1, Metadata({ATTEMPTS: attempts}))

    describe_exception(error, "InvokeEndpoint", last)

    assert (1, True, True) == (
        error.attempts,
        error.request_sent,
        error.may_have_executed,
    )
    assert (None, None) == (error.http_status, error.request_id)


def test_facts_that_an_error_has_are_kept() -> None:
    error = ModelError("no", request_id="r-0", http_status=424)
    error.metadata[TENANT] = "mine"

    describe_exception(error, "InvokeEndpoint", exchange(facts=Metadata({TENANT: "x"})))

    assert ("r-0", 424, "mine") == (
        error.request_id,
        error.http_status,
        error.metadata[TENANT],
    )


def test_without_retry_each_request_is_an_attempt() -> None:
    error = ConnectionLostError("gone")

    describe_exception(error, "InvokeEndpoint", LastExchange(2, error.metadata))

    assert 2 == error.attempts


def test_an_error_of_a_nested_call_is_unchanged() -> None:
    error = ModelError()
    error.operation = "InvokeEndpointAsync"

    describe_exception(error, "InvokeEndpoint", exchange())

    assert ("InvokeEndpointAsync", None) == (error.operation, error.request_id)


def test_another_exception_gets_one_note() -> None:
    error = KeyError(1)

    describe_exception(error, "InvokeEndpoint")
    describe_exception(error, "InvokeEndpoint")

    assert ["SageMaker Runtime InvokeEndpoint"] == error.__notes__


def test_a_complete_output_is_returned_as_it_is() -> None:
    facts = Metadata({HTTP_STATUS: 200, ATTEMPTS: ONE})
    output = Output(InvokeEndpointOutput(body=b"", metadata=facts), metadata=facts)

    assert output is with_facts(output, exchange(facts=facts))


def test_a_new_output_has_the_facts_of_the_exchange() -> None:
    output = Output(InvokeEndpointOutput(body=b"mine"))
    last = exchange(facts=Metadata({ATTEMPTS: ONE}))

    result = with_facts(output, last).result

    assert (b"mine", 200, "r-1", ONE) == (
        result.body,
        result.http_status,
        result.request_id,
        result.metadata.attempts,
    )


def test_the_metadata_of_the_output_takes_precedence() -> None:
    """Over that of the result, and that over the last exchange."""
    own = Metadata({TENANT: "result", REQUEST_ID: "r-0"})
    result = InvokeEndpointOutput(body=b"", metadata=own)
    output = Output(result, metadata=Metadata({TENANT: "output"}))

    complete = with_facts(output, exchange())

    assert complete.result.metadata is complete.metadata
    assert {TENANT: "output", REQUEST_ID: "r-0", HTTP_STATUS: 200} == complete.metadata
    assert {TENANT: "result", REQUEST_ID: "r-0"} == result.metadata


def test_an_answer_without_a_request_keeps_its_result() -> None:
    result = InvokeEndpointOutput(body=b"cached")

    assert result is with_facts(Output(result), LastExchange()).result


def test_another_result_is_not_touched() -> None:
    assert {"a": 1} == with_facts(Output({"a": 1}), exchange()).result


def test_a_middleware_must_return_an_output() -> None:
    with pytest.raises(StackError, match="returned NoneType"):
        with_facts(None, exchange())  # type: ignore[arg-type] # the point
