from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs.exceptions import FrozenInstanceError

from sagemaker_rt.context import HTTP_STATUS, REQUEST_ID, Metadata
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
    InvokeEndpointWithResponseStreamOutput,
    OperationOutput,
    PayloadPart,
    SessionInfo,
    UnknownEvent,
)

OUTPUTS: list[OperationOutput] = [
    InvokeEndpointOutput(body=b""),
    InvokeEndpointAsyncOutput(),
    InvokeEndpointWithResponseStreamOutput(),
]


def test_an_input_is_a_frozen_value() -> None:
    input = InvokeEndpointInput(endpoint_name="m", body=b"abc")

    assert InvokeEndpointInput(endpoint_name="m", body=b"abc") == input
    assert InvokeEndpointInput(endpoint_name="m", body=b"abd") != input
    with pytest.raises(FrozenInstanceError):
        input.body = b""  # type: ignore[misc] # what is tested


@pytest.mark.parametrize(
    "shape",
    [
        InvokeEndpointInput(
            endpoint_name="m", body=b"a-secret", custom_attributes="a-secret"
        ),
        InvokeEndpointAsyncInput(
            endpoint_name="m", body=b"a-secret", custom_attributes="a-secret"
        ),
        InvokeEndpointWithResponseStreamInput(
            endpoint_name="m", body=b"a-secret", custom_attributes="a-secret"
        ),
        InvokeEndpointOutput(body=b"a-secret", custom_attributes="a-secret"),
        InvokeEndpointWithResponseStreamOutput(custom_attributes="a-secret"),
        PayloadPart(b"a-secret"),
        UnknownEvent("Newer", {}, b"a-secret"),
    ],
)
def test_a_repr_shows_nothing_sensitive(shape: object) -> None:
    assert "a-secret" not in repr(shape)


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_without_a_call_knows_no_facts(output: OperationOutput) -> None:
    assert output.http_status is None
    assert len(output.metadata) == 0


def test_an_output_carries_the_facts_of_its_call() -> None:
    metadata = Metadata()
    metadata[HTTP_STATUS] = 200
    metadata[REQUEST_ID] = "r-1"

    output = InvokeEndpointOutput(body=b"", metadata=metadata)

    assert (200, "r-1") == (output.http_status, output.request_id)


def test_outputs_are_equal_whatever_their_calls_were_like() -> None:
    metadata = Metadata()
    metadata[HTTP_STATUS] = 200

    assert InvokeEndpointOutput(body=b"a") == InvokeEndpointOutput(
        body=b"a", metadata=metadata
    )


@pytest.mark.parametrize(
    ("new_session_id", "expected"),
    [
        (None, None),
        (
            "s-1; Expires=2030-10-22T12:34:56Z",
            SessionInfo(
                id="s-1", expires_at=datetime(2030, 10, 22, 12, 34, 56, tzinfo=UTC)
            ),
        ),
        ("s-1", SessionInfo(id="s-1", expires_at=None)),
        ("s-1;", SessionInfo(id="s-1", expires_at=None)),
        ("s-1; Expires=soon", SessionInfo(id="s-1", expires_at=None)),
        ("s-1; Path=/", SessionInfo(id="s-1", expires_at=None)),
    ],
)
def test_a_new_session_is_taken_apart(
    new_session_id: str | None, expected: SessionInfo | None
) -> None:
    output = InvokeEndpointOutput(body=b"", new_session_id=new_session_id)

    assert expected == output.new_session


def test_events_are_values() -> None:
    assert PayloadPart(b"a") == PayloadPart(b"a")
    assert UnknownEvent("Newer", {}, b"a") != UnknownEvent("Newer", {}, b"b")
