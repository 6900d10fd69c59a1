"""The opening of a stream, through the whole stack."""

from __future__ import annotations

import pytest

from sagemaker_rt import (
    Client,
    Credentials,
    InvokeEndpointWithBidirectionalStreamInput,
    ParamValidationError,
    SharedConfigError,
    with_options,
)
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.invocation.stream_opening import _padding


async def test_the_shape_and_options_can_be_passed() -> None:
    async with (
        Emulator() as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
        ) as client,
        client.invoke_endpoint_with_bidirectional_stream(
            InvokeEndpointWithBidirectionalStreamInput(endpoint_name="echo"),
            with_options(pad_events=True),
        ) as stream,
    ):
        await stream.send_text("x")

        assert "x" == await anext(stream.messages())


async def test_an_error_before_the_call_has_its_operation() -> None:
    async with Client(environ={}, credentials=Credentials("a", "b")) as client:
        with pytest.raises(ParamValidationError) as caught:
            await client.invoke_endpoint_with_bidirectional_stream(endpoint_name="/")
    assert "InvokeEndpointWithBidirectionalStream" == caught.value.operation


async def test_an_error_of_the_configuration_is_raised() -> None:
    async with Client(environ={}, profile="missing") as client:
        with pytest.raises(SharedConfigError):
            await client.invoke_endpoint_with_bidirectional_stream(endpoint_name="e")


def test_padding_has_many_lengths() -> None:
    assert len({len(_padding()) for _ in range(300)}) > 20
