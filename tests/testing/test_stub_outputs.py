from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt import errors, shapes
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
)
from sagemaker_rt.testing.stub_outputs import make_output, stub_data


def test_an_output_has_default_members() -> None:
    whole = stub_data("InvokeEndpoint")
    queued = stub_data("InvokeEndpointAsync")
    stream = stub_data("InvokeEndpointWithResponseStream")

    assert whole == shapes.InvokeEndpointOutput(
        body=b"stubbed",
        content_type="application/octet-stream",
        invoked_production_variant="AllTraffic",
        custom_attributes="stubbed",
    )
    assert queued == shapes.InvokeEndpointAsyncOutput(
        inference_id="stubbed-inference-id",
        output_location="s3://stubbed-bucket/output/stubbed-inference-id.out",
        failure_location="s3://stubbed-bucket/failure/stubbed-inference-id.out",
    )
    assert stream == shapes.InvokeEndpointWithResponseStreamOutput(
        content_type="application/octet-stream",
        invoked_production_variant="AllTraffic",
        custom_attributes="stubbed",
    )
    assert [200, 202, 200] == [o.http_status for o in (whole, queued, stream)]
    assert {"stubbed-request-id"} == {o.request_id for o in (whole, queued, stream)}


def test_members_override_defaults() -> None:
    output = stub_data(
        "invoke_endpoint", body="é", content_type=None, new_session_id="s; Expires="
    )

    assert ("é".encode(), None) == (output.body, output.content_type)
    assert "s; Expires=" == output.new_session_id
    assert "AllTraffic" == output.invoked_production_variant


def test_an_operation_may_be_the_name_of_a_method() -> None:
    queued = stub_data("invoke_endpoint_async", inference_id="i")
    stream = stub_data("invoke_endpoint_with_response_stream")

    assert "i" == queued.inference_id
    assert isinstance(stream, shapes.InvokeEndpointWithResponseStreamOutput)


def test_an_unknown_operation_is_rejected() -> None:
    name: Any = "InvokeEndpont"

    with pytest.raises(errors.OptionsError, match="'InvokeEndpoint'"):
        stub_data(name)


def test_an_output_without_members_is_empty() -> None:
    assert shapes.InvokeEndpointOutput(body=b"") == make_output(INVOKE_ENDPOINT, {})
    empty = shapes.InvokeEndpointAsyncOutput()
    assert empty == make_output(INVOKE_ENDPOINT_ASYNC, {})


def test_unknown_members_are_rejected_with_suggestions() -> None:
    members: dict[Any, object] = {"contenttype": "a", "bdy": b"", "metadata": {}, 1: 2}

    with pytest.raises(errors.ParamValidationError) as caught:
        make_output(INVOKE_ENDPOINT, members)

    suggestions = dict.fromkeys(("'1'", "'bdy'", "'contenttype'", "'metadata'"), "")
    suggestions |= {"'bdy'": "'body'", "'contenttype'": "'content_type'"}
    problems = caught.value.problems
    assert len(suggestions) == len(problems)
    for problem, (member, suggestion) in zip(
        problems, suggestions.items(), strict=True
    ):
        assert member in problem
        assert suggestion in problem


def test_an_invalid_value_is_rejected() -> None:
    with pytest.raises(errors.ParamValidationError) as caught:
        make_output(INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, {"content_type": 1})

    assert "not int" in str(caught.value)
