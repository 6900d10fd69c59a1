from __future__ import annotations

import attrs
import pytest

from sagemaker_rt import errors, shapes
from sagemaker_rt.http import Headers, Request
from sagemaker_rt.operations import OPERATIONS
from sagemaker_rt.sansio.request_serialization import compile_serializer
from sagemaker_rt.testing.stub_request import (
    StubRequest,
    find_operation,
    operation_of_request,
)

INPUTS = [
    shapes.InvokeEndpointInput(endpoint_name="m", body=b""),
    shapes.InvokeEndpointInput(
        endpoint_name="m/é %",
        body=b"\x00\xff",
        content_type="text/csv",
        accept="*/*",
        custom_attributes="c=1",
        target_model="t.tar.gz",
        target_variant="v",
        target_container_hostname="h",
        inference_id="i",
        enable_explanations="`true`",
        inference_component_name="ic",
        session_id="NEW_SESSION",
        prefix_aware_id="p",
    ),
    shapes.InvokeEndpointAsyncInput(
        endpoint_name="m",
        input_location="s3://bucket/key",
        request_ttl_seconds=60,
        invocation_timeout_seconds=3600,
    ),
    shapes.InvokeEndpointAsyncInput(endpoint_name="m", body=b"{}", filename="f.out"),
    shapes.InvokeEndpointWithResponseStreamInput(
        endpoint_name="m", body=b"{}", accept="text/plain", session_id="s"
    ),
]


@pytest.mark.parametrize("params", INPUTS, ids=lambda params: type(params).__name__)
def test_the_input_is_decoded_from_the_request(params: attrs.AttrsInstance) -> None:
    name = type(params).__name__.removesuffix("Input")
    request = Request(headers=Headers())
    compile_serializer(type(params), OPERATIONS[name].path)(params, request)

    received = StubRequest(name, request)

    assert params == received.params


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("InvokeEndpoint", "invoke_endpoint"),
        ("InvokeEndpointAsync", "invoke_endpoint_async"),
        ("InvokeEndpointWithResponseStream", "invoke_endpoint_with_response_stream"),
    ],
)
def test_an_operation_is_found_by_name_and_by_method(name: str, spelling: str) -> None:
    assert OPERATIONS[name] is find_operation(name) is find_operation(spelling)


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("InvokeEndpiont", "'InvokeEndpoint'"),
        ("invoke_endpoint_asinc", "'invoke_endpoint_async'"),
        ("Predict", f"{[*OPERATIONS]}"),
    ],
)
def test_an_unknown_operation_is_rejected_with_a_suggestion(
    name: str, suggestion: str
) -> None:
    with pytest.raises(errors.OptionsError) as caught:
        find_operation(name)

    assert repr(name) in str(caught.value)
    assert suggestion in str(caught.value)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_the_operation_is_found_by_the_path(operation: object) -> None:
    path = operation.path.replace("{EndpointName}", "m")  # type: ignore[attr-defined] # it is an Operation

    assert operation is operation_of_request(Request(path=path))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/endpoints/m/invocations"),
        ("POST", "/endpoints/m/invocation"),
        ("POST", "/endpoints/m/n/invocations"),
        ("POST", "/"),
    ],
)
def test_another_request_has_no_operation(method: str, path: str) -> None:
    assert operation_of_request(Request(method, path)) is None
